"""What asking in doubt is worth: how sure the model must be of an edit to make it without asking.

    python -m evaluation.doubt --model checkpoints/mini-dialogue

For each bar: of the written turns kept from training, those answered right, the edits that are wrong, and the edits
where a question was due; of simulated people who have four vague wishes each (not those of the report), the wishes
understood, the conversations in which all four were, and the questions asked per wish.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from dialogue_service.engine import DialogueEngine, load
from evaluation.conversation import drawn_goal
from evaluation.dialogue import hasty
from evaluation.shares import Share, share
from evaluation.strangers import StrangerTurn, confusion_of, measure, share_right, written_turns
from evaluation.talking import Goal, meant, talk_over

BARS = (0.0, 0.3, 0.45, 0.6)
SEED, USERS = 51_000, "doubt"


@dataclass(frozen=True)
class Asked:
    """What came of one bar."""

    right: Share
    wrong_edits: Share
    hasty: Share
    understood: Share
    all_understood: Share
    questions: float


def asked_below(engine: DialogueEngine, bar: float, turns: Sequence[StrangerTurn], goals: Sequence[Goal]) -> Asked:
    """Answer the turns and talk the goals over, asking about every edit whose probability is under the bar."""
    engine.asks_below = bar
    answered = measure(engine, turns)
    told = talk_over(engine, goals, USERS)
    understood = list(map(meant, goals, told))
    questions = [wish.questions for wishes in told for wish in wishes]
    return Asked(
        right=share_right(answered),
        wrong_edits=share(bool(each.reply.instruction) and not each.right for each in answered),
        hasty=hasty(confusion_of(answered)),
        understood=share(mark for marks in understood for mark in marks),
        all_understood=share(map(all, understood)),
        questions=sum(questions) / len(questions),
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.doubt", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--model", default="checkpoints/mini-dialogue", help="folder or hub id")
    parser.add_argument("--conversations", type=int, default=150)
    given = parser.parse_args()
    engine, turns = load(given.model), written_turns()
    goals = [drawn_goal(SEED, index) for index in range(given.conversations)]
    print("| asks below | written turns right | wrong edits | hasty | wishes understood | all four | questions |")
    print("|---|---|---|---|---|---|---|")
    for bar in BARS:
        found = asked_below(engine, bar, turns, goals)
        shares = (found.right, found.wrong_edits, found.hasty, found.understood, found.all_understood)
        print("|", " | ".join([f"{bar:g}", *map(str, shares), f"{found.questions:.2f}"]), "|", flush=True)


if __name__ == "__main__":
    main()
