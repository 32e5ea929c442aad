"""The conversation as a person reads it: Markdown, with the pictures in it."""

import html
from collections.abc import Iterator

from shared.schemas.archive import PICTURES
from shared.schemas.conversation import Conversation
from shared.schemas.edit import Edit, EditStatus
from shared.schemas.turn import Turn


def heading(conversation: Conversation) -> str:
    """The title, and the picture that it is about."""
    lines = [f"# {_line(conversation.title or 'A conversation about a picture')}", ""]
    if conversation.caption:
        lines += [_line(conversation.caption), ""]
    return "\n".join([*lines, _picture("The first picture", conversation.root_image_id), ""])


def turn_text(turn: Turn) -> str:
    """What was said, what was answered, and what came of it."""
    parts = [f"## {turn.number}", _quoted(turn.text), _paragraph(turn.reply.text)]
    if turn.edit is not None:
        parts += _outcome(turn.edit)
    elif turn.instruction:
        parts.append(f"*{_line(turn.instruction)}* — not carried out")
    elif turn.head_revision_id:
        parts.append("*back to an earlier picture*")
    return "\n" + "\n\n".join(parts) + "\n"


def edit_text(edit: Edit) -> str:
    """An edit that was asked for without a word."""
    return "\n" + "\n\n".join(["## Without a word", *_outcome(edit)]) + "\n"


def _outcome(edit: Edit) -> Iterator[str]:
    told = _line("; ".join([*edit.prior_instructions, edit.instruction]))
    if edit.status is EditStatus.SUCCEEDED:
        yield f"*{told}* (seed {edit.parameters.seed}, {edit.model or 'an unknown model'})"
        yield from (_picture(told, image_id) for image_id in edit.image_ids)
    elif edit.status.is_terminal:
        why = f": {_line(edit.error.detail)}" if edit.error else ""
        yield f"*{told}* — {edit.status.value}{why}"
    else:
        yield f"*{told}* — not finished when this was exported"


def _picture(told: str, image_id: str) -> str:
    alt = told.replace("[", "(").replace("]", ")")
    return f"![{alt}]({PICTURES}{image_id}.png)"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in _paragraph(text).splitlines())


def _paragraph(text: str) -> str:
    return html.escape(text, quote=False)


def _line(text: str) -> str:
    return _paragraph(" ".join(text.split()))
