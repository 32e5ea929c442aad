"""Doing the last edit again with its guidance moved, with fakes in place of what is outside of the gateway."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.adjusting import NOTHING_TO_REPEAT
from gateway.turn import take_turn
from shared.schemas.adjustment import Adjustment, Way
from shared.schemas.dialogue import DialogueReply, ReplyKind
from shared.schemas.edit import Edit, EditStatus, Progress
from shared.schemas.parameters import ResolvedParameters, ResolvedSweep
from shared.schemas.turn import Turn
from shared.storage.conversations import PastTurn
from shared.storage.records import NewEdit
from tests.unit.gateway.test_turn import NOW, ORANGE, ROOT, FakePorts, ports_with, saying

WEAKER, STRONGER = Adjustment(text_guidance=Way.LOWER), Adjustment(text_guidance=Way.HIGHER)
KEEP_MORE, KEEP_LESS = Adjustment(image_guidance=Way.HIGHER), Adjustment(image_guidance=Way.LOWER)
HEAD = ORANGE.model_copy(update={"edit_id": "edit_orange"})


def made_by(**parameters: Any) -> Edit:
    """The edit that made the orange house, the first of its pictures."""
    given = {"steps": 20, "text_guidance_scale": 7.5, "image_guidance_scale": 1.5, "seed": 9, **parameters}
    resolved = ResolvedParameters.model_validate(given)
    return Edit(
        id="edit_orange",
        status=EditStatus.SUCCEEDED,
        instruction="paint the house orange",
        prior_instructions=["remove the tree"],
        source_image_id="img_root",
        mask_image_id="img_mask",
        image_ids=[f"img_{number}" for number in range(resolved.count)],
        revision_ids=["rev_other", HEAD.id] if resolved.count > 1 else [HEAD.id],
        parameters=resolved,
        progress=Progress(step=20, steps=20),
        created_at=NOW,
    )


async def after(
    adjust: Adjustment, base: Any = HEAD, more: dict[str, Any] | None = None, **parameters: Any
) -> tuple[Turn, FakePorts]:
    """Somebody wants the orange house adjusted: the turn, and what became of it."""
    ports = ports_with(base=base)
    ports.models.present = None  # the edit says all that is needed
    ports.edits.kept["edit_orange"] = made_by(**parameters)
    ports.dialogue.answer = DialogueReply(
        kind=ReplyKind.EDIT, text="Again.", instruction="paint the house orange", adjust=adjust, model="fake"
    )
    return await take_turn(saying("less", None, **(more or {})), ports), ports


def edit_of(ports: FakePorts) -> NewEdit:
    assert ports.edit is not None
    return ports.edit


async def test_the_same_edit_is_done_again_beside_the_last_one() -> None:
    turn, ports = await after(WEAKER)
    edit = edit_of(ports)
    assert (edit.source_image_id, edit.base_revision_id, edit.mask_image_id) == ("img_root", "rev_root", "img_mask")
    assert (edit.prior_instructions, edit.instruction) == (("remove the tree",), "paint the house orange")
    assert edit.parameters == made_by().parameters.model_copy(update={"text_guidance_scale": 5.36})
    assert turn.adjust is not None
    assert (turn.base_revision_id, turn.adjust.revision_id) == ("rev_root", HEAD.id)
    assert turn.adjust.parameters == edit.parameters


@pytest.mark.parametrize(
    ("adjust", "text", "image"),
    [(WEAKER, 5.36, 1.5), (STRONGER, 10.5, 1.5), (KEEP_MORE, 7.5, 2.25), (KEEP_LESS, 7.5, 1.0)],
)
async def test_one_scale_moves_and_the_other_stays(adjust: Adjustment, text: float, image: float) -> None:
    _, ports = await after(adjust)
    used = edit_of(ports).parameters
    assert (used.text_guidance_scale, used.image_guidance_scale) == (text, image)


@pytest.mark.parametrize(
    ("adjust", "scales", "moved"),
    [
        (WEAKER, {"text_guidance_scale": 1.2}, {"text_guidance_scale": 1.0}),
        (STRONGER, {"text_guidance_scale": 28.0}, {"text_guidance_scale": 30.0}),
        (KEEP_MORE, {"image_guidance_scale": 9.0}, {"image_guidance_scale": 10.0}),
        (KEEP_MORE, {"image_guidance_scale": 0.0}, {"image_guidance_scale": 0.15}),
    ],
)
async def test_a_scale_stays_within_its_limits(
    adjust: Adjustment, scales: dict[str, Any], moved: dict[str, float]
) -> None:
    _, ports = await after(adjust, **scales)
    assert edit_of(ports).parameters == made_by(**scales).parameters.model_copy(update=moved)


@pytest.mark.parametrize(
    ("adjust", "scales"),
    [
        (WEAKER, {"text_guidance_scale": 1.0}),
        (STRONGER, {"text_guidance_scale": 30.0}),
        (KEEP_MORE, {"image_guidance_scale": 10.0}),
        (KEEP_LESS, {"image_guidance_scale": 0.0}),
    ],
)
async def test_at_its_end_it_is_said_that_there_is_no_more(adjust: Adjustment, scales: dict[str, Any]) -> None:
    turn, ports = await after(adjust, **scales)
    assert (turn.reply.kind, turn.instruction, turn.adjust, ports.edit) == (ReplyKind.CHAT, None, None, None)
    assert turn.base_revision_id == HEAD.id
    turn, ports = await after(adjust, more={"parameters": {"sweep": {"text_guidance_scale": [2.0, 3.0]}}}, **scales)
    assert edit_of(ports).parameters.count == 2


async def test_the_turns_own_parameters_win() -> None:
    _, ports = await after(WEAKER, more={"parameters": {"text_guidance_scale": 3.0, "seed": 1}})
    used = edit_of(ports).parameters
    assert (used.text_guidance_scale, used.image_guidance_scale, used.seed, used.steps) == (3.0, 1.5, 1, 20)


async def test_of_several_pictures_the_one_that_is_looked_at_is_made_again() -> None:
    _, ports = await after(WEAKER, count=2)
    assert (edit_of(ports).parameters.seed, edit_of(ports).parameters.count) == (10, 1)
    swept = ResolvedSweep(text_guidance_scale=[7.5, 14.0], image_guidance_scale=[1.5])
    _, ports = await after(WEAKER, count=2, sweep=swept)
    used = edit_of(ports).parameters
    assert (used.text_guidance_scale, used.count, used.sweep) == (10.0, 1, None)


async def test_run_false_tells_what_would_be_run_and_runs_nothing() -> None:
    turn, ports = await after(KEEP_MORE, more={"run": False})
    assert ports.edit is None
    assert turn.instruction == "paint the house orange"
    assert turn.adjust is not None
    assert (turn.adjust.parameters.image_guidance_scale, turn.adjust.mask_image_id) == (2.25, "img_mask")


@pytest.mark.parametrize(("base", "named"), [(ROOT, "root"), (ORANGE, "head")])
async def test_a_picture_that_no_edit_made_cannot_be_made_again(base: Any, named: str) -> None:
    turn, ports = await after(WEAKER, base, {"base": named})
    assert (turn.reply.text, ports.edit) == (NOTHING_TO_REPEAT, None)


async def test_undo_after_it_leads_to_the_picture_that_was_not_right() -> None:
    turn, ports = await after(WEAKER)
    reply = turn.reply
    ports.conversations.context.turns.append(PastTurn("less", reply, turn.instruction, "edit_weaker", turn.adjust))
    weaker = ORANGE.model_copy(update={"id": "rev_weaker", "edit_id": "edit_weaker"})
    ports.conversations.context = replace(ports.conversations.context, base=weaker)
    ports.dialogue.answer = DialogueReply(kind=ReplyKind.CHAT, text="…", undoes=True, model="fake")
    ports.conversations.appended.clear()
    await take_turn(saying("undo"), ports)
    [(appended, _, _)] = ports.conversations.appended
    assert appended.head_revision_id == HEAD.id
