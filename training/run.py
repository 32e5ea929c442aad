"""What every trainer shares: settings from a YAML file, precision, EMA, logs, a run that resumes where it stopped."""

from __future__ import annotations

import csv
import math
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TypeVar

import torch
import yaml
from accelerate import Accelerator
from diffusers.training_utils import EMAModel
from pydantic import TypeAdapter
from torch.utils.tensorboard import SummaryWriter
from tqdm.auto import tqdm

from editing_service.device import bfloat16_may_pay

PRECISION = "precision"
"""The file of a checkpoint that says what a CPU computed in: a stopwatch may choose otherwise another time."""


@dataclass(frozen=True)
class RunSettings:
    """How long and how fast a model is trained; each trainer adds its own fields."""

    steps: int = 1000
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    cooldown_part: float = 0.3
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    gradient_accumulation: int = 1
    ema_decay: float = 0.998
    mixed_precision: str = "auto"
    threads: int = 0
    seed: int = 0
    log_every: int = 20
    save_every: int = 500
    evaluate_every: int = 500


SettingsT = TypeVar("SettingsT", bound=RunSettings)


class Stateful(Protocol):
    """What a trainer has besides weights that a resumed run must find again."""

    def state_dict(self) -> dict[str, Any]:
        """What to keep of it."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what was kept."""


def read_settings(path: Path, kind: type[SettingsT], overrides: list[str] | None = None) -> SettingsT:
    """Read a YAML file and `name=value` overrides; raises ValueError naming what is unknown or wrong."""
    values: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    for override in overrides or []:
        name, _, value = override.partition("=")
        values[name] = yaml.safe_load(value)
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"{path}: unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return TypeAdapter(kind).validate_python(values)  # YAML reads 8e-4 as text: pydantic makes it a number


def begun_with(note: Path, value: str) -> None:
    """Note what a run is made with, beside its weights; raises ValueError where it began with something else."""
    if note.exists():
        if (before := note.read_text()) != value:
            raise ValueError(f"{note.parent} holds a run of other {note.stem}, {before}; take another folder")
        return
    note.parent.mkdir(parents=True, exist_ok=True)
    fresh = note.with_suffix(".new")
    fresh.write_text(value)
    fresh.rename(note)


@lru_cache
def mixed_precision(on_cpu: bool) -> str:
    """`bf16` where it pays, else `no`: a CPU without instructions for it is a hundred times slower in bfloat16."""
    if not on_cpu:
        return "bf16" if torch.cuda.is_bf16_supported() else "no"
    return "bf16" if bfloat16_may_pay() else "no"


