"""The paper's comparison: the same vague words straight into the editor (InstructPix2Pix) against dialogue first.

Both pictures of a wish are judged as any edit is: the true one must be nearest of all pictures one edit away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialogue_service.engine import DialogueEngine
from evaluation.editing import drawn_triples
from evaluation.editor import Editor, EditSettings
from evaluation.judging import EditResult, judge_all
from evaluation.pixels import pixels_of
from evaluation.shares import Share, share
from evaluation.talking import Goal, WishTold, instructions, talk_over

SEED = 53_000


@dataclass(frozen=True)
class ComparisonResult:
    """One vague wish, carried out at its word and after asking."""

    told: WishTold
    straight: EditResult
    dialogue: EditResult


@dataclass(frozen=True)
class ComparisonReport:
    """Edit success of both ways."""

    straight: Share
    dialogue: Share


def measure(engine: DialogueEngine, editor: Editor, count: int, settings: EditSettings) -> list[ComparisonResult]:
    """Carry `count` vague wishes out both ways."""
    triples = drawn_triples(count, SEED)
    told = [wishes[0] for wishes in talk_over(engine, [Goal(each.before, (each.change,)) for each in triples], "vague")]
    sources = [pixels_of(triple.before) for triple in triples]
    straight = editor.edit_all(sources, [wish.opening for wish in told], settings)
    talked = editor.follow_all(sources, [instructions([wish]) for wish in told], settings)
    judged = [
        judge_all(triple, source, pair)
        for triple, source, pair in zip(triples, sources, zip(straight, talked, strict=True), strict=True)
    ]
    return [ComparisonResult(wish, *pair) for wish, pair in zip(told, judged, strict=True)]


def summarise(results: Sequence[ComparisonResult]) -> ComparisonReport:
    """Both shares."""
    return ComparisonReport(
        straight=share(each.straight.success for each in results),
        dialogue=share(each.dialogue.success for each in results),
    )
