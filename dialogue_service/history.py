"""How a conversation becomes the model's input ids; the trainer and the service share every rule in here.

    [user] text [scene] caption ([scene] what the text points at)? ([user] text ([ask]|[edit]|[chat]) answer)*
        ([undo] instruction | [done] instruction)* </s>

The present text stands first, and what came before it newest first: Blender counts positions from the beginning, so
that what matters most always stands in the same places. The caption tells of the picture as it is now (`retelling`),
and behind it stands which of its things the words of the text fit (`pointing`); `[undo]` says what would take the
newest edits back, `[done]` which others the caption does not tell of. Every text is encoded alone and can never
produce a control token, whatever a user types. The input holds at most `LIMIT` ids: present text and caption always,
then the newest turn, up to `MOST_INSTRUCTIONS` instructions, and older turns while they fit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from dialogue_service.pointing import pointed_at
from dialogue_service.retelling import Retold, retell
from dialogue_service.spelling import put_right
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

LIMIT = 128
"""Positions of the smallest Blender; longer inputs would raise IndexError there."""
MOST_INSTRUCTIONS = 6
UNDOABLE = 2
"""The newest edits of which it is shown how to take them back."""
CAPTION_IDS, TEXT_IDS, POINTED_IDS = 40, 40, 24
PAST_TEXT_IDS, PAST_ANSWER_IDS = 24, 18
REMEMBERED = 1024
"""Texts whose ids are kept: a conversation brings the same ones again with every turn."""

SCENE, UNDO, DONE, USER = "[scene]", "[undo]", "[done]", "[user]"
KIND_TOKENS = {ReplyKind.CLARIFICATION: "[ask]", ReplyKind.EDIT: "[edit]", ReplyKind.CHAT: "[chat]"}
CONTROL_TOKENS = (SCENE, UNDO, DONE, USER, *KIND_TOKENS.values())

_STRAY_APOSTROPHE = re.compile(r"(?<=\w)[´`ʼ](?=\w)")
"""As some keyboards have it; NFKC would make a space of the first one."""
_PERSONA = re.compile(r"your persona:", re.IGNORECASE)


class MissingControlTokens(ValueError):
    """The tokenizer was not made for dialogues about pictures: it lacks control tokens."""


@dataclass(frozen=True)
class ControlIds:
    """The ids of the control tokens in one tokenizer."""

    scene: int
    undo: int
    done: int
    user: int
    kinds: dict[ReplyKind, int]

    @property
    def all(self) -> set[int]:
        """Every control token's id."""
        return {self.scene, self.undo, self.done, self.user, *self.kinds.values()}

    @staticmethod
    def of(tokenizer: PreTrainedTokenizerBase) -> ControlIds:
        """Look the ids up; raises MissingControlTokens naming those that are not there."""
        vocabulary = tokenizer.get_vocab()
        missing = [token for token in CONTROL_TOKENS if token not in vocabulary]
        if missing:
            raise MissingControlTokens(f"the tokenizer lacks the control tokens {' '.join(missing)}")
        kinds = {kind: vocabulary[token] for kind, token in KIND_TOKENS.items()}
        return ControlIds(vocabulary[SCENE], vocabulary[UNDO], vocabulary[DONE], vocabulary[USER], kinds)