class Run:
    """One training run in a folder: steps that can be interrupted and go on bit for bit, and its logs.

    A batch must be a function of the step alone (seed it with `step_seed`): so the data's order resumes with the step.
    """

    def __init__(
        self,
        settings: RunSettings,
        model: torch.nn.Module,
        output: Path,
        device: str | None = None,
        rates: Mapping[str, float] | None = None,
        kept: Sequence[Stateful] = (),
    ) -> None:
        """`rates` multiply the learning rate of the weights whose names begin so; `kept` is saved with the run."""
        output.mkdir(parents=True, exist_ok=True)
        if settings.threads:
            torch.set_num_threads(settings.threads)
        self.settings, self.output = settings, output
        self.step, self.seconds = 0, 0.0
        on_cpu = device == "cpu" or not torch.cuda.is_available()
        self.accelerator = Accelerator(
            mixed_precision=self._precision(on_cpu),
            gradient_accumulation_steps=settings.gradient_accumulation,
            cpu=on_cpu,
        )
        groups = _by_rate(model, settings.learning_rate, rates or {})
        optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=settings.weight_decay, fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        self.model, self.optimizer, self.schedule = self.accelerator.prepare(model, optimizer, schedule)
        self.ema = EMAModel(
            self.model.parameters(), decay=settings.ema_decay, use_ema_warmup=True, inv_gamma=5.0, power=0.75
        )
        self.ema.to(self.accelerator.device)
        self.accelerator.register_for_checkpointing(self.ema, self, *kept)
        self._stop = False
        self._writer = SummaryWriter(str(output / "tensorboard"))

    def state_dict(self) -> dict[str, float]:
        """What accelerate keeps of the run itself."""
        return {"step": self.step, "seconds": self.seconds}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Take up the step that `state_dict` gave, and the time that all steps before it took."""
        self.step, self.seconds = int(state["step"]), state.get("seconds", 0.0)

    def resume(self) -> bool:
        """Go on from the folder's last checkpoint, if there is one."""
        latest = self.output / "state"
        if not (latest / "complete").exists():
            return False
        self.accelerator.load_state(str(latest))
        return True

    def save(self) -> None:
        """Write a checkpoint beside the old one, then put it in its place, so that a torn one is never read."""
        fresh, latest, old = (self.output / name for name in ("state.new", "state", "state.old"))
        self.accelerator.save_state(str(fresh), safe_serialization=False)
        if self.accelerator.device.type == "cpu":
            (fresh / PRECISION).write_text(self.accelerator.mixed_precision)
        (fresh / "complete").touch()
        _remove(old)
        if latest.exists():
            latest.rename(old)
        fresh.rename(latest)
        _remove(old)

    def steps(self) -> Iterator[int]:
        """Count the steps still to do, with a progress bar; saves now and then, and when Ctrl-C or SIGTERM stops it."""
        previous = {number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
        bar = tqdm(total=self.settings.steps, initial=self.step, desc=self.output.name, mininterval=5)
        before = time.monotonic() - self.seconds
        try:
            while self.step < self.settings.steps and not self._stop:
                yield self.step
                self.step += 1
                self.seconds = time.monotonic() - before
                bar.update()
                if self.step % self.settings.save_every == 0:
                    self.save()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            bar.close()
            self._writer.flush()
        self.save()
        if self._stop:
            raise SystemExit(
                f"stopped at step {self.step} of {self.settings.steps}; the same command goes on from here"
            )

    def learn(self, loss: torch.Tensor) -> None:
        """One optimiser step down the loss, and the average weights after it."""
        self.accelerator.backward(loss)
        if self.accelerator.sync_gradients:
            self.accelerator.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.ema.step(self.model.parameters())

    def log(self, name: str, **values: float) -> None:
        """Append a row to `NAME.csv` and to TensorBoard."""
        path = self.output / f"{name}.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(["step", *values])
            writer.writerow([self.step, *(f"{value:.6g}" for value in values.values())])
        for key, value in values.items():
            self._writer.add_scalar(f"{name}/{key}", value, self.step)

    def with_average_weights(self, look: Callable[[], Any]) -> Any:
        """Call `look` while the model carries its averaged weights."""
        self.ema.store(self.model.parameters())
        self.ema.copy_to(self.model.parameters())
        self.model.eval()
        try:
            return look()
        finally:
            self.ema.restore(self.model.parameters())
            self.model.train()

    def bare(self) -> Any:
        """The model without what accelerate wraps around it."""
        return self.accelerator.unwrap_model(self.model)

    def step_seed(self, step: int) -> int:
        """A seed for everything random in this step, the same in a resumed run."""
        return self.settings.seed * 1_000_003 + step

    def _precision(self, on_cpu: bool) -> str:
        """What the settings say; for `auto` on a CPU what the folder's checkpoint was computed in, if it tells."""
        if self.settings.mixed_precision != "auto":
            return self.settings.mixed_precision
        kept = self.output / "state" / PRECISION
        return kept.read_text() if on_cpu and kept.exists() else mixed_precision(on_cpu)

    def _rate(self, step: int) -> float:
        warm = min(1.0, (step + 1) / max(1, self.settings.warmup_steps))
        left = (self.settings.steps - step) / max(1.0, self.settings.steps * self.settings.cooldown_part)
        return warm * (1.0 if left >= 1 else 0.5 - 0.5 * math.cos(math.pi * max(0.0, left)))

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop = True


def took(seconds: float) -> str:
    """A time as a card says it: `1 h 20 min`."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _by_rate(model: torch.nn.Module, base: float, rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """The weights to train, in one group for each learning rate."""
    groups: dict[float, list[torch.nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            factor = next((factor for start, factor in rates.items() if name.startswith(start)), 1.0)
            groups.setdefault(base * factor, []).append(weight)
    return [{"params": weights, "lr": rate} for rate, weights in groups.items()]


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
