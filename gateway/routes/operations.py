"""What operators and tools ask: models, queue, alive, ready, metrics."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from gateway import described, examples
from gateway.dependencies import PortsOf, RequestId
from gateway.readiness import missing_parts
from shared.errors import Unavailable
from shared.schemas.operations import Models, QueueState, Readiness
from shared.web import PROBLEM_JSON

router = APIRouter(tags=["operations"])


@router.get("/v1/models", responses=described.answers(200, examples.MODELS))
async def list_models(ports: PortsOf) -> Models:
    """Read which dialogue and editing models are being served; null for one that nobody serves now."""
    return await ports.models.served()


@router.get("/v1/queue", responses=described.answers(200, examples.QUEUE))
async def get_queue(ports: PortsOf) -> QueueState:
    """Read how much work waits and who does it."""
    return await ports.stores.queue.state()


@router.get("/livez", responses={200: described.json_example(examples.ALIVE)})
async def get_liveness() -> dict[str, bool]:
    """Say that the process is alive; touches nothing else."""
    return {"alive": True}


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={200: described.json_example(examples.READY), 503: described.NOT_READY},
)
async def get_readiness(ports: PortsOf, request_id: RequestId) -> Any:
    """Say whether Redis, the image store, the dialogue model and a warm worker answer, and which is missing."""
    missing = await missing_parts(ports)
    if not missing:
        return Readiness(ready=True)
    problem = Unavailable(f"Missing: {', '.join(missing)}.").problem(request_id).model_dump(exclude_none=True)
    readiness = Readiness(ready=False, missing=missing).model_dump()
    return JSONResponse({**problem, **readiness}, 503, {"Retry-After": "2"}, media_type=PROBLEM_JSON)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": examples.METRICS}}}},
)
async def get_metrics(ports: PortsOf) -> Response:
    """Read the metrics in Prometheus' text format."""
    exposed = await ports.metrics.expose(
        ports.stores, breaker_is_open=ports.dialogue.breaker_is_open, listeners=ports.hub.listeners
    )
    return Response(exposed, media_type=CONTENT_TYPE_LATEST)
