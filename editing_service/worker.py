"""The worker process: one model, one step engine, and a Celery worker whose threads submit and wait."""

from __future__ import annotations

import gc
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import structlog
from celery import Celery
from celery.signals import worker_shutting_down

from editing_service.canvas import Canvas
from editing_service.choice import Wanted, load_quickest
from editing_service.device import DeviceThread, compute_alone
from editing_service.edit import EditRunner, WorkerLimits
from editing_service.engine import StepEngine
from editing_service.failures import UnusableModel
from editing_service.hardware import memory_taken
from editing_service.heartbeat import Heartbeat, Repeating, describe_model
from editing_service.metrics import WorkerMetrics
from editing_service.model import EditingModel
from editing_service.model_folder import open_model_folder
from editing_service.ports import Outside
from editing_service.progress import ProgressPump
from editing_service.tasks import register_tasks
from editing_service.watchdog import DeviceWatchdog, QueueWatchdog
from shared.broker import QUEUE_EDITS, make_celery
from shared.errors import StorageUnavailable
from shared.settings import Settings
from shared.storage.claims import open_claims
from shared.storage.files import open_image_files
from shared.weights import refusal

log = structlog.get_logger(__name__)

WATCH_EVERY_S = 1.0
WARM_UP_S = 5.0


def serve(settings: Settings) -> int:
    """Load the model, then carry out edits until SIGTERM; what is in flight then is finished first.

    Raises UnusableModel where the settings name no model that can be served here.
    """
    compute_alone()
    started, claims, metrics = time.monotonic(), open_claims(settings), WorkerMetrics()
    if settings.metrics_port:
        metrics.serve(settings.metrics_host, settings.metrics_port)
    worker_id = f"{socket.gethostname()}-{os.getpid()}"
    outside = Outside(claims, open_image_files(settings.image_store_url), metrics, worker_id)
    heartbeat = Heartbeat(claims, worker_id, settings.engine_slots)
    try:
        with _repeating("heartbeat", heartbeat.beat, settings.heartbeat_s):
            device = DeviceThread()
            model = device.call(partial(warm_model, settings))
            metrics.model.loaded(
                model.name, model.digest, time.monotonic() - started, partial(memory_taken, model.device)
            )
            gc.freeze()  # what is loaded now stays: no collection, not even the last one, has to look at it again
            log.info(
                "model_warm", name=model.name, digest=model.digest, device=str(model.device), dtype=str(model.dtype)
            )
            with running(settings, model, device, outside) as (runner, pump):
                heartbeat.warm(describe_model(model), pump)
                return consume(settings, runner, heartbeat)
    finally:
        with suppress(StorageUnavailable):
            claims.goodbye(worker_id)
        claims.close()


def warm_model(settings: Settings) -> EditingModel:
    """Load the model on the calling thread, which is the one to compute, and run every part of it once.

    Raises UnusableModel.
    """
    # oneDNN keeps the kernels that it made for 1024 shapes; a mixed load has more, and would make them again and again.
    # It looks here when it makes its first one.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
    wanted = Wanted(settings.device, settings.dtype, settings.threads, settings.cuda_graphs, settings.side_stream)
    source = settings.editing_model
    if refused := refusal("EDITING_MODEL_DIGEST", settings.editing_model_digest, open_model_folder(source).digest):
        raise UnusableModel(refused)
    model = load_quickest(source, wanted, Path(settings.choices_file))
    model.warm_up(row_counts(model, settings.engine_slots), WARM_UP_S)
    return model


def row_counts(model: EditingModel, slots: int) -> list[int]:
    """The counts of U-Net rows that steps will have: of one edit of any kind, and of up to all slots as usual."""
    each = len(model.defaults.scales.weights())
    return sorted({1, 2, 3, *(each * edits for edits in range(1, slots + 1))})


@contextmanager
def running(
    settings: Settings, model: EditingModel, device: DeviceThread, outside: Outside
) -> Iterator[tuple[EditRunner, ProgressPump]]:
    """Start the engine with all that surrounds it; on leaving, let it finish first."""
    pump = ProgressPump(outside.claims, settings.lease_s)
    engine = StepEngine(
        model, settings.engine_slots, after_step=pump.wake, on_batch=outside.metrics.stepped, device=device
    )
    of_device = DeviceWatchdog(engine, pump, outside.claims, settings.step_timeout_s)
    of_queue = QueueWatchdog(pump, outside.claims, settings.idle_timeout_s)
    canvas = Canvas.of(model)
    limits = WorkerLimits(settings.lease_s, settings.max_edit_s)
    with ExitStack() as stack:
        pump.start()
        stack.callback(pump.stop)
        stack.enter_context(_repeating("device watchdog", of_device.look, WATCH_EVERY_S))
        engine.start()
        stack.callback(engine.stop)
        stack.enter_context(_repeating("queue watchdog", of_queue.look, WATCH_EVERY_S))
        yield EditRunner(engine, pump, outside, canvas, limits), pump


def consume(settings: Settings, runner: EditRunner, heartbeat: Heartbeat) -> int:
    """Run the Celery worker until it is told to stop; gives its exit status."""
    app: Celery = make_celery(settings)
    register_tasks(app, runner)

    def drain(**_: object) -> None:
        heartbeat.drain()

    worker_shutting_down.connect(drain)
    worker = app.Worker(
        pool="threads",
        concurrency=settings.engine_slots,
        queues=[QUEUE_EDITS],
        without_mingle=True,
        without_gossip=True,
        hostname=f"editing@{socket.gethostname()}-{os.getpid()}",
        quiet=True,
        loglevel=settings.log_level.upper(),
    )
    worker.start()
    return worker.exitcode or 0


@contextmanager
def _repeating(name: str, call: Callable[[], None], pause_s: float) -> Iterator[None]:
    repeating = Repeating(name, call, pause_s)
    repeating.start()
    try:
        yield
    finally:
        repeating.stop()
