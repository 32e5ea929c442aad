"""Run the dialogue service: `python -m dialogue_service`."""

from __future__ import annotations

import gc
import time
from functools import partial

import structlog
import uvicorn
from pydantic import ValidationError

from dialogue_service.app import MOST_WAITING, create_app
from dialogue_service.batching import Batcher
from dialogue_service.checkpoint import ModelUnusable, digest_served_as, memory_taken
from dialogue_service.cores import take_half
from dialogue_service.engine import DialogueEngine, load
from dialogue_service.metrics import DialogueMetrics
from shared.schemas.dialogue import DialogueReply, DialogueRequest
from shared.serving import Server
from shared.settings import Settings, read_settings, wrong_settings
from shared.telemetry import configure_logging
from shared.tracing import TracingUnavailable, configure_tracing
from shared.web import KEEP_ALIVE_S
from shared.weights import refusal

log = structlog.get_logger(__name__)


def main() -> None:
    """Load the model, then serve it; a setting that cannot work ends the process with one line."""
    started, metrics = time.monotonic(), DialogueMetrics()
    try:
        settings = read_settings()
        configure_logging(settings.log_level, "dialogue")
        configure_tracing(settings.trace_to, "dialogue")
        batcher: Batcher[DialogueRequest, DialogueReply] = Batcher(MOST_WAITING)
        engine = batcher.start(lambda: _ready(settings))
    except ValidationError as error:
        raise SystemExit(f"dialogue service: {wrong_settings(error)[0]}") from None
    except (ModelUnusable, TracingUnavailable, OSError) as error:
        raise SystemExit(f"dialogue service: {error}") from None
    facts, taken = engine.facts, partial(memory_taken, engine.model.device)
    metrics.model.loaded(facts.name, facts.digest, time.monotonic() - started, taken)
    gc.freeze()  # what is loaded now stays: no collection, not even the last one, has to look at it again
    config = uvicorn.Config(
        create_app(batcher, facts, metrics),
        host=settings.dialogue_host,
        port=settings.dialogue_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=settings.graceful_shutdown_s,
    )
    Server(config, settings.stuck_after_s).run()


def _ready(settings: Settings) -> DialogueEngine:
    """The configured engine, warm."""
    threads = take_half()
    name = settings.dialogue_model
    if refused := refusal("DIALOGUE_MODEL_DIGEST", settings.dialogue_model_digest, partial(digest_served_as, name)):
        raise ModelUnusable(refused)
    engine = load(name, settings.device, settings.dtype, settings.dialogue_asks_below)
    engine.warm_up()
    log.info(
        "model_ready", model=engine.facts.name, digest=engine.facts.digest, dtype=engine.facts.dtype, threads=threads
    )
    return engine


if __name__ == "__main__":
    main()
