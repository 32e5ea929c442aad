"""Who asks what is in the picture is told what its caption says, as it is now: plain rules know that word for word."""

from __future__ import annotations

import re

from dialogue_service.history import normalised
from dialogue_service.instruction import Answer, as_sentence
from dialogue_service.politeness import AFTER, BEFORE, plain
from dialogue_service.retelling import retell
from shared.schemas.dialogue import DialogueRequest, ReplyKind

NOBODY_TOLD = "I don't know that: nobody told me."

_PICTURE = r"(?:the|this|my|our) (?:picture|image|photo|photograph|scene)"
_IN_IT = rf"(?:in|on) (?:{_PICTURE}|it|there|here)"
_NOW = r"(?: now| right now| so far| at the moment| by now)?"
_ASKS = re.compile(
    rf"\W*{BEFORE}(?:"
    rf"(?:(?:tell me|list|name|say) )?what(?:'s| is) (?:shown |to be seen )?{_IN_IT}{_NOW}"
    rf"|what(?:'s| is) there{_NOW}"
    rf"|what (?:can|do) (?:you|i|we) (?:see|have)(?: there| {_IN_IT})?{_NOW}"
    rf"|what have (?:we|i) got(?: there| {_IN_IT})?{_NOW}"
    rf"|what does (?:{_PICTURE}|it) (?:show|look like){_NOW}"
    rf"|(?:tell me )?what you (?:can )?see(?: {_IN_IT})?{_NOW}"
    rf"|(?:what|which) (?:things|objects) (?:are|do you see|can you see) (?:there|{_IN_IT}){_NOW}"
    rf"|describe (?:{_PICTURE}|it|what you see)(?: to me| for me)?{_NOW}"
    rf"){AFTER}\W*"
)


def describing(request: DialogueRequest) -> Answer | None:
    """What there is in the picture, for somebody who plainly asks that and nothing else; None for anybody else."""
    if _ASKS.fullmatch(plain(request.text)) is None:
        return None
    caption = retell(normalised(request.caption or ""), request.instructions).caption.strip(" .")
    if not caption:
        return Answer(ReplyKind.CHAT, NOBODY_TOLD)
    there_is = "there is " if caption.startswith(("a ", "an ", "one ")) else ""
    return Answer(ReplyKind.CHAT, as_sentence(there_is + caption, "."))
