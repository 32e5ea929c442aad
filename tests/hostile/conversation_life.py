"""The life of a conversation as a state machine: whatever is asked in whatever order, gateway and model agree."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.errors import EditFailed
from shared.ids import new_id
from shared.schemas.edit import EditTimings
from shared.storage.claims import ClaimStore
from shared.storage.files import ImageFiles
from shared.storage.records import Claim, Renewal, Verdict, Written, describe_image
from tests.hostile.conversation_model import TERMINAL, ConversationModel, ModelEdit, ModelRevision
from tests.hostile.events_of import Told, events_of
from tests.hostile.gateway_process import SAMPLE, Json, problem_of
from tests.hostile.pictures import encoded_drawing

PICTURE = encoded_drawing()
WORDS = {"clarification": "change it", "chat": "thanks", "edit": "make it night"}
UNKNOWN = "rev_unknown"
IF_MATCH = st.sampled_from(["", "", "", "fresh", "any", "stale"])
MOSTLY = st.sampled_from([True, True, True, False])


@dataclass(frozen=True)
class Saying:
    """Something to say: of which kind, under which conditions, and what an edit shall make."""

    kind: str
    if_match: str = ""
    run: bool = True
    keyed: bool = False
    count: int = 1


SAYINGS = st.builds(
    Saying,
    kind=st.sampled_from(["edit", "edit", "edit", "clarification", "chat"]),
    if_match=IF_MATCH,
    run=MOSTLY,
    keyed=st.booleans(),
    count=st.integers(1, 2),
)


class ConversationLife(RuleBasedStateMachine):
    """Talks to the gateway as a client, to Redis as a worker, and keeps the model."""

    def __init__(self, api: httpx.Client, claims: ClaimStore, files: ImageFiles) -> None:
        super().__init__()
        self.api, self.claims, self.files = api, claims, files
        self.claim: Claim | None = None
        self.said = 0
        self.kept: list[tuple[str, str, Json, httpx.Response]] = []  # path, idempotency key, body, first answer

    @initialize()
    def create(self) -> None:
        """Begin one."""
        created = self.expect(201, self.api.post("/v1/conversations", json={"image_id": SAMPLE}))
        root = created["root_revision_id"]
        self.model = ConversationModel(created["id"], root, root, revisions={root: ModelRevision(None, [])})
        self.url = f"/v1/conversations/{created['id']}"
        self.claim = None

    @rule(saying=SAYINGS, data=st.data())
    def say(self, saying: Saying, data: st.DataObject) -> None:
        """Say something, from any revision."""
        base = data.draw(st.sampled_from(["head", "head", "root", UNKNOWN, *self.model.revisions]))
        self.take_turn(saying, base)

    @precondition(lambda self: self.model.unfinished is None)
    @rule(count=st.integers(1, 2), data=st.data())
    def make_a_revision(self, count: int, data: st.DataObject) -> None:
        """Say something that is carried out at once, so that trees grow."""
        base = data.draw(st.sampled_from(["head", "root", *self.model.revisions]))
        self.take_turn(Saying("edit", count=count), base)
        self.a_worker_takes_it()
        self.a_worker_ends_it("succeeded")

    def take_turn(self, saying: Saying, base: str) -> None:
        """Say something, and check what comes of it."""
        kind, text = saying.kind, self.words(saying.kind)
        body = {"text": text, "base": base, "run": saying.run, "parameters": {"count": saying.count}}
        answer = self.post(f"{self.url}/turns", body, saying.if_match, saying.keyed)
        if self.refused(answer, self.model.refusal(saying.if_match, base)):
            return
        starts = kind == "edit" and saying.run
        turn = self.expect(202 if starts else 200, answer)
        assert (turn["number"], turn["text"]) == (len(self.model.turns) + 1, text)
        assert (turn["reply"]["kind"], turn["base_revision_id"]) == (kind, self.model.revision(base))
        assert turn["instruction"] == (text if kind == "edit" else None)
        if starts:
            prior = self.model.agreed() if base == "root" else []
            self.begun(turn["edit"], ModelEdit([*prior, text], turn["base_revision_id"], saying.count))
        else:
            assert turn["edit"] is None
        self.model.say(text, kind)

    @precondition(lambda self: self.model.unfinished is None)
    @rule()
    def say_two_things_at_once(self) -> None:
        """One is said before the other, or one is refused; never is one lost or torn."""
        texts = [self.words("clarification"), self.words("chat")]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda text: self.post(f"{self.url}/turns", {"text": text}), texts))
        taken = [answer.json() for answer in answers if answer.status_code == 200]
        assert taken
        for answer in answers:
            assert answer.status_code == 200 or self.refused(answer, (409, "concurrent-change"))
        for turn in sorted(taken, key=lambda turn: turn["number"]):
            self.model.say(turn["text"], turn["reply"]["kind"])

    @rule(if_match=IF_MATCH, keyed=st.booleans(), data=st.data())
    def ask_for_an_edit(self, if_match: str, keyed: bool, data: st.DataObject) -> None:
        """An explicit instruction, of the head or any revision."""
        base = data.draw(st.sampled_from(["head", UNKNOWN, *self.model.revisions]))
        text = self.words("edit")
        body = {"instruction": text, "conversation_id": self.model.id}
        answer = self.post("/v1/edits", body if base == "head" else {**body, "base_revision_id": base}, if_match, keyed)
        if not self.refused(answer, self.model.refusal(if_match, base)):
            edit = self.expect(202, answer)
            self.begun(edit, ModelEdit([text], str(self.model.revision(base)), 1))
            self.model.version += 1

    @precondition(lambda self: self.model.unfinished is not None and self.claim is None)
    @rule()
    def a_worker_takes_it(self) -> None:
        """The unfinished edit begins to run."""
        assert self.model.unfinished
        assert self.model.in_progress
        claim = self.claims.claim(self.model.unfinished, "stand-in")
        assert isinstance(claim, Claim)
        assert [*claim.prior_instructions, claim.instruction] == self.model.in_progress.instructions
        self.claim, self.model.in_progress.status = claim, "running"

    @precondition(lambda self: self.claim is not None)
    @rule(outcome=st.sampled_from(["succeeded", "succeeded", "failed", "canceled"]))
    def a_worker_ends_it(self, outcome: str) -> None:
        """The running edit ends; it is canceled only where somebody asked for it."""
        claim, edit, edit_id = self.claim, self.model.in_progress, self.model.unfinished
        assert claim
        assert edit
        [verdict] = self.claims.renew([Renewal(claim, 1, claim.parameters.steps)])
        assert verdict is (Verdict.CANCEL if edit.cancel_requested else Verdict.CONTINUE)
        if outcome == "canceled" and not edit.cancel_requested:
            return
        assert self.end(claim, outcome) is Written.OK
        assert self.end(claim, outcome) is Written.REPLAY
        told = self.read(f"/v1/edits/{edit_id}")
        assert told["status"] == outcome
        self.model.end(outcome, told["revision_ids"])
        self.claim = None

    @precondition(lambda self: self.claim is not None)
    @rule()
    def a_worker_gives_it_back(self) -> None:
        """It waits again, or is over where somebody asked for that."""
        claim, edit = self.claim, self.model.in_progress
        assert claim
        assert edit
        assert self.claims.release(claim) is Written.OK
        assert self.end(claim, "succeeded") is Written.FENCED
        self.claim, edit.status = None, "queued"
        if edit.cancel_requested:
            self.model.end("canceled", [])

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Cancel any edit: a waiting one ends, a running one is told to, one that is over stays as it is."""
        if not self.model.edits:
            return
        edit_id = data.draw(st.sampled_from(list(self.model.edits)))
        edit = self.model.edits[edit_id]
        told = self.expect(200, self.api.post(f"/v1/edits/{edit_id}/cancel"))
        if edit.status == "queued":
            self.model.end("canceled", [])
        elif edit.status == "running":
            edit.cancel_requested = True
        assert told["status"] == edit.status

    @rule(data=st.data())
    def run_again(self, data: st.DataObject) -> None:
        """Run any edit again: inside of the conversation if it came to nothing."""
        if not self.model.edits:
            return
        edit_id = data.draw(st.sampled_from(list(self.model.edits)))
        edit = self.model.edits[edit_id]
        answer = self.api.post(f"/v1/edits/{edit_id}/rerun")
        if edit.status not in TERMINAL:
            self.refused(answer, (409, "edit-not-finished"))
        elif edit.status == "succeeded":
            outside = self.expect(202, answer)
            assert outside["conversation_id"] is None
            self.expect(200, self.api.post(f"/v1/edits/{outside['id']}/cancel"))
        elif not self.refused(answer, self.model.refusal("", edit.base)):
            self.begun(self.expect(202, answer), ModelEdit(edit.instructions, edit.base, edit.pictures))
            self.model.version += 1

    @rule(if_match=IF_MATCH, data=st.data())
    def move_the_head(self, if_match: str, data: st.DataObject) -> None:
        """Undo, redo, branch."""
        revision = data.draw(st.sampled_from([UNKNOWN, *self.model.revisions]))
        answer = self.api.put(f"{self.url}/head", json={"revision_id": revision}, headers=self.condition(if_match))
        if not self.refused(answer, self.model.refusal(if_match, revision)):
            self.expect(200, answer)
            self.model.version += revision != self.model.head
            self.model.head = revision

    @rule(if_match=IF_MATCH, patch=st.sampled_from([{}, {"title": "a"}, {"title": None}, {"defaults": {"steps": 2}}]))
    def change(self, if_match: str, patch: Json) -> None:
        """Change what may be changed at any time."""
        answer = self.api.patch(self.url, json=patch, headers=self.condition(if_match))
        if not self.refused(answer, (412, "version-mismatch") if if_match == "stale" else None):
            assert self.expect(200, answer).items() >= {k: v for k, v in patch.items() if k == "title"}.items()
            self.model.version += 1

    @precondition(lambda self: self.kept)
    @rule(another_body=st.booleans(), data=st.data())
    def ask_the_same_again(self, another_body: bool, data: st.DataObject) -> None:
        """The same key and body get the first answer, whatever happened since; another body gets a refusal."""
        path, key, body, first = data.draw(st.sampled_from(self.kept))
        body = {**body, "parameters": {"steps": 77}} if another_body else body
        answer = self.api.post(path, json=body, headers={"Idempotency-Key": key})
        if not self.refused(answer, (422, "idempotency-mismatch") if another_body else None):
            assert answer.headers["idempotent-replayed"] == "true"
            assert (answer.status_code, answer.content) == (first.status_code, first.content)

    @rule(if_match=IF_MATCH, sure=st.integers(0, 9))
    def delete(self, if_match: str, sure: int) -> None:
        """It is gone with all that belongs to it, a worker that is at it writes nothing, and another one begins."""
        if sure < 9:
            return
        answer = self.api.delete(self.url, headers=self.condition(if_match))
        if self.refused(answer, (412, "version-mismatch") if if_match == "stale" else None):
            return
        assert answer.status_code == 204
        gone = [self.url, f"{self.url}/turns", f"{self.url}/revisions", f"{self.url}/events"]
        for url in [*gone, *(f"/v1/edits/{edit_id}" for edit_id in self.model.edits)]:
            assert self.refused(self.api.get(url), (404, "not-found"))
        if self.claim:
            assert self.end(self.claim, "succeeded") is Written.FENCED
        self.create()

    @invariant()
    def the_gateway_says_what_the_model_says(self) -> None:
        """Version, head, turns, tree and edits."""
        model, answer = self.model, self.api.get(self.url)
        told = self.expect(200, answer)
        assert answer.headers["etag"] == f'"{model.version}"'
        assert (told["version"], told["head_revision_id"]) == (model.version, model.head)
        assert (told["unfinished_edit_id"], told["turn_count"]) == (model.unfinished, len(model.turns))
        turns = self.read(f"{self.url}/turns?limit=100")["items"]
        assert [turn["number"] for turn in turns] == list(range(1, len(model.turns) + 1))
        assert [(turn["text"], turn["reply"]["kind"]) for turn in turns] == model.turns
        tree = {each["id"]: each["parent_id"] for each in self.read(f"{self.url}/revisions")["items"]}
        assert tree == {name: revision.parent for name, revision in model.revisions.items()}

    def teardown(self) -> None:
        """Every edit that is over has told so once, events are without a gap, and nothing is left behind."""
        if not hasattr(self, "model"):
            return
        told = events_of(self.api, self.url)
        assert [event.id for event in told] == list(range(1, len(told) + 1))
        assert count(told, "turn.created") == len(self.model.turns)
        for edit_id, edit in self.model.edits.items():
            ends = [each.kind for each in told if each.data.get("edit_id") == edit_id and each.is_terminal]
            assert ends == ([f"edit.{edit.status}"] if edit.status in TERMINAL else [])
        assert self.api.delete(self.url).status_code == 204

    # helpers

    def words(self, kind: str) -> str:
        """A text that gets a reply of this kind and was never said before."""
        self.said += 1
        return f"{WORDS[kind]} {self.said}"

    def condition(self, if_match: str) -> dict[str, str]:
        """The If-Match header."""
        tags = {"": None, "any": "*", "fresh": f'"{self.model.version}"', "stale": f'"{self.model.version - 1}"'}
        return {"If-Match": tag} if (tag := tags[if_match]) else {}

    def post(self, path: str, body: Json, if_match: str = "", keyed: bool = False) -> httpx.Response:
        """Post, perhaps under an idempotency key, which is kept where it was taken."""
        key = new_id("key")
        headers = {**self.condition(if_match), **({"Idempotency-Key": key} if keyed else {})}
        answer = self.api.post(path, json=body, headers=headers)
        if keyed and answer.is_success:
            self.kept.append((path, key, body, answer))
        return answer

    def begun(self, told: Json, edit: ModelEdit) -> None:
        """Check an accepted edit, and note it."""
        assert (told["status"], told["base_revision_id"]) == ("queued", edit.base)
        assert [*told["prior_instructions"], told["instruction"]] == edit.instructions
        self.model.begin(told["id"], edit)

    def end(self, claim: Claim, outcome: str) -> Written:
        """Write an edit's end as a worker does."""
        if outcome == "failed":
            return self.claims.fail(claim, EditFailed().problem())
        if outcome == "canceled":
            return self.claims.cancel(claim)
        images = []
        for index in range(claim.parameters.count):
            file = claim.result_file(index)
            self.files.put(file, PICTURE)
            images.append(describe_image(new_id("img"), file, PICTURE, "image/png", (48, 32)))
        return self.claims.succeed(claim, images, EditTimings(encode_s=0.1), "stand-in-editor")

    def read(self, path: str) -> Json:
        """Get something that is there."""
        return self.expect(200, self.api.get(path))

    def expect(self, status: int, answer: httpx.Response) -> Json:
        """Check the status, and give the body."""
        assert answer.status_code == status, (status, answer.status_code, answer.text)
        body: Json = answer.json()
        return body

    def refused(self, answer: httpx.Response, refusal: tuple[int, str] | None) -> bool:
        """Whether the model wants a refusal; then it must be exactly this one."""
        if refusal is None:
            return False
        problem = problem_of(answer, refusal)
        assert (problem["status"], problem["code"]) == refusal, answer.text
        assert refusal[1] != "edit-in-progress" or problem["edit_id"] == self.model.unfinished
        assert refusal[1] != "version-mismatch" or problem["version"] == self.model.version
        return True


def count(told: list[Told], kind: str) -> int:
    """How many events are of a kind."""
    return sum(event.kind == kind for event in told)
