"""User studies: create one, take part, see what came of it; and what people said of edits."""

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from gateway import described, studies, study_examples, study_results
from gateway.dependencies import ID_SHAPE, Cursor, Limit, OperationOf, PortsOf, Tenant, possible_id
from gateway.idempotency import IdempotentRoute
from shared.schemas.base import Page
from shared.schemas.study import (
    NextPair,
    Participant,
    RatingsSummary,
    Study,
    StudyHead,
    StudyRequest,
    StudyResults,
    VoteRequest,
)

router = APIRouter(prefix="/v1", tags=["studies"], route_class=IdempotentRoute)

StudyId = Annotated[str, Path(json_schema_extra=ID_SHAPE), AfterValidator(possible_id)]
Asked = Annotated[Participant, Query(description="the random token that the page of this person made")]
Comments = Annotated[bool, Query(description="with what people wrote, which may tell who they are")]
CSV = "text/csv; charset=utf-8"


@router.post(
    "/studies",
    status_code=201,
    responses=described.answers(201, study_examples.STUDY, *described.BODY, 404, 409),
)
async def create_study(
    wanted: Annotated[StudyRequest, study_examples.STUDY_BODY],
    response: Response,
    tenant: Tenant,
    ports: PortsOf,
    operation: OperationOf,
) -> Study:
    """Begin a study of blind pairs; its pictures stay for as long as it does."""
    study = await studies.create(tenant, wanted, ports, operation)
    response.headers["Location"] = study.urls.self
    return study


@router.get("/studies", responses=described.answers(200, described.page(study_examples.STUDY_HEAD), 422))
async def list_studies(tenant: Tenant, ports: PortsOf, limit: Limit = 20, cursor: Cursor = None) -> Page[StudyHead]:
    """List studies, newest first."""
    return await ports.stores.studies.list(tenant, limit, cursor)


@router.get("/studies/{study_id}", responses=described.answers(200, study_examples.STUDY, 404))
async def get_study(study_id: StudyId, tenant: Tenant, ports: PortsOf) -> Study:
    """Read a study with the labels of its pictures: for whoever runs it."""
    return await ports.stores.studies.get(tenant, study_id)


@router.delete("/studies/{study_id}", status_code=204, responses=described.answers(204, None, 404))
async def delete_study(study_id: StudyId, tenant: Tenant, ports: PortsOf) -> None:
    """Delete a study with its votes, and the pictures that nothing else uses."""
    await ports.stores.studies.delete(tenant, study_id)


@router.get("/studies/{study_id}/next", responses=described.answers(200, study_examples.NEXT_PAIR, 404, 422))
async def get_next_pair(study_id: StudyId, participant: Asked, tenant: Tenant, ports: PortsOf) -> NextPair:
    """Get a pair that this person has not judged, without labels and on sides drawn by lot; the least judged first."""
    return await studies.next_pair(tenant, study_id, participant, ports)


@router.post(
    "/studies/{study_id}/votes",
    responses=described.answers(200, study_examples.NEXT_PAIR, *described.BODY, 404, 409),
)
async def vote_on_pair(
    study_id: StudyId,
    said: Annotated[VoteRequest, study_examples.VOTE_BODY],
    tenant: Tenant,
    ports: PortsOf,
    _operation: OperationOf,
) -> NextPair:
    """Say which picture of a pair is better, and get the next pair; a second vote on a pair replaces the first."""
    return await studies.vote(tenant, study_id, said, ports)


@router.get("/studies/{study_id}/results", responses=described.answers(200, study_examples.RESULTS, 404))
async def get_study_results(study_id: StudyId, tenant: Tenant, ports: PortsOf) -> StudyResults:
    """Read how often each label was preferred, with 95 % intervals, and a summary of the ratings of edits."""
    store = ports.stores.studies
    opened = await store.open(tenant, study_id)
    votes, rated = await store.votes(tenant, study_id), await store.ratings(tenant)
    return await anyio.to_thread.run_sync(study_results.results_of, opened, votes, rated)


@router.get(
    "/studies/{study_id}/results.csv",
    response_class=Response,
    responses=study_examples.csv_answers(study_examples.VOTES_CSV, 404),
)
async def get_study_csv(study_id: StudyId, tenant: Tenant, ports: PortsOf) -> Response:
    """Get every vote as a line of CSV; people are numbers, and nothing tells who they are."""
    store = ports.stores.studies
    opened = await store.open(tenant, study_id)
    told = await anyio.to_thread.run_sync(study_results.votes_csv, opened, await store.votes(tenant, study_id))
    return Response(told, media_type=CSV)


@router.get("/ratings", responses=described.answers(200, study_examples.RATINGS))
async def get_ratings(tenant: Tenant, ports: PortsOf) -> RatingsSummary:
    """Read what people said of edits: means with 95 % intervals, together, by model and by quality."""
    return study_results.summary_of(await ports.stores.studies.ratings(tenant))


@router.get(
    "/ratings.csv", response_class=Response, responses=study_examples.csv_answers(study_examples.RATINGS_CSV, 422)
)
async def get_ratings_csv(tenant: Tenant, ports: PortsOf, comments: Comments = False) -> Response:
    """Get every rating of an edit as a line of CSV; comments only if they are asked for."""
    told = study_results.ratings_csv(await ports.stores.studies.ratings(tenant), comments)
    return Response(told, media_type=CSV)
