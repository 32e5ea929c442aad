"""The Blender engine: load it, let turns join and take steps together, and reply."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BlenderbotConfig,
    BlenderbotForConditionalGeneration,
    GenerationConfig,
    PreTrainedTokenizerBase,
)

from dialogue_service import checkpoint
from dialogue_service.adjusting import adjusting
from dialogue_service.checkpoint import ModelUnusable
from dialogue_service.describing import describing
from dialogue_service.doubt import Likely, answering_offer, in_doubt, invents
from dialogue_service.history import LIMIT, HistoryEncoder, MissingControlTokens, normalised, spelt
from dialogue_service.instruction import Answer, read_answer
from dialogue_service.retelling import takes_back
from dialogue_service.second_thoughts import likely_answers
from dialogue_service.sense import sensible, thanked, undoing
from dialogue_service.slots import Said, Slots
from shared.schemas.dialogue import DialogueReply, DialogueRequest, DialogueTimings, ReplyKind
from shared.schemas.operations import DialogueLimits, DialogueModel

log = structlog.get_logger(__name__)

LONGEST_ANSWER = 48
"""Ids; a true answer has about ten."""
MOST_ROWS = 16
"""Turns that take their steps together."""
ASKS_BELOW = 0.45
"""Probability under which an edit is not made without asking: docs/decisions/0017."""


@dataclass(frozen=True)
class _Begun:
    """A turn whose answer is in the making, as it was typed and as it is read, and when that began."""

    typed: DialogueRequest
    request: DialogueRequest
    at: float


class DialogueEngine:
    """A loaded Blender on one device; one thread may use it at a time.

    An edit of which the model is not sure, its probability under `asks_below`, is asked about first.
    """

    def __init__(
        self,
        model: BlenderbotForConditionalGeneration,
        tokenizer: PreTrainedTokenizerBase,
        facts: DialogueModel,
        asks_below: float = ASKS_BELOW,
    ) -> None:
        self.asks_below = asks_below
        self.model, self.tokenizer, self.facts = model, tokenizer, facts
        self.history = HistoryEncoder(tokenizer, facts.limits.max_input_tokens)
        self._slots = Slots.of(model, MOST_ROWS, facts.limits.max_input_tokens)
        self._begun: dict[int, _Begun] = {}

    def warm_up(self) -> None:
        """Answer alone and in full company, so that the first people do not wait for lazy initialisation."""
        misspelt = DialogueRequest(caption="a red ball on the left, in a meadow", text="paint the ball bluee")
        self.reply([misspelt])
        self.reply([misspelt] * MOST_ROWS)

    def reply(self, requests: Sequence[DialogueRequest]) -> list[DialogueReply]:
        """One reply per request, in their order; the same alone and in company."""
        if self._begun:
            raise RuntimeError("other turns are being answered")
        waiting = deque(enumerate(requests))
        replies: dict[int, DialogueReply] = {}
        try:
            while waiting or self._begun:
                if joining := dict(waiting.popleft() for _ in range(min(self.free, len(waiting)))):
                    self.join(joining)
                replies |= {key: _plain(outcome) for key, outcome in self.step().items()}
        finally:
            self.clear()
        return [replies[key] for key in range(len(requests))]

    @property
    def free(self) -> int:
        """How many more turns may join."""
        return self._slots.free

    def join(self, requests: Mapping[int, DialogueRequest]) -> None:
        """Begin to answer some turns, known by their keys; none of them has begun where this raises."""
        at = time.perf_counter()
        begun = {key: _Begun(said, spelt(said), at) for key, said in requests.items()}
        self._slots.join({key: self.history.encode(turn.request) for key, turn in begun.items()})
        self._begun |= begun

    def step(self) -> dict[int, DialogueReply | Exception]:
        """Find the next id of every answer; returns the replies that are ready, or why there is none."""
        return {key: self._outcome(self._begun.pop(key), said) for key, said in self._slots.step().items()}

    def clear(self) -> None:
        """Give up every answer in the making."""
        self._slots.clear()
        self._begun.clear()

    def _outcome(self, turn: _Begun, said: Said) -> DialogueReply | Exception:
        try:
            understood = read_answer(said.ids, self.tokenizer, self.history.control)
            return self._reply(turn, understood, math.exp(said.log_probability))
        except Exception as error:  # what one answer is taken for is no concern of the others
            return error

    def _reply(self, turn: _Begun, understood: Answer, probability: float) -> DialogueReply:
        said = turn.request
        caption = normalised(said.caption or "")
        undo = undoing(said, caption)
        again = adjusting(said)
        plainly_asked = undo or (again.answer if again else None) or describing(said, caption)
        offered = answering_offer(turn.typed)
        agreed = sensible(offered, caption, said.instructions) if offered else None
        meant = thanked(understood, said.text)
        answer = plainly_asked or agreed or self._sensible(meant, probability, said, caption)
        wanted = answer.instruction
        return DialogueReply(
            kind=answer.kind,
            text=answer.text,
            instruction=wanted,
            undoes=undo is not None,
            takes_back=plainly_asked is None and bool(wanted and takes_back(caption, said.instructions, wanted)),
            adjust=again.adjustment if again else None,
            model=self.facts.name,
            timings=DialogueTimings(generate_s=round(time.perf_counter() - turn.at, 6)),
        )

    def _sensible(self, understood: Answer, probability: float, said: DialogueRequest, caption: str) -> Answer:
        """The answer as the rules let it stand; another likely one where it is so already, a question in doubt."""
        answer = sensible(understood, caption, said.instructions)
        if understood.instruction is None or answer.kind is ReplyKind.CLARIFICATION:
            return answer
        if answer.instruction is not None and probability >= self.asks_below and not invents(answer.instruction, said):
            return answer
        likeliest = Likely(understood, answer, probability)
        return in_doubt(said, likeliest, self._likely(said, caption), self.asks_below)

    def _likely(self, said: DialogueRequest, caption: str) -> list[Likely]:
        """What else may have been meant, as the rules let it stand; nothing where looking for it fails."""
        try:
            found = likely_answers(self.model, self.tokenizer, self.history.control, self.history.encode(said))
            return [Likely(meant, sensible(meant, caption, said.instructions), share) for meant, share in found]
        except RuntimeError:  # such as memory that runs out: there is an answer already
            log.exception("no_second_thought")
            return []


def load(name: str, device: str = "auto", dtype: str = "auto", asks_below: float = ASKS_BELOW) -> DialogueEngine:
    """Load a Blender folder or hub id (`id@revision`), safetensors only; raises ModelUnusable."""
    place = checkpoint.device_for(device)
    kind = checkpoint.dtype_for(dtype, place)
    folder = checkpoint.folder_of(name)
    config = checkpoint.config_of(folder, name)
    weights = checkpoint.weights_of(folder, name)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = checkpoint.model_of(folder, config, kind, place)
        model.generation_config = greedy(config)
        facts = DialogueModel(
            name=folder.name if Path(name).is_dir() else name,
            digest=checkpoint.digest_of(weights),
            parameter_count=model.num_parameters(),
            device=place.type,
            dtype=str(kind).removeprefix("torch."),
            limits=DialogueLimits(
                max_input_tokens=min(LIMIT, config.max_position_embeddings), max_reply_tokens=LONGEST_ANSWER
            ),
        )
        return DialogueEngine(model, tokenizer, facts, asks_below)
    except MissingControlTokens as error:
        raise ModelUnusable(f"the dialogue model {name}: {error}; train it with training.dialogue first") from error
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelUnusable(f"the dialogue model {name} cannot be loaded: {_first_line(error)}") from error


@torch.inference_mode()
def generate(model: BlenderbotForConditionalGeneration, inputs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Greedy answers to some inputs, as ids after the start token; rows that end early are padded.

    This is transformers' own loop, which needs no preparation; the engine's answers are held against it.
    """
    blender: Any = model  # its own annotations reject plain calls of generate
    ids, mask = padded(inputs, blender.config.pad_token_id)  # (rows, longest)
    outputs: Tensor = blender.generate(input_ids=ids.to(model.device), attention_mask=mask.to(model.device))
    return [row[1:] for row in outputs.tolist()]