class HistoryEncoder:
    """Writes histories and answers as ids with one tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, limit: int = LIMIT) -> None:
        self._tokenizer = tokenizer
        self._limit = limit
        self.control = ControlIds.of(tokenizer)
        unknown = tokenizer.unk_token_id
        self._forbidden = {index for index in tokenizer.all_special_ids if index != unknown}
        self._forbidden |= self.control.all
        self._end = tokenizer.eos_token_id
        self._ids = lru_cache(maxsize=REMEMBERED)(self._tokenize)

    def encode(self, request: DialogueRequest) -> list[int]:
        """Ids of everything the model reads before it answers; at most `limit` of them."""
        request = spelt(request)
        present = [self.control.user, *self._text(request.text)[-TEXT_IDS:]]
        retold = retell(normalised(request.caption or ""), request.instructions)
        caption = [self.control.scene, *self._text(retold.caption)[:CAPTION_IDS]]
        caption += self._pointed(request, retold, self._limit - len(present) - len(caption) - 1)
        turns, instructions = self._fit(request.turns, retold, self._limit - len(present) - len(caption) - 1)
        return [*present, *caption, *_joined(turns), *_joined(instructions), self._end]

    def encode_answer(self, kind: ReplyKind, words: str) -> list[int]:
        """Ids of an answer, as the model is taught to give it: control token, words, end."""
        return [self.control.kinds[kind], *self._text(words), self._end]

    def _pointed(self, request: DialogueRequest, retold: Retold, room: int) -> list[int]:
        """What the present text points at, where the newest turn leaves room for it."""
        newest = request.turns[-1] if request.turns else None
        question = newest.reply if newest and newest.reply_kind is ReplyKind.CLARIFICATION else ""
        first = normalised(request.caption or "") if request.instructions else ""
        last = request.instructions[-1] if request.instructions else ""
        pointed = pointed_at(normalised(request.text), retold.caption, normalised(question), first, last)
        ids = self._text(pointed)[:POINTED_IDS]
        fits = ids and len(ids) < room - (len(self._turn(newest)) if newest else 0)
        return [self.control.scene, *ids] if fits else []

    def _fit(self, said: Sequence[DialogueTurn], retold: Retold, room: int) -> tuple[list[list[int]], list[list[int]]]:
        """Choose the turns and instructions to show, both newest first."""
        latest = said[: -self._limit : -1]
        turns, room = _first_that_fit([self._turn(turn) for turn in latest[:1]], room)
        instructions, room = _first_that_fit(self._done(retold), room)
        older, room = _first_that_fit([self._turn(turn) for turn in latest[1:]], room)
        return turns + older, instructions

    def _turn(self, turn: DialogueTurn) -> list[int]:
        answer = turn.instruction if turn.reply_kind is ReplyKind.EDIT and turn.instruction else turn.reply
        said = [self.control.user, *self._text(turn.user)[-PAST_TEXT_IDS:]]
        return [*said, self.control.kinds[turn.reply_kind], *self._text(answer)[:PAST_ANSWER_IDS]]

    def _done(self, retold: Retold) -> list[list[int]]:
        pieces = []
        for age, done in enumerate(reversed(retold.done)):
            if age < UNDOABLE and done.undo is not None:
                pieces.append([self.control.undo, *self._text(done.undo)[:PAST_ANSWER_IDS]])
            elif age < UNDOABLE or not done.told:
                pieces.append([self.control.done, *self._text(done.instruction)[:PAST_ANSWER_IDS]])
        return pieces[:MOST_INSTRUCTIONS]

    def _text(self, text: str) -> list[int]:
        clean = normalised(text)
        return self._ids(clean) if clean else []

    def _tokenize(self, clean: str) -> list[int]:
        """Ids of plain words: special tokens are split before, and any that got through is dropped after."""
        ids = self._tokenizer(clean, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
        return [index for index in ids if index not in self._forbidden]


def spelt(request: DialogueRequest) -> DialogueRequest:
    """The request as it is read: slips of the finger in what the user says and said are put right."""
    named = " ".join([request.caption or "", *request.instructions])
    turns = [turn.model_copy(update={"user": put_right(normalised(turn.user), named)}) for turn in request.turns]
    return request.model_copy(update={"text": put_right(normalised(request.text), named), "turns": turns})


def normalised(text: str) -> str:
    """NFKC text without control, zero-width and doubled white space characters, and without Blender's persona lines."""
    flat = unicodedata.normalize("NFKC", _STRAY_APOSTROPHE.sub("'", text))
    flat = "".join(" " if character.isspace() else character for character in flat)
    flat = "".join(character for character in flat if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co"))
    flat = " ".join(flat.split())
    while _PERSONA.search(flat):  # what is left may be one again
        flat = " ".join(_PERSONA.sub("", flat).split())
    return flat


def _first_that_fit(pieces: Sequence[list[int]], room: int) -> tuple[list[list[int]], int]:
    """The longest run of first pieces within the room, and the room left."""
    kept: list[list[int]] = []
    for piece in pieces:
        if len(piece) > room:
            break
        kept.append(piece)
        room -= len(piece)
    return kept, room


def _joined(pieces: Sequence[list[int]]) -> list[int]:
    return [index for piece in pieces for index in piece]
