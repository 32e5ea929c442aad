"""The worker's signs of life."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from editing_service.model import EditingModel
from editing_service.ports import Claims
from editing_service.progress import ProgressPump
from shared.errors import StorageUnavailable
from shared.schemas import operations
from shared.schemas.parameters import EditDefaults

log = structlog.get_logger(__name__)


def describe_model(model: EditingModel) -> operations.EditingModel:
    """Say what the worker serves, for the gateway and its clients."""
    defaults = model.defaults
    return operations.EditingModel(
        name=model.name,
        digest=model.digest,
        parameter_count=model.parameter_count,
        device=str(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
        limits=operations.EditingLimits(max_side=defaults.resolution, multiple_of=model.multiple),
        defaults=EditDefaults(
            steps=defaults.steps,
            text_guidance_scale=defaults.text_guidance_scale,
            image_guidance_scale=defaults.image_guidance_scale,
        ),
        words=None if defaults.words is None else list(defaults.words),
    )


class Repeating:
    """Calls something again and again in a thread of its own, whatever it raises."""

    def __init__(self, name: str, call: Callable[[], None], pause_s: float) -> None:
        self._call, self._pause_s = call, pause_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread with a first call."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                self._call()
            except StorageUnavailable as error:
                log.warning("repetition_failed", what=self._thread.name, error=str(error))
            except Exception:
                log.exception("repetition_failed", what=self._thread.name)
            if self._stopped.wait(self._pause_s):
                return


class Heartbeat:
    """Tells Redis what this worker serves and how busy it is."""

    def __init__(self, claims: Claims, worker_id: str, slots: int) -> None:
        self._claims, self._worker_id, self._slots = claims, worker_id, slots
        self._served: tuple[operations.EditingModel, ProgressPump] | None = None
        self._draining = False

    def warm(self, model: operations.EditingModel, pump: ProgressPump) -> None:
        """From now on, tell that the model is loaded and takes edits."""
        self._served = (model, pump)

    def drain(self) -> None:
        """From now on, tell that no more edits are taken."""
        self._draining = True

    def beat(self) -> None:
        """Tell once."""
        model, pump = self._served or (None, None)
        busy = len(pump.followed()) if pump else 0
        worker = operations.Worker(
            id=self._worker_id,
            slots=busy if self._draining else self._slots,
            busy=busy,
            warm=model is not None and not self._draining,
            seen_at=datetime.now(UTC),
            model=model,
        )
        self._claims.heartbeat(worker)
