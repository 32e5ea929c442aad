"""OpenAI's Images edit call and list of models, so that its clients work with this server by their base url."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse

from gateway import openai_examples as examples
from gateway.dependencies import PortsOf, Tenant
from gateway.openai_answers import Answering, streamed_answer, whole_answer
from gateway.openai_edit import accept_once, check_call
from gateway.openai_form import read_call
from gateway.openai_schemas import ModelCard, ModelCards
from gateway.ports import Ports
from gateway.sse import stream_frames
from shared.errors import ModelNotFound, NoWorker

router = APIRouter(prefix="/openai/v1", tags=["openai"])

IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="the same call with the same key waits for the same edit")
]


@router.post("/images/edits", openapi_extra=examples.EDIT_FORM, responses=examples.EDIT_ANSWERS)
async def edit_image(request: Request, tenant: Tenant, ports: PortsOf, key: IdempotencyKey = None) -> Response:
    """Carry out the prompt on one picture, and answer with the pictures or with a stream of events."""
    answering = await _accepted(request, tenant, ports, key)
    if answering.is_stream:
        return stream_frames(streamed_answer(answering, ports))
    pieces = await whole_answer(answering, ports)
    return StreamingResponse(pieces, headers={"Location": answering.edit.urls.self}, media_type="application/json")


@router.get("/models", responses=examples.answers(examples.MODELS))
async def list_openai_models(ports: PortsOf) -> ModelCards:
    """List the editing model that is served; none as long as no worker has told of one."""
    try:
        return ModelCards(data=[ModelCard.of(await ports.models.editing())])
    except NoWorker:
        return ModelCards(data=[])


@router.get("/models/{model:path}", responses=examples.answers(examples.MODEL, 404))
async def get_openai_model(model: str, ports: PortsOf) -> ModelCard:
    """Read one model of the list."""
    for card in (await list_openai_models(ports)).data:
        if card.id == model:
            return card
    raise ModelNotFound(f"There is no model {model!r} here; GET /openai/v1/models lists what there is.")


async def _accepted(request: Request, tenant: str, ports: Ports, key: str | None) -> Answering:
    """Read, check and submit; the uploaded pictures are let go here, as the wait that follows may be long."""
    call = await read_call(request)
    checked = await check_call(call, ports)
    return Answering(
        tenant=tenant,
        edit=await accept_once(tenant, checked, key, request, ports),
        rendering=checked.rendering,
        is_repeatable=key is not None,
        is_stream=call.form.stream,
        partial_images=call.form.partial_images,
        base_url=str(request.base_url).rstrip("/") if call.form.response_format == "url" else None,
    )
