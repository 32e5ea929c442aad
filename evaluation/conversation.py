"""Conversation success: four vague wishes in a row through dialogue and editor, in process.

Protocol (ours): a simulated user opens each wish vaguely and answers what the assistant asks; whatever instruction
comes of it is carried out, right or wrong, and never taken back. A conversation succeeds when its final picture is
nearer to the true record's than to the first picture, to every picture with one of the four edits left out, and to
every picture with one of them altered within its family (another value, another thing). `head` edits the latest
picture, `root` carries out all instructions so far on the first one, as the API's `base` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialogue_service.engine import DialogueEngine
from editing_service.images import Pixels
from evaluation.editor import Editor, EditSettings
from evaluation.judging import nearest_to
from evaluation.pixels import pixels_of
from evaluation.shares import Share, share
from evaluation.talking import Goal, WishTold, instructions, meant, talk_over
from training.datasets.changes import CannotApply, Change, apply, possible_changes, sample_change
from training.datasets.edits import scene_rng
from training.datasets.world import Scene, caption, sample_scene

WISHES = 4
SEED, USERS = 41_000, "conversations"
"""Of the scenes and wishes, and of what the users say."""
_WEIGHTS: dict[str, float] = {
    "recolour": 22, "replace": 14, "remove": 8, "add": 14, "resize": 10, "place": 8, "time": 7, "weather": 6,
}  # fmt: skip
_LAST_WEIGHTS: dict[str, float] = {**_WEIGHTS, "style": 12}
"""A style comes last or not at all, since it hides what the other wishes are about."""


@dataclass(frozen=True)
class ConversationResult:
    """One conversation: what was wanted, what was said, the pictures on the way and whether they ended right."""

    goal: Goal
    told: tuple[WishTold, ...]
    pictures: tuple[Pixels, ...]  # of `head`: the first one, and one after each wish
    from_root: Pixels
    head_success: bool
    root_success: bool

    @property
    def truth(self) -> Pixels:
        """The picture it should have ended at."""
        return pixels_of(self.goal.truth)

    @property
    def caption(self) -> str:
        """What the assistant was told about the first picture."""
        return caption(self.goal.scene)


@dataclass(frozen=True)
class ConversationReport:
    """Figures over many conversations."""

    head: Share
    root: Share
    wishes_understood: Share
    all_understood: Share
    given_up: Share
    questions: float


def measure(engine: DialogueEngine, editor: Editor, count: int, settings: EditSettings) -> list[ConversationResult]:
    """Hold `count` conversations and judge their final pictures."""
    goals = [drawn_goal(SEED, index) for index in range(count)]
    told = talk_over(engine, goals, USERS)
    journeys = _journeys(editor, goals, told, settings)
    from_root = editor.follow_all([journey[0] for journey in journeys], list(map(instructions, told)), settings)
    return [
        _judge(goal, tuple(wishes), tuple(journey), root)
        for goal, wishes, journey, root in zip(goals, told, journeys, from_root, strict=True)
    ]


def summarise(results: Sequence[ConversationResult]) -> ConversationReport:
    """Shares and means over conversations."""
    understood = [meant(each.goal, each.told) for each in results]
    told = [wish for each in results for wish in each.told]
    return ConversationReport(
        head=share(each.head_success for each in results),
        root=share(each.root_success for each in results),
        wishes_understood=share(mark for marks in understood for mark in marks),
        all_understood=share(all(marks) for marks in understood),
        given_up=share(wish.instruction is None for wish in told),
        questions=sum(wish.questions for wish in told) / len(told),
    )


def drawn_goal(seed: int, index: int, wishes: int = WISHES) -> Goal:
    """An unstyled test scene and wishes of which each matters: without any of them, another picture is true."""
    rng = scene_rng("test", seed, index)
    while True:
        first = scene = sample_scene(rng)
        changes = []
        for left in reversed(range(wishes)):
            change = sample_change(rng, scene, _WEIGHTS if left else _LAST_WEIGHTS)
            changes.append(change)
            scene = apply(scene, change)
        goal = Goal(first, tuple(changes))
        if first.style == "normal" and scene not in _left_out(goal):
            return goal


def rivals(goal: Goal) -> Iterator[Scene]:
    """The other records a conversation may have ended at, none twice and none of them the true one."""
    seen = {goal.truth}
    for scene in (goal.scene, *_left_out(goal), *_altered(goal)):
        if scene not in seen:
            seen.add(scene)
            yield scene


def _left_out(goal: Goal) -> list[Scene]:
    changes = goal.changes
    return [_applied(goal.scene, (*changes[:at], *changes[at + 1 :])) for at in range(len(changes))]


def _altered(goal: Goal) -> Iterator[Scene]:
    scene = goal.scene
    for at, change in enumerate(goal.changes):
        for other in possible_changes(scene):
            if type(other) is type(change) and other != change:
                yield _applied(scene, (other, *goal.changes[at + 1 :]))
        scene = apply(scene, change)


def _applied(scene: Scene, changes: Sequence[Change]) -> Scene:
    """The scene after all changes that can still be applied."""
    for change in changes:
        try:
            scene = apply(scene, change)
        except CannotApply:
            continue
    return scene


def _journeys(
    editor: Editor, goals: Sequence[Goal], told: Sequence[Sequence[WishTold]], settings: EditSettings
) -> list[list[Pixels]]:
    """For each conversation the first picture, and the one after each wish."""
    journeys = [[pixels_of(goal.scene)] for goal in goals]
    for at in range(WISHES):
        latest = [journey[-1] for journey in journeys]
        after = editor.follow_all(latest, [instructions(wishes[at : at + 1]) for wishes in told], settings)
        for journey, picture in zip(journeys, after, strict=True):
            journey.append(picture)
    return journeys


def _judge(
    goal: Goal, told: tuple[WishTold, ...], pictures: tuple[Pixels, ...], from_root: Pixels
) -> ConversationResult:
    head, root = ended_right(goal, [pictures[-1], from_root])
    return ConversationResult(goal, told, pictures, from_root, head, root)


def ended_right(goal: Goal, pictures: Sequence[Pixels]) -> list[bool]:
    """Whether each final picture is nearer to the true record's than to those of all others."""
    return nearest_to(pixels_of(goal.truth), pictures, map(pixels_of, rivals(goal)))
