"""S0: the step engine called directly, from bytes to bytes as the worker does it, with nothing between."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from benchmarks.jobs import Job, Picture
from benchmarks.load import put_on
from benchmarks.sides import Load, Loaded, SideFailed
from editing_service.canvas import Canvas
from editing_service.device import DeviceThread, compute_alone
from editing_service.engine import StepEngine
from editing_service.guidance import Condition, GuidanceScales
from editing_service.images import Pixels, read_picture
from editing_service.model import EditingModel, load_model
from editing_service.runs import RunRequest
from editing_service.worker import row_counts, warm_model
from shared.errors import DialogPaintError
from shared.settings import Settings

SLOTS = 8


@dataclass(frozen=True)
class Switches:
    """What of the engine is on."""

    slots: int = SLOTS  # 1: no step is shared
    skips_rows: bool = True  # rows of weight zero are left out
    lean: bool = True  # the networks' blocks compute the same with less around the sums
    compares: bool = True  # the source is rendered too where the model folder wants it compared; a pipeline never does


class AllRows(GuidanceScales):
    """Scales that have all three rows computed, those too that count nothing."""

    def weights(self) -> dict[Condition, float]:
        """See `GuidanceScales.weights`."""
        return dict.fromkeys(Condition, 0.0) | super().weights()


class EngineHost:
    """Our model on its device thread, and an engine on it for each load."""

    def __init__(
        self, folder: Path, dtype: str, choices_file: Path, *, graphs: bool = False, side_stream: bool = True
    ) -> None:
        compute_alone()  # this thread submits runs, which computes a little: a team of its own would slow the engine's
        settings = {
            "editing_model": str(folder),
            "dtype": dtype,
            "choices_file": str(choices_file),
            "cuda_graphs": graphs,
            "side_stream": side_stream,
        }
        self._folder, self._device = folder, DeviceThread()
        self._model: EditingModel = self._device.call(partial(warm_model, Settings.model_validate(settings)))
        self._plain: EditingModel | None = None  # the same with diffusers' blocks, once somebody asks for it

    def dtype(self) -> str:
        """The number type that was chosen for this machine."""
        return str(self._model.dtype).removeprefix("torch.")

    def bear(self, load: Load, switches: Switches) -> Loaded:
        """Carry out a load with some of the engine's ways switched off."""
        with self._running(switches) as direct:
            return put_on(direct, load)

    def pictures(self, jobs: Sequence[Job], switches: Switches) -> list[Picture]:
        """Edit pictures in company, all at once."""
        with self._running(switches) as direct:
            return direct.edit_all(jobs)

    def row_seconds(self, rows: int, tries: int) -> list[float]:
        """How long the U-Net takes for so many rows, tried again and again."""
        return self._device.call(partial(_row_seconds, self._model, rows, tries))

    @contextmanager
    def _running(self, switches: Switches) -> Iterator[Direct]:
        model = self._model if switches.lean else self._device.call(self._with_diffusers_blocks)
        engine = StepEngine(model, switches.slots, device=self._device)
        engine.start()
        try:
            yield Direct(engine, Canvas.of(model), switches)
        finally:
            engine.stop()

    def _with_diffusers_blocks(self) -> EditingModel:
        if self._plain is None:
            self._plain = load_model(str(self._folder), str(self._model.device), self.dtype(), lean=False)
            self._plain.warm_up(row_counts(self._plain, SLOTS))
        return self._plain


class Direct:
    """The clients' end of an engine in this process; safe for threads."""

    def __init__(self, engine: StepEngine, canvas: Canvas, switches: Switches) -> None:
        self._engine, self._canvas, self._switches = engine, canvas, switches

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        """See `Service.edit`."""
        try:
            return self._edit(job, patience_s)
        except DialogPaintError as error:
            raise SideFailed(str(error)) from error

    def edit_all(self, jobs: Sequence[Job]) -> list[Picture]:
        """Edit pictures together, and give them as the model draws them."""
        plain = [self._canvas.frame(read_picture(job.picture.png), [job.instruction]).pixels for job in jobs]
        requests = [self._request(job, pixels) for job, pixels in zip(jobs, plain, strict=True)]
        handles = [self._engine.submit(replace(request, compare=False)) for request in requests]
        return [Picture.of_pixels(handle.result().pixels) for handle in handles]

    def _edit(self, job: Job, patience_s: float | None) -> Picture | None:
        compute_alone()
        source = read_picture(job.picture.png)
        framed = self._canvas.frame(source, [job.instruction])
        request = self._request(job, framed.pixels)
        handle = self._engine.submit(request)
        try:
            finished = handle.result(patience_s)
        except TimeoutError:
            handle.cancel()
            return None
        return Picture.of(self._canvas.unframe(source, framed, finished, request.instructions))

    def _request(self, job: Job, pixels: Pixels) -> RunRequest:
        scales = GuidanceScales if self._switches.skips_rows else AllRows
        return RunRequest(
            pixels=pixels,
            picture_hash=hashlib.sha256(job.picture.png).hexdigest(),
            instructions=(job.instruction,),
            steps=job.parameters.steps,
            scales=scales(job.parameters.text_scale, job.parameters.image_scale),
            seed=job.seed,
            compare=self._switches.compares and self._canvas.carry_changes,
        )


def _row_seconds(model: EditingModel, rows: int, tries: int) -> list[float]:
    side = model.defaults.resolution // model.vae_scale_factor
    sample = torch.zeros(rows, 2 * model.latent_channels, side, side, device=model.device)
    timesteps = torch.zeros(rows, device=model.device)
    embeds = model.no_prompt.expand(rows, -1, -1)
    taken = []
    with torch.inference_mode():
        model.predict(sample, timesteps, embeds)
        for _ in range(tries):
            _await_device(model.device)
            started = time.perf_counter()
            model.predict(sample, timesteps, embeds)
            _await_device(model.device)
            taken.append(time.perf_counter() - started)
    return taken


def _await_device(device: torch.device) -> None:
    if device.type == "cuda":  # which only queues what it is told
        torch.cuda.synchronize(device)
