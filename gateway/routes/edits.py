"""Edits: ask for one without dialogue, follow, cancel, run again, rate."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway import described, examples
from gateway.dependencies import (
    Cursor,
    EditId,
    IfVersion,
    Limit,
    OperationOf,
    PortsOf,
    Tenant,
    Wait,
    show_edit,
)
from gateway.edits import Asking, run_again, submit_edit
from gateway.idempotency import IdempotentRoute
from shared.schemas.base import Page
from shared.schemas.edit import Edit, EditRequest, EditStatus, Rating

router = APIRouter(prefix="/v1/edits", tags=["edits"], route_class=IdempotentRoute)


@router.post("", status_code=202, responses=described.edit_answers(*described.BODY, 404, 409, 412))
async def create_edit(
    wanted: Annotated[EditRequest, examples.EDIT_BODY],
    response: Response,
    tenant: Tenant,
    ports: PortsOf,
    operation: OperationOf,
    if_version: IfVersion,
    wait_s: Wait,
) -> Edit:
    """Carry out an explicit instruction on a picture, or on a revision of a conversation."""
    accepted = await submit_edit(Asking(tenant, if_version, operation), wanted, ports)
    ports.metrics.edits.labels("request").inc()
    edit = await ports.waiter.until_over(tenant, accepted, wait_s)
    show_edit(response, edit, wait_s)
    return edit


@router.get("", responses=described.answers(200, described.page(examples.EDIT), 422))
async def list_edits(
    tenant: Tenant,
    ports: PortsOf,
    status: Annotated[EditStatus | None, Query(description="only edits of this status")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[Edit]:
    """List edits, newest first."""
    return await ports.stores.edits.list(tenant, limit, cursor, status)


@router.get("/{edit_id}", responses=described.answers(200, examples.EDIT, 404))
async def get_edit(edit_id: EditId, tenant: Tenant, ports: PortsOf) -> Edit:
    """Read an edit."""
    return await ports.stores.edits.get(tenant, edit_id)


@router.post("/{edit_id}/cancel", responses=described.answers(200, examples.EDIT_CANCELED, 404, 409))
async def cancel_edit(edit_id: EditId, tenant: Tenant, ports: PortsOf) -> Edit:
    """Stop an edit within one denoising step; one that is over stays as it is."""
    return await ports.stores.edits.cancel(tenant, edit_id, ports.metrics.count_canceled)


@router.post("/{edit_id}/rerun", status_code=202, responses=described.edit_answers(404, 409, 503))
async def rerun_edit(
    edit_id: EditId, response: Response, tenant: Tenant, ports: PortsOf, operation: OperationOf, wait_s: Wait
) -> Edit:
    """Run an edit again with the same inputs and seed; `identical` says whether the picture is the same.

    One that failed or was cancelled takes its place in its conversation; one that succeeded is run outside of it.
    """
    accepted = await run_again(Asking(tenant, operation=operation), edit_id, ports)
    ports.metrics.edits.labels("rerun").inc()
    edit = await ports.waiter.until_over(tenant, accepted, wait_s)
    show_edit(response, edit, wait_s)
    return edit


@router.put("/{edit_id}/rating", responses=described.answers(200, examples.EDIT, *described.BODY, 404, 409))
async def rate_edit(
    edit_id: EditId, rating: Annotated[Rating, examples.RATING_BODY], tenant: Tenant, ports: PortsOf
) -> Edit:
    """Say what you think of the picture, from 1 (bad) to 5 (good)."""
    return await ports.stores.edits.rate(tenant, edit_id, rating)
