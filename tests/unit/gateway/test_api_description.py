"""/docs: an example for every operation, readable operation ids, examples that are true."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from gateway import examples, study_examples
from gateway.app import create_app
from services.local.process import ROOT
from shared.schemas.conversation import Conversation, ConversationPatch, ConversationRequest, HeadRequest, Revision
from shared.schemas.difference import Difference
from shared.schemas.edit import Edit, EditRequest, Rating
from shared.schemas.image import Image, Sample
from shared.schemas.operations import Models, QueueState
from shared.schemas.provenance import Provenance
from shared.schemas.study import NextPair, RatingsSummary, Study, StudyHead, StudyRequest, StudyResults, VoteRequest
from shared.schemas.turn import Turn, TurnRequest
from shared.settings import Settings

Json = dict[str, Any]


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, Json]]:
    described = create_app(Settings()).openapi()
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def contents(parts: Json) -> Iterator[Json]:
    for part in parts.values():
        yield from part.get("content", {}).values()


def test_every_operation_has_a_readable_id_and_a_sentence(operations: list[tuple[str, Json]]) -> None:
    ids = [operation["operationId"] for _, operation in operations]
    assert len(ids) == len(set(ids)) == 43
    assert all(name.replace("_", "").isalpha() for name in ids)
    assert all(len(operation["description"]) > 10 for _, operation in operations)


def test_every_operation_is_in_the_guide(operations: list[tuple[str, Json]]) -> None:
    guide = (ROOT / "docs" / "api.md").read_text().splitlines()
    headings = " ".join(line for line in guide if line.startswith("### ")).replace(":path", "")
    assert [name for name, _ in operations if f"`{name}`" not in headings] == []


def test_every_answer_has_an_example(operations: list[tuple[str, Json]]) -> None:
    bare = [
        (name, status)
        for name, operation in operations
        for status, answer in operation["responses"].items()
        for content in answer.get("content", {}).values()
        if "example" not in content and "examples" not in content
    ]
    assert bare == []


def test_every_success_but_an_empty_one_is_described(operations: list[tuple[str, Json]]) -> None:
    for name, operation in operations:
        good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        assert good, name
        assert all(status == "204" or answer.get("content") for status, answer in good.items()), name


def test_every_json_body_has_an_example(operations: list[tuple[str, Json]]) -> None:
    for name, operation in operations:
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        assert body is None or body["examples"], name


def test_no_answer_is_described_as_fastapis_own_validation_error(operations: list[tuple[str, Json]]) -> None:
    assert "HTTPValidationError" not in json.dumps([operation for _, operation in operations])


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (Image, examples.IMAGE),
        (Provenance, examples.PROVENANCE),
        (Difference, examples.DIFFERENCE),
        (Sample, examples.SAMPLE),
        (Conversation, examples.CONVERSATION),
        (Revision, examples.REVISION),
        (Edit, examples.EDIT),
        (Edit, examples.EDIT_QUEUED),
        (Edit, examples.EDIT_CANCELED),
        (Turn, examples.TURN),
        (Turn, examples.TURN_QUESTION),
        (Turn, examples.TURN_QUEUED),
        (Models, examples.MODELS),
        (QueueState, examples.QUEUE),
        (Study, study_examples.STUDY),
        (StudyHead, study_examples.STUDY_HEAD),
        (NextPair, study_examples.NEXT_PAIR),
        (StudyResults, study_examples.RESULTS),
        (RatingsSummary, study_examples.RATINGS),
    ],
)
def test_an_example_of_an_answer_is_one(model: type[BaseModel], example: Json) -> None:
    read = model.model_validate_json(json.dumps(example))
    assert read.model_dump(mode="json", include=set(example)).keys() == example.keys()


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (ConversationRequest, examples.CONVERSATION_BODY),
        (ConversationPatch, examples.CONVERSATION_PATCH_BODY),
        (HeadRequest, examples.HEAD_BODY),
        (TurnRequest, examples.TURN_BODY),
        (EditRequest, examples.EDIT_BODY),
        (Rating, examples.RATING_BODY),
        (StudyRequest, study_examples.STUDY_BODY),
        (VoteRequest, study_examples.VOTE_BODY),
    ],
)
def test_an_example_of_a_body_is_accepted(model: type[BaseModel], body: Any) -> None:
    for example in body.openapi_examples.values():
        model.model_validate(example["value"])
