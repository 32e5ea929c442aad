"""Who asks for the last edit once more, weaker or stronger, or nearer to the picture it began with.

Such words name nothing but the edit itself, so plain rules know them better than a small network does. They speak of
how the editor is guided, not of what is in the picture. A resizing or a change of brightness has steps of its own:
there "too much" is a wish for another instruction, which is the model's to find.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dialogue_service.instruction import Answer
from dialogue_service.politeness import AFTER, BEFORE, plain
from shared.schemas.adjustment import Adjustment, Way
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from shared.schemas.edit import in_order

_IT = r"(?:it|that|this|the (?:change|edit|result))"
_IT_IS = rf"(?:{_IT}(?:'s| is| was| looks| looked| seems)(?: still| now)? )"
_DEGREE = (
    r"(?:(?:(?:just |only |still |even )?(?:an? )?(?:(?:little|tiny|wee) )?(?:bit|little|touch|tad|notch|lot)"
    r"|just|only|still|even|slightly|somewhat|rather|quite|much|far|way) )"
)
_GIVE = r"(?:(?:make|do|have|try|show|want|i want|i'd like|i would like|i'd prefer|i prefer) )"
_STRONG = r"(?:strong|intense|extreme|drastic|pronounced|heavy|obvious|visible|noticeable)(?:ly)?"
_WEAK = r"(?:weak|faint|subtle|gentle|mild|timid)"
_ORIGINAL = (
    r"(?:the|my) (?:original|old|first|source|previous)?\s?(?:picture|image|photo|photograph|original|one|source)"
)
_REST = rf"(?:the (?:rest|others?|remainder|picture|image|photo)|everything else|{_ORIGINAL})"
_SEE = r"(?:see|tell|notice|make out)(?: (?:it|that|this|(?:the|any|a) (?:change|difference|effect)))?"

_LESS = (
    rf"{_IT_IS}?{_DEGREE}?too (?:much|far|{_STRONG})(?: of a (?:change|good thing))?"
    rf"|{_IT_IS}?(?:a )?bit much"
    rf"|{_GIVE}?(?:{_IT} )?{_DEGREE}?less(?: of (?:it|that|this)| than that| {_STRONG})?"
    rf"|{_GIVE}?(?:{_IT} )?{_DEGREE}?(?:weaker|fainter|subtler|gentler|milder|more (?:subtle|gentle|mild|faint)(?:ly)?)"
    rf"|{_IT_IS}?not (?:quite )?(?:so|that|as) (?:much|far|{_STRONG})(?: as that)?"
    rf"|(?:(?:tone|turn) (?:{_IT} )?down|dial (?:{_IT} )?(?:down|back))"
    r"(?: (?:a (?:bit|little|notch|touch|tad|lot)|slightly))?"
    r"|(?:rein|reel) it in|ease off(?: a bit)?"
    rf"|{_IT_IS}?(?:a (?:bit|little) )?(?:overdone|exaggerated|excessive|over the top)"
    r"|(?:don't|do not) (?:overdo|exaggerate)(?: it)?"
    r"|you(?:'ve| have)? (?:overdid|overdone|exaggerated)(?: it)?(?: a bit)?"
    r"|(?:now )?(?:you|that|it) went (?:a bit |much |way |far )?(?:too far|overboard)"
)
_MORE = (
    rf"{_GIVE}?(?:{_IT} )?{_DEGREE}?(?:stronger|more {_STRONG})"
    rf"|{_GIVE}?(?:{_DEGREE}|some )?more of (?:it|that|this)"
    rf"|{_IT_IS}?(?:{_DEGREE})?too {_WEAK}"
    rf"|{_IT_IS}?not (?:nearly |quite )?(?:enough|{_STRONG}(?: enough)?)(?: of (?:it|that|this))?"
    rf"|(?:{_IT} )?(?:isn't|wasn't|is not|was not) (?:nearly |quite )?(?:enough|{_STRONG}(?: enough)?)"
    rf"|(?:but )?(?:i|you|one) can (?:still )?(?:hardly|barely|scarcely) {_SEE}"
    rf"|{_IT_IS}?(?:hardly|barely|scarcely) (?:visible|noticeable|{_STRONG}|there)"
)
_KEEP = (
    rf"(?:keep|leave|preserve|save|retain) {_DEGREE}?more of {_REST}(?: as (?:it|they) (?:is|was|are|were))?"
    rf"|(?:stay|keep|be|remain|stick)(?: {_IT})? {_DEGREE}?(?:closer|nearer|truer|more faithful) to {_ORIGINAL}"
    rf"|{_DEGREE}?(?:closer|nearer|truer|more faithful) to {_ORIGINAL}"
    rf"|{_GIVE}?(?:it )?(?:look )?{_DEGREE}?more like {_ORIGINAL}"
    rf"|change {_DEGREE}?less(?: of {_REST})?|change {_REST} {_DEGREE}?less"
    rf"|(?:you|it|that|this) changed (?:far |way )?too much(?: of {_REST})?"
    rf"|{_IT_IS}?too (?:different|far(?: away)?) from {_ORIGINAL}"
)
_LET_GO = (
    rf"(?:keep|preserve|retain) {_DEGREE}?less of {_REST}"
    rf"|change {_DEGREE}?more of {_REST}"
    rf"|(?:go|move|get) {_DEGREE}?(?:further|farther)(?: away)? from {_ORIGINAL}"
    rf"|{_IT_IS}?(?:still )?too (?:close|near|similar) to {_ORIGINAL}|{_IT_IS}?too much like {_ORIGINAL}"
    rf"|(?:stay |be )?less (?:close|faithful) to {_ORIGINAL}"
)
_PRAISE = r"(?:(?:nice|good|great|better|lovely|cool|whoa|woah|easy)\W+(?:but )?)?"
_ASKED = [
    (re.compile(rf"\W*{BEFORE}{_PRAISE}(?:{words}){AFTER}\W*"), adjustment, text)
    for words, adjustment, text in (
        (_LESS, Adjustment(text_guidance=Way.LOWER), "I'll do it again, less strongly."),
        (_MORE, Adjustment(text_guidance=Way.HIGHER), "I'll do it again, more strongly."),
        (_KEEP, Adjustment(image_guidance=Way.HIGHER), "I'll do it again and keep more of the picture."),
        (_LET_GO, Adjustment(image_guidance=Way.LOWER), "I'll do it again and keep less of the picture."),
    )
]
_NO_MORE = re.compile(r"\bno more\b")
_HAS_STEPS = re.compile(r"\b(?:bigger|smaller|larger|taller|shorter|wider|narrower|brighter|darker|lighter)\b")


@dataclass(frozen=True)
class Again:
    """The last edit once more: what is answered, and which way its guidance goes."""

    answer: Answer
    adjustment: Adjustment


def adjusting(request: DialogueRequest) -> Again | None:
    """What to answer whoever wants the last edit otherwise strong; None for anybody else.

    Nothing but small talk may lie in between, and the edit must be the newest still and have no steps of its own.
    """
    earlier = (turn for turn in reversed(request.turns) if turn.reply_kind is not ReplyKind.CHAT)
    last = next((turn.instruction for turn in earlier), None)
    steps = in_order(last or "")
    if last is None or not steps or request.instructions[-len(steps) :] != steps or _HAS_STEPS.search(last):
        return None
    text = plain(request.text)
    for words, adjustment, answer in _ASKED:
        if words.fullmatch(text) and not _NO_MORE.search(text):
            return Again(Answer(ReplyKind.EDIT, answer, last), adjustment)
    return None
