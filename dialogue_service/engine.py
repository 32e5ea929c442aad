"""The Blender engine: load, warm up, reply to a batch of requests."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError
from torch import Tensor
from transformers import (
    AutoConfig,
    AutoTokenizer,
    BlenderbotConfig,
    BlenderbotForConditionalGeneration,
    GenerationConfig,
    PreTrainedTokenizerBase,
)

from dialogue_service.history import LIMIT, HistoryEncoder, MissingControlTokens, normalised
from dialogue_service.instruction import Answer, read_answer
from dialogue_service.retelling import takes_back
from dialogue_service.sense import sensible, undoing
from shared.schemas.dialogue import DialogueReply, DialogueRequest, DialogueTimings
from shared.schemas.operations import DialogueLimits, DialogueModel

LONGEST_ANSWER = 48
"""Ids; a true answer has about ten."""
FEWEST_POSITIONS = 96
_FILES = ["*.json", "*.safetensors", "*.txt"]
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class ModelUnusable(RuntimeError):
    """The configured model cannot be served; the message says why in one line."""


class DialogueEngine:
    """A loaded Blender on one device; one thread may use it at a time."""

    def __init__(
        self, model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, facts: DialogueModel
    ) -> None:
        self.model, self.tokenizer, self.facts = model, tokenizer, facts
        self.history = HistoryEncoder(tokenizer, facts.limits.max_input_tokens)

    def warm_up(self) -> None:
        """Answer once, so that the first person does not wait for lazy initialisation."""
        self.reply([DialogueRequest(caption="a red ball on the left, in a meadow", text="paint the ball blue")])

    def reply(self, requests: Sequence[DialogueRequest]) -> list[DialogueReply]:
        """One reply per request, in their order; the same alone and in company."""
        started = time.perf_counter()
        inputs = [self.history.encode(request) for request in requests]
        outputs = generate(self.model, inputs)
        answers = [read_answer(ids, self.tokenizer, self.history.control) for ids in outputs]
        timings = DialogueTimings(generate_s=round(time.perf_counter() - started, 6))
        return [self._reply(said, answer, timings) for said, answer in zip(requests, answers, strict=True)]

    def _reply(self, said: DialogueRequest, understood: Answer, timings: DialogueTimings) -> DialogueReply:
        caption = normalised(said.caption or "")
        undo = undoing(said, caption)
        answer = undo or sensible(understood, caption, said.instructions)
        wanted = answer.instruction
        return DialogueReply(
            kind=answer.kind,
            text=answer.text,
            instruction=wanted,
            undoes=undo is not None,
            takes_back=undo is None and bool(wanted and takes_back(caption, said.instructions, wanted)),
            model=self.facts.name,
            timings=timings,
        )


def load(name: str, device: str = "auto", dtype: str = "auto") -> DialogueEngine:
    """Load a Blender folder or hub id (`id@revision`), safetensors only; raises ModelUnusable."""
    place = _device(device)
    kind = _dtype(dtype, place)
    folder = _folder(name)
    config = _config(folder, name)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelUnusable(f"the dialogue model {name} holds no safetensors weights")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = _blender(folder, config, kind, place)
        facts = DialogueModel(
            name=folder.name if Path(name).is_dir() else name,
            digest=_digest(weights),
            parameter_count=model.num_parameters(),
            device=place.type,
            dtype=str(kind).removeprefix("torch."),
            limits=DialogueLimits(
                max_input_tokens=min(LIMIT, config.max_position_embeddings), max_reply_tokens=LONGEST_ANSWER
            ),
        )
        return DialogueEngine(model, tokenizer, facts)
    except MissingControlTokens as error:
        raise ModelUnusable(f"the dialogue model {name}: {error}; train it with training.dialogue first") from error
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelUnusable(f"the dialogue model {name} cannot be loaded: {_first_line(error)}") from error


@torch.inference_mode()
def generate(model: BlenderbotForConditionalGeneration, inputs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Greedy answers to some inputs, as ids after the start token; rows that end early are padded."""
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


def _blender(
    folder: Path, config: BlenderbotConfig, dtype: torch.dtype, device: torch.device
) -> BlenderbotForConditionalGeneration:
    """The model with every weight read from the folder, generating greedily."""
    model: BlenderbotForConditionalGeneration
    model, told = BlenderbotForConditionalGeneration.from_pretrained(
        folder, config=config, dtype=dtype, use_safetensors=True, local_files_only=True, output_loading_info=True
    )
    if told["missing_keys"]:
        raise ValueError(f"the weights lack {min(told['missing_keys'])}")
    model.generation_config = greedy(config)
    plain: torch.nn.Module = model  # transformers leaves `to` and `eval` untyped
    plain.to(device)
    plain.eval()
    return model


def padded(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Ids padded on the right and their mask, each (rows, longest)."""
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[pad_id] * (longest - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    return ids, mask


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ModelUnusable("DEVICE=cuda, but there is no CUDA device here; use auto or cpu")
    try:
        return torch.device(wanted)
    except RuntimeError as error:
        raise ModelUnusable(f"DEVICE={wanted} is no device; use auto, cpu or cuda") from error


def _dtype(wanted: str, device: torch.device) -> torch.dtype:
    if wanted == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if wanted not in _DTYPES:
        raise ModelUnusable(f"DTYPE={wanted} is no dtype; use auto, {', '.join(_DTYPES)}")
    return _DTYPES[wanted]


def _folder(name: str) -> Path:
    """The local folder of a model, downloaded where the name is a hub id."""
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    try:
        return Path(snapshot_download(repository, revision=revision or None, allow_patterns=_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelUnusable(f"the dialogue model {name} is neither a folder nor a model id within reach") from error


def _config(folder: Path, name: str) -> BlenderbotConfig:
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"the dialogue model {name} has no readable config.json") from error
    if not isinstance(config, BlenderbotConfig):
        raise ModelUnusable(f"the dialogue model {name} is a {config.model_type}, not a Blenderbot")
    if config.max_position_embeddings < FEWEST_POSITIONS:
        raise ModelUnusable(f"the dialogue model {name} holds fewer than {FEWEST_POSITIONS} positions")
    return config


def _digest(files: Sequence[Path]) -> str:
    """SHA-256 over the weight files, in the order of their names."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
