"""Taking a turn, with fakes in place of the store, the dialogue model and the served models."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gateway.turn import TAKEN_BACK, Saying, take_turn
from shared.errors import DialogueUnavailable, NoWorker, WebhooksOff
from shared.schemas.conversation import Conversation, Revision
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from shared.schemas.edit import Edit
from shared.schemas.operations import EditingLimits, EditingModel
from shared.schemas.parameters import EditDefaults, EditParameters
from shared.schemas.turn import Reply, Turn, TurnRequest
from shared.storage.conversations import Made, PastTurn, TurnContext
from shared.storage.records import NewEdit, NewTurn, Operation

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SERVED = EditingModel(
    name="fake",
    digest="0",
    parameter_count=1,
    device="cpu",
    dtype="float32",
    limits=EditingLimits(max_side=128, multiple_of=8),
    defaults=EditDefaults(steps=20, text_guidance_scale=7.5, image_guidance_scale=1.5),
)
ROOT = Revision(id="rev_root", image_id="img_root", created_at=NOW)
ORANGE = Revision(
    id="rev_orange", parent_id="rev_root", image_id="img_orange", instruction="paint the house orange", created_at=NOW
)


def conversation(**more: object) -> Conversation:
    return Conversation.model_validate(
        {
            "id": "conv_1",
            "caption": "a red house",
            "head_revision_id": "rev_orange",
            "root_revision_id": "rev_root",
            "root_image_id": "img_root",
            "version": 5,
            "created_at": NOW,
            "updated_at": NOW,
            **more,
        }
    )


@dataclass
class FakeConversations:
    """One conversation whose head is the orange house."""

    context: TurnContext
    appended: list[tuple[NewTurn, int, NewEdit | None]] = field(default_factory=list)
    read_again: list[int] = field(default_factory=list)

    async def begin_turn(
        self, tenant: str, conversation_id: str, base: str = "head", if_version: int | None = None
    ) -> TurnContext:
        return self.context

    async def append_turn(
        self,
        tenant: str,
        conversation_id: str,
        turn: NewTurn,
        version: int,
        edit: NewEdit | None = None,
        operation: Operation | None = None,
    ) -> Turn:
        self.appended.append((turn, version, edit))
        return turn_of(turn)

    async def turn(self, tenant: str, conversation_id: str, number: int) -> Turn:
        self.read_again.append(number)
        return turn_of(NewTurn("turn_1", "before", Reply(kind=ReplyKind.CHAT, text="hello"), "rev_root"))


@dataclass
class FakeDialogue:
    """Says what it was told to."""

    answer: DialogueReply | None = None
    asked: list[DialogueRequest] = field(default_factory=list)

    def will_say(self, text: str, instruction: str | None, **more: bool) -> None:
        kind = ReplyKind.EDIT if instruction else ReplyKind.CLARIFICATION
        self.answer = DialogueReply(kind=kind, text=text, instruction=instruction, model="fake", **more)

    async def reply(self, request: DialogueRequest) -> DialogueReply:
        self.asked.append(request)
        if self.answer is None:
            raise DialogueUnavailable()
        return self.answer


@dataclass
class FakeEdits:
    """Edits by their ids."""

    kept: dict[str, Edit] = field(default_factory=dict)

    async def get(self, tenant: str, edit_id: str) -> Edit:
        return self.kept[edit_id]


@dataclass
class FakeModels:
    """Serves an editing model, or none."""

    present: EditingModel | None = field(default_factory=lambda: SERVED)

    async def editing(self) -> EditingModel:
        if self.present is None:
            raise NoWorker()
        return self.present


@dataclass
class FakeWebhooks:
    """Takes every URL, or none."""

    refuses: bool = False

    async def check(self, url: str | None) -> None:
        if self.refuses:
            raise WebhooksOff()


@dataclass
class FakePorts:
    """Everything that taking a turn needs."""

    conversations: FakeConversations
    dialogue: FakeDialogue = field(default_factory=FakeDialogue)
    models: FakeModels = field(default_factory=FakeModels)
    webhooks: FakeWebhooks = field(default_factory=FakeWebhooks)
    edits: FakeEdits = field(default_factory=FakeEdits)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_new"

    def new_seed(self) -> int:
        return 4711

    @property
    def edit(self) -> NewEdit | None:
        [(_, _, edit)] = self.conversations.appended
        return edit


def turn_of(turn: NewTurn) -> Turn:
    return Turn(
        number=1,
        text=turn.text,
        reply=turn.reply,
        instruction=turn.instruction,
        base_revision_id=turn.base_revision_id,
        adjust=turn.adjust,
        created_at=NOW,
    )


def made(revision: Revision) -> Made:
    done = (*revision.prior_instructions, revision.instruction)
    return Made(revision.id, tuple(text for text in done if text))


def ports_with(base: Revision = ORANGE, turns: int = 0, **more: object) -> FakePorts:
    past = PastTurn("hm", Reply(kind=ReplyKind.CLARIFICATION, text="What?"), None)
    path = [made(ROOT)] if base is ROOT else [made(ROOT), made(base)]
    context = TurnContext(conversation(**more), base, path, [made(ROOT), made(ORANGE)], [past] * turns)
    return FakePorts(FakeConversations(context))


def saying(text: str, operation: Operation | None = None, **more: object) -> Saying:
    return Saying("ann", "conv_1", TurnRequest.model_validate({"text": text, **more}), operation=operation)


async def test_an_ambiguous_wish_gets_a_question_and_no_edit() -> None:
    ports = ports_with()
    ports.dialogue.will_say("Which colour should the car be?", instruction=None)
    turn = await take_turn(saying("change the car"), ports)
    assert turn.reply.text == "Which colour should the car be?"
    assert ports.edit is None


async def test_an_explicit_wish_queues_an_edit_of_the_base_picture() -> None:
    ports = ports_with()
    ports.dialogue.will_say("I'll make it night.", instruction="make it night")
    await take_turn(saying("make it night"), ports)
    assert ports.edit is not None
    assert (ports.edit.instruction, ports.edit.source_image_id) == ("make it night", "img_orange")
    assert (ports.edit.base_revision_id, ports.edit.prior_instructions) == ("rev_orange", ())


async def test_a_webhook_goes_with_the_edit_unless_it_is_refused() -> None:
    ports = ports_with()
    ports.dialogue.will_say("I'll make it night.", instruction="make it night")
    await take_turn(saying("make it night", webhook_url="https://hooks.example/"), ports)
    assert ports.edit is not None
    assert ports.edit.webhook_url == "https://hooks.example/"
    ports.webhooks.refuses = True
    with pytest.raises(WebhooksOff):
        await take_turn(saying("make it night", webhook_url="https://hooks.example/"), ports)
    assert len(ports.conversations.appended) == 1


async def test_the_turn_is_written_against_the_version_that_was_read() -> None:
    ports = ports_with()
    ports.dialogue.will_say("What?", instruction=None)
    await take_turn(saying("hm"), ports)
    [(turn, version, _)] = ports.conversations.appended
    assert (turn.base_revision_id, version) == ("rev_orange", 5)


async def test_parameters_come_from_the_turn_then_the_conversation_then_the_model() -> None:
    ports = ports_with(defaults=EditParameters(steps=30, count=2))
    ports.dialogue.will_say("Yes.", instruction="make it night")
    await take_turn(saying("make it night", parameters={"count": 3}), ports)
    assert ports.edit is not None
    resolved = ports.edit.parameters
    assert (resolved.count, resolved.steps, resolved.text_guidance_scale, resolved.seed) == (3, 30, 7.5, 4711)


async def test_base_root_repeats_what_was_agreed_from_the_original_picture() -> None:
    ports = ports_with(base=ROOT)
    ports.dialogue.will_say("Yes.", instruction="make it night")
    await take_turn(saying("make it night", base="root"), ports)
    assert ports.edit is not None
    assert ports.edit.source_image_id == "img_root"
    assert ports.edit.prior_instructions == ("paint the house orange",)
    assert ports.dialogue.asked[0].instructions == ["paint the house orange"]


async def test_an_older_revision_as_base_leaves_out_what_came_later() -> None:
    ports = ports_with(base=ROOT)
    ports.dialogue.will_say("Yes.", instruction="make it night")
    await take_turn(saying("make it night", base="rev_root"), ports)
    assert ports.edit is not None
    assert ports.edit.prior_instructions == ()
    assert ports.dialogue.asked[0].instructions == []


async def test_a_revision_that_repeated_others_counts_with_all_of_them() -> None:
    repeated = ORANGE.model_copy(update={"prior_instructions": ["remove the tree"]})
    ports = ports_with(base=repeated)
    ports.dialogue.will_say("What?", instruction=None)
    await take_turn(saying("hm"), ports)
    assert ports.dialogue.asked[0].instructions == ["remove the tree", "paint the house orange"]


async def test_run_false_keeps_the_instruction_and_starts_nothing() -> None:
    ports = ports_with()
    ports.models.present = None  # not even asked
    ports.dialogue.will_say("I'll make it night.", instruction="make it night")
    turn = await take_turn(saying("make it night", run=False), ports)
    assert turn.instruction == "make it night"
    assert ports.edit is None


async def test_without_an_answer_nothing_is_recorded() -> None:
    ports = ports_with()
    with pytest.raises(DialogueUnavailable):
        await take_turn(saying("make it night"), ports)
    assert ports.conversations.appended == []


async def test_without_a_known_editing_model_nothing_is_recorded() -> None:
    ports = ports_with()
    ports.models.present = None
    ports.dialogue.will_say("I'll make it night.", instruction="make it night")
    with pytest.raises(NoWorker):
        await take_turn(saying("make it night"), ports)
    assert ports.conversations.appended == []


async def test_a_repeated_request_whose_turn_exists_only_reads_it() -> None:
    ports = ports_with()
    turn = await take_turn(saying("make it night", operation=Operation("key", "token", "3")), ports)
    assert turn.text == "before"
    assert ports.conversations.read_again == [3]
    assert ports.dialogue.asked == []


async def test_two_wishes_are_one_edit_of_two_steps() -> None:
    ports = ports_with()
    ports.dialogue.will_say("I'll do both.", instruction="remove the tree; make it night")
    turn = await take_turn(saying("remove the tree and make it night"), ports)
    assert turn.instruction == "remove the tree; make it night"
    assert ports.edit is not None
    assert (ports.edit.prior_instructions, ports.edit.instruction) == (("remove the tree",), "make it night")
    assert ports.edit.source_image_id == "img_orange"


async def test_what_the_editor_was_never_taught_is_said_and_not_tried() -> None:
    ports = ports_with()
    ports.models.present = SERVED.model_copy(update={"words": ["paint", "the", "red"]})
    ports.dialogue.will_say("Yes.", instruction="paint the moped red")
    turn = await take_turn(saying("red moped please"), ports)
    assert (turn.reply.kind, turn.instruction, ports.edit) == (ReplyKind.CHAT, None, None)
    assert "“moped”" in turn.reply.text


async def test_undo_in_words_moves_the_head_instead_of_editing() -> None:
    ports = ports_with()
    ports.dialogue.will_say("I'll paint the house red.", "paint the house red", takes_back=True)
    turn = await take_turn(saying("no, put it back as it was"), ports)
    assert ports.edit is None
    assert (turn.reply.kind, turn.instruction) == (ReplyKind.CHAT, None)
    [(appended, _, _)] = ports.conversations.appended
    assert (appended.base_revision_id, appended.head_revision_id) == ("rev_orange", "rev_root")


async def test_undo_in_words_takes_back_a_whole_turn_of_two_steps() -> None:
    ports = ports_with(base=ORANGE.model_copy(update={"prior_instructions": ["remove the tree"]}))
    ports.dialogue.will_say("Yes.", "paint the house red", undoes=True)  # the reply knows of one step alone
    await take_turn(saying("undo"), ports)
    [(appended, _, _)] = ports.conversations.appended
    assert appended.head_revision_id == "rev_root"


async def test_undo_in_words_needs_no_instruction_that_says_it() -> None:
    ports = ports_with()
    ports.dialogue.answer = DialogueReply(kind=ReplyKind.CHAT, text="I can't tell.", undoes=True, model="fake")
    turn = await take_turn(saying("undo"), ports)
    assert turn.reply.text == TAKEN_BACK


@pytest.mark.parametrize(
    ("base", "more"),
    [
        (ORANGE, {"run": False}),
        (ROOT, {"base": "root"}),
        (ORANGE.model_copy(update={"prior_instructions": ["remove the tree"]}), {}),
    ],
    ids=["for approval", "from the root", "after several at once"],
)
async def test_only_a_revision_that_shows_the_same_is_gone_back_to(base: Revision, more: dict[str, object]) -> None:
    ports = ports_with(base=base)
    ports.dialogue.will_say("I'll paint the house red.", "paint the house red", takes_back=True)
    turn = await take_turn(saying("undo", None, **more), ports)
    assert turn.instruction == "paint the house red"
    [(appended, _, _)] = ports.conversations.appended
    assert appended.head_revision_id is None
