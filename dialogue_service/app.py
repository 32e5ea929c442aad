"""The HTTP side of the dialogue service: one question in, one reply out, and the probes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from opentelemetry.trace import get_current_span
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dialogue_service.batching import Batcher, Timed
from dialogue_service.metrics import DialogueMetrics
from shared.errors import Unavailable
from shared.schemas.dialogue import DialogueReply, DialogueRequest
from shared.schemas.operations import DialogueModel
from shared.tracing import flush_traces
from shared.web import TRACED, install_web

MOST_WAITING = 256


def create_app(
    batcher: Batcher[DialogueRequest, DialogueReply], facts: DialogueModel, metrics: DialogueMetrics
) -> FastAPI:
    """The service around a batcher that has started; it is stopped when the service ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await batcher.stop()
        await asyncio.to_thread(flush_traces)

    app = FastAPI(title="DialogPaint dialogue service", lifespan=lifespan, telemetry=TRACED)
    app.state.desk = Desk(batcher, facts, metrics)
    install_web(app, metrics.http.observe)
    _add_routes(app, metrics)
    return app


class Desk:
    """Takes requests to the engine and counts what happens."""

    def __init__(
        self, batcher: Batcher[DialogueRequest, DialogueReply], facts: DialogueModel, metrics: DialogueMetrics
    ) -> None:
        self.facts, self._batcher, self._metrics = facts, batcher, metrics
        metrics.watch(lambda: batcher.waiting)

    @property
    def is_ready(self) -> bool:
        """Whether a request would be answered."""
        return self._batcher.is_open

    async def reply(self, request: DialogueRequest) -> DialogueReply:
        """The engine's reply; raises Unavailable where too many wait or the service is stopping."""
        try:
            answer: Timed[DialogueReply] = await self._batcher.submit(request)
        except Unavailable:
            self._metrics.refused.inc()
            raise
        reply = answer.result
        get_current_span().set_attributes({"queue_s": answer.queue_s, "generate_s": reply.timings.generate_s})
        self._metrics.replies.labels(reply.kind.value).inc()
        self._metrics.queue_s.observe(answer.queue_s)
        self._metrics.generate_s.observe(reply.timings.generate_s)
        self._metrics.rows.observe(answer.rows)
        return reply.model_copy(update={"timings": reply.timings.model_copy(update={"queue_s": answer.queue_s})})


def _add_routes(app: FastAPI, counted: DialogueMetrics) -> None:
    def desk(request: Request) -> Desk:
        found: Desk = request.app.state.desk
        return found

    @app.post("/reply")
    async def reply(said: DialogueRequest, request: Request) -> DialogueReply:
        """Answer what was said, in the light of the conversation so far."""
        return await desk(request).reply(said)

    @app.get("/model")
    async def model(request: Request) -> DialogueModel:
        """The model being served and its limits."""
        return desk(request).facts

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz(request: Request, response: Response) -> dict[str, str]:
        """The model is loaded and takes requests."""
        ready = desk(request).is_ready
        response.status_code = 200 if ready else 503
        return {"status": "ready" if ready else "draining"}

    @app.get("/metrics")
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)
