"""What a CPU runs a model with: the number type and the count of threads that were quickest when it was tried here.

Neither can be told from the processor's name. bfloat16 takes half the time where there are instructions for it and a
hundred times as long where there are none; a small model gains nothing from many threads. So a few edits are timed at
the first start, float32 on all cores against the others, and the outcome is kept for later starts. A number type is
chosen only if its pictures are those of float32 to the eye.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
import torch
from pydantic import TypeAdapter

from editing_service.device import bfloat16_may_pay, cores, use_cores
from editing_service.hardware import choose_hardware
from editing_service.model import EditingModel, load_model
from editing_service.model_folder import open_model_folder
from editing_service.trial import Choice, tried

log = structlog.get_logger(__name__)

_CHOICES = TypeAdapter(dict[str, Choice])

SAME_DB = 45.0
"""Least likeness (PSNR) of another number type's pictures to those of float32."""
BLOCKS = 2
"""Raised when what a CPU computes with has changed so much that older choices say nothing."""
WORTH = 0.95
"""A candidate must take less than this share of the time of what was chosen so far."""


@dataclass(frozen=True)
class Wanted:
    """What the settings say: `auto` and 0 leave it to the trial."""

    device: str = "auto"
    dtype: str = "auto"
    threads: int = 0
    cuda_graphs: bool = False
    side_stream: bool = True


class Kept:
    """Choices made on earlier starts, in a JSON file; one that can't be read or written costs a new trial only."""

    def __init__(self, path: Path, model_digest: str, wanted: Wanted) -> None:
        self._path = path
        machine = f"{cores()} cores of {_processor()}, torch {torch.__version__}, blocks {BLOCKS}"
        self._key = f"{model_digest} on {machine}, dtype {wanted.dtype}, threads {wanted.threads or 'auto'}"

    def read(self) -> Choice | None:
        """What was chosen for this model on this machine."""
        try:
            return self._all().get(self._key)
        except (OSError, ValueError) as error:
            log.warning("choice_unreadable", path=str(self._path), error=str(error))
            return None

    def write(self, choice: Choice) -> None:
        """Keep a choice beside those for other models."""
        try:
            known = self._all()
        except (OSError, ValueError):
            known = {}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(_CHOICES.dump_json({**known, self._key: choice}, indent=2) + b"\n")
        except OSError as error:
            log.warning("choice_not_kept", path=str(self._path), error=str(error))

    def _all(self) -> dict[str, Choice]:
        return _CHOICES.validate_json(self._path.read_bytes()) if self._path.exists() else {}


def load_quickest(source: str, wanted: Wanted, kept_in: Path) -> EditingModel:
    """Load a model as it is quickest on this machine, on the thread that is going to compute; raises UnusableModel.

    What the settings decide is not tried.
    """
    hardware = choose_hardware(wanted.device, wanted.dtype)
    if hardware.device.type != "cpu":
        return load_model(source, wanted.device, wanted.dtype, wanted.cuda_graphs, wanted.side_stream)
    threads = wanted.threads or (cores() if "OMP_NUM_THREADS" in os.environ else None)
    if threads and wanted.dtype != "auto":
        use_cores(threads)
        return load_model(source, "cpu", wanted.dtype)
    kept = Kept(kept_in, open_model_folder(source).digest(), wanted)
    choice = kept.read()
    if choice is not None:
        use_cores(choice.threads)
        return load_model(source, "cpu", choice.dtype)
    dtypes = [wanted.dtype] if wanted.dtype != "auto" else ["float32", *(["bfloat16"] if bfloat16_may_pay() else [])]
    models = {dtype: load_model(source, "cpu", dtype) for dtype in dtypes}
    choice = quickest(models, threads)
    kept.write(choice)
    return models[choice.dtype]


def quickest(models: dict[str, EditingModel], threads: int | None = None) -> Choice:
    """Try loaded models, by the name of their number type, the reference first; `threads` is not tried where given.

    To be called on the thread that is going to compute; its count of threads is left as it is chosen.
    """
    first = next(iter(models))
    best = reference = tried(models[first], Choice(first, threads or cores()))
    for choice in _others(models, best.choice):
        trial = tried(models[choice.dtype], choice)
        likeness = trial.psnr(reference)
        log.info("choice_tried", **asdict(choice), part_of_time=trial.seconds / reference.seconds, psnr_db=likeness)
        if likeness >= SAME_DB and trial.seconds < WORTH * best.seconds:
            best = trial
    for fewer in [] if threads else _halved(best.choice.threads):
        trial = tried(models[best.choice.dtype], Choice(best.choice.dtype, fewer))
        if trial.seconds >= WORTH * best.seconds:
            break
        best = trial
    use_cores(best.choice.threads)
    log.info("quickest_chosen", **asdict(best.choice), part_of_time=best.seconds / reference.seconds)
    return best.choice


def _others(models: dict[str, EditingModel], start: Choice) -> Iterator[Choice]:
    return (Choice(dtype, start.threads) for dtype in models if dtype != start.dtype)


def _halved(threads: int) -> Iterator[int]:
    while threads > 1:
        threads //= 2
        yield threads


def _processor() -> str:
    """The processor's name, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "an unknown processor"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "a processor")
