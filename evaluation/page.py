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

### What is soft, and what would get further

Recoloured things keep their own outlines; those that are added, replaced or resized come out softer than drawn ones. A
longer training of the decoder alone brought 0.15 dB: the latents are too narrow (things come back with 26 dB where they
are the true ones), and predicting them costs another 3 dB. A wider autoencoder, and the U-Net trained on it for longer,
are the next things to try; [the editor's card](../../checkpoints/mini-editor/README.md#what-was-tried-on-the-way) has
what each part of its recipe is worth.

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

### How far it came, and what would get further

The dotted line is the aim for strangers' turns. All weights that were shipped answered the same held-out turns, with
the rules of their time:

![held-out turns answered right over training](progress.png)

{progress}

What was tried and did not help: drills in which thing is meant, without rules that look it up; coming back to missed
turns like flash cards; the mean of old and new weights; the mean of the answers to several wordings of a turn;
choosing among five beams by a fitted score. Of five beams one is right in 86 % of written turns kept from training,
the likeliest in 68 %: much of what is missed is nearly known. Where the rules object to the likeliest, another likely
one is taken.

What helped most each time was language from outside the grammar: first an encoder that knows English, then looking up
what everybody knows, then whole dialogues written by people who knew neither grammar nor model. More of these, and a
decoder that begins pretrained as well (Blender's own, which could not be had here), are the next things to try.

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