@torch.inference_mode()
def surprise(
    model: BlenderbotForConditionalGeneration, inputs: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]
) -> float:
    """Loss of known answers (control token and end included), summed over all their tokens."""
    ids, mask = padded(inputs, model.config.pad_token_id)  # (rows, longest)
    labels, told = padded(answers, -100)
    loss = model(
        input_ids=ids.to(model.device), attention_mask=mask.to(model.device), labels=labels.to(model.device)
    ).loss
    return float(loss) * int(told.sum())


def greedy(config: BlenderbotConfig) -> GenerationConfig:
    """Generation as it is served: one beam, no sampling, no blocking of n-grams (answers copy the input's words)."""
    return GenerationConfig(
        num_beams=1, do_sample=False, max_new_tokens=LONGEST_ANSWER, min_length=0, length_penalty=1.0,
        no_repeat_ngram_size=0, encoder_no_repeat_ngram_size=0,
        pad_token_id=config.pad_token_id, bos_token_id=config.bos_token_id, eos_token_id=config.eos_token_id,
        decoder_start_token_id=config.decoder_start_token_id,
    )  # fmt: skip


def padded(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Ids padded on the right and their mask, each (rows, longest)."""
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[pad_id] * (longest - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return ids, mask


def _plain(outcome: DialogueReply | Exception) -> DialogueReply:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
