"""The words of the report's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.conversation import ConversationResult
from evaluation.strangers import StrangerResult, misses

TRANSCRIPTS = 3

PAGE = """# Evaluation

{table}

Every protocol is ours, said in the docstrings of `evaluation/*.py`; `report.json` holds the same figures as numbers.
Scenes and phrases are those kept for testing.

## Edits

![success, preservation and detail by family](families.png)

A green frame stands around an output to which the true picture is nearest of all one edit away, a red one around the
others.

![edits that succeeded](succeeded.png)

Those that failed:

![edits that failed](failed.png)

## Edits that any picture can have

On pictures that training never saw; a green frame stands around an output to which the true result is nearest of the
picture itself and all that the other such edits make of it. These are generated (`training/datasets/textures.py`); with
`--photographs FOLDER` the table tells of photographs, and `photographs.png` beside this page shows them. That one is
not kept in the project: photographs are their makers'.

![edits of any picture](any_pictures.png)

## Guidance and steps

![success against preservation](guidance.png)

## Dialogue

![kinds of reply, due and given](kinds.png)

### Strangers' turns answered wrong

{strangers}

### Newcomers' turns answered wrong

{newcomers}

### Turns about photographs answered wrong

{coco}

## Four vague wishes in a row

Each row is a conversation with a simulated user: some that ended right, where there are any, before some that did not.
The frames of its four steps tell whether the instruction is what the user had in mind.

![conversations](conversations.png)

What was said in the first ones drawn:

{transcripts}

## Vague words straight into the editor, and dialogue first

![the same words both ways](comparison.png)

## FID and PRD, our protocol

Features: {net}, {count} pictures a side, outputs against the true pictures of the same edits. Such figures depend on
net and count: compare them with nothing but figures made the same way, and not with the paper's. For scale, `sources`
is what the untouched sources get against the same true pictures.

![precision and recall](prd.png)
"""


def table(rows: Iterable[tuple[str, str, str]]) -> str:
    """Name, finding and target as a Markdown table."""
    lines = [f"| {name} | {found} | {target} |" for name, found, target in rows]
    return "\n".join(["| measure | found | target |", "|---|---|---|", *lines])


def listed(results: Sequence[StrangerResult]) -> str:
    """The turns answered wrong as a Markdown list."""
    if not results:
        return "There are no such turns here."
    return "\n".join(f"- {miss}" for miss in misses(results)) or "None."


def transcripts(results: Sequence[ConversationResult]) -> str:
    """What was said in a few conversations, as Markdown."""
    return "\n\n".join(_transcript(number, each) for number, each in enumerate(results[:TRANSCRIPTS], start=1))


def _transcript(number: int, each: ConversationResult) -> str:
    lines = [f"**Conversation {number}** about “{each.caption}”", ""]
    for wish in each.told:
        for exchange in wish.exchanges:
            lines.append(f"- user: {exchange.said.strip()}  \n  assistant: {exchange.reply.text}")
    return "\n".join(lines)
