"""The client's calls, models and bodies are those of the gateway's OpenAPI document, so that they can't drift apart."""

import inspect
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args, get_type_hints, is_typeddict

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter

from dialogpaint import Compared, DialogPaint, Parameters, calls, models
from dialogpaint.pictures import Upload
from gateway import examples
from gateway.app import create_app
from shared.schemas.events import EventType
from shared.settings import Settings
from tests.client_server import Json, WithoutWaiting, client_of

ELSEWHERE = ("/openai/",)  # for the clients of others
ALWAYS_SENT = {"urls"}  # which the document does not call required, as the server fills them in
HOOK = "https://example.com/hook"
PERSON = "0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n"


@cache
def document() -> Json:
    return create_app(Settings()).openapi()


@cache
def operations() -> dict[str, tuple[str, str, Json]]:
    """Operation id → method, path template, description."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if not path.startswith(ELSEWHERE)
    }


@cache
def functions() -> dict[str, Callable[..., calls.Call[Any]]]:
    """The client's calls by their names."""
    found = inspect.getmembers(calls, inspect.isfunction)
    return {name: each for name, each in found if each.__module__ == calls.__name__ and not name.startswith("_")}


def shape(schema: Json, defs: Json) -> Any:
    """What a schema allows, without names, words, limits and defaults."""
    if "$ref" in schema:
        return shape(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        return sorted((shape(each, defs) for each in schema["anyOf"]), key=repr)
    if "properties" in schema:
        return {name: shape(each, defs) for name, each in schema["properties"].items()}
    if schema.get("type") == "array":
        return [shape(schema["items"], defs)]
    return (schema.get("type"), schema.get("format"), tuple(sorted(schema.get("enum", ()))))


def required(schema: Json, defs: Json) -> Any:
    """Which fields of a schema, at any depth, have to be there."""
    if "$ref" in schema:
        return required(defs[schema["$ref"].rpartition("/")[2]], defs)
    inner = [each for part in schema.get("anyOf", []) for each in [required(part, defs)] if each]
    if inner:
        return inner[0]
    if schema.get("type") == "array":
        return required(schema["items"], defs)
    deeper = {name: required(each, defs) for name, each in schema.get("properties", {}).items()}
    named = {(name,) for name in schema.get("required", [])}
    return named | {(name, *rest) for name, more in deeper.items() for rest in more}


def answer_of(operation: Json) -> Json:
    """The schema of an operation's success."""
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    found: Json = good.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def model_of(name: str) -> Any:
    return get_args(get_type_hints(functions()[name])["return"])[0]


ANSWERED = [name for name in functions() if isinstance(model_of(name), type) and issubclass(model_of(name), BaseModel)]


def test_every_operation_has_a_call_of_its_name() -> None:
    assert functions().keys() == operations().keys()


@pytest.mark.parametrize("name", functions())
def test_a_call_goes_where_the_document_says(name: str) -> None:
    stands_for: dict[Any, Any] = {"body": {}, "upload": Upload(PNG, "image/png")}
    needed = [each for each in inspect.signature(functions()[name]).parameters.values() if each.default is each.empty]
    call = functions()[name](*(stands_for.get(each.name, "x") for each in needed))
    method, path, _operation = operations()[name]
    assert (call.method, call.path) == (method, re.sub(r"\{\w+\}", "x", path))


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_has_the_fields_and_types_of_the_document(name: str) -> None:
    ours = model_of(name).model_json_schema(mode="serialization")
    theirs = answer_of(operations()[name][2])
    assert shape(ours, ours.get("$defs", {})) == shape(theirs, document()["components"]["schemas"])


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_needs_no_field_that_may_be_missing(name: str) -> None:
    ours, theirs = model_of(name).model_json_schema(mode="serialization"), answer_of(operations()[name][2])
    needed = required(ours, ours.get("$defs", {})) - required(theirs, document()["components"]["schemas"])
    assert {path for path in needed if path[-1] not in ALWAYS_SENT} == set()


def test_a_problem_has_the_fields_of_the_document() -> None:
    schemas = document()["components"]["schemas"]
    ours = models.Problem.model_json_schema(mode="serialization")
    assert shape(ours, ours["$defs"]) == shape(schemas["Problem"], schemas)


def test_parameters_are_those_of_the_document() -> None:
    assert typed(Parameters) == asked_for("EditParameters")


def typed(kind: Any) -> Any:
    """What a typed dict takes."""
    if is_typeddict(kind):
        return {name: typed(each) for name, each in get_type_hints(kind).items()}
    return shape(TypeAdapter(kind).json_schema(), {})


def asked_for(name: str) -> Any:
    """What a request takes whose every field may be left out."""
    schemas = document()["components"]["schemas"]
    fields = {field: each["anyOf"][0] for field, each in schemas[name]["properties"].items()}
    nested = {field: each["$ref"].rpartition("/")[2] for field, each in fields.items() if "$ref" in each}
    nested = {field: title for field, title in nested.items() if "properties" in schemas[title]}
    return {
        field: asked_for(nested[field]) if field in nested else shape(each, schemas) for field, each in fields.items()
    }


@pytest.mark.parametrize("name", list(EventType))
def test_the_events_that_end_an_edit_are_known(name: EventType) -> None:
    assert models.Event(id=1, event=name.value).is_terminal == name.is_terminal


class FromTheDocument:
    """A server that gives the document's own examples, and remembers which operations were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, httpx.Request]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = self._name(request)
        self.asked.append((name, request))
        status, answer = next(each for each in operations()[name][2]["responses"].items() if each[0].startswith("2"))
        content = answer.get("content", {})
        if "text/event-stream" in content:
            told = examples.EDIT_EVENTS if name == "follow_edit" else examples.CONVERSATION_EVENTS
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=told)
        if name == "export_conversation":
            return httpx.Response(200, headers={"content-type": "application/zip"}, content=b"PK")
        if name in ("get_image", "draw_difference"):
            return httpx.Response(200, headers={"content-type": "image/png"}, content=PNG)
        example: Json = next(iter(content.values()), {})
        several: Json = example.get("examples", {})
        found = example.get("example") or next((each["value"] for each in several.values()), None)
        return httpx.Response(int(status), json=found)

    def _name(self, request: httpx.Request) -> str:
        for name, (method, path, _operation) in operations().items():
            if method == request.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), request.url.path):
                return name
        raise AssertionError(f"the document has no {request.method} {request.url.path}")


def use_everything(client: DialogPaint) -> None:
    """Call every method that sends something, with all that it can send."""
    everything: Parameters = {
        "steps": 4,
        "text_guidance_scale": 2.0,
        "image_guidance_scale": 1.0,
        "seed": 7,
        "count": 1,
        "preview_every": 2,
    }
    sample = client.samples()[0]
    conversation = client.start(PNG, caption="a house", title="mine", **everything)
    client.start(sample)
    turn = conversation.say("make it night", base="root", run=False, if_version=12, webhook_url=HOOK, **everything)
    conversation.run(turn, "make it night", if_version=12, **everything)
    conversation.undo()
    conversation.redo()
    conversation.move_head("rev_a1", if_version=12)
    conversation.picture()
    list(conversation.turns())
    next(conversation.events(after=0))
    conversation.update(title="yours", caption=None, defaults=everything, if_version=12)
    with TemporaryDirectory() as folder:
        client.import_conversation(conversation.export(Path(folder) / "house.zip"))
    conversation.delete(if_version=12)
    list(client.conversations())
    edit = client.edit(sample, "make it night", mask=PNG, webhook_url=HOOK, **everything)
    client.sweep(sample, "make it night", text_guidance_scales=[3, 5], mask=PNG, webhook_url=HOOK)
    swept = conversation.sweep("make it night", text_guidance_scales=[3, 5], image_guidance_scales=[1, 2])
    conversation.move_head(swept.cells[0])
    list(client.edits("succeeded"))
    list(client.events(edit))
    client.cancel(edit)
    client.rerun(edit)
    client.rate(edit, image_quality=5, satisfaction=4, comment="nice")
    use_studies(client, sample)
    client.provenance("img_9sKe")
    client.difference(sample, "img_9sKe")
    client.difference_picture(sample, "img_9sKe")
    client.models()
    client.queue()
    client.readiness()


def use_studies(client: DialogPaint, sample: models.Sample) -> None:
    pair = Compared(sample, PNG, ("a", "b"), "make it night", source=sample)
    study = client.studies.create("scales", [pair], question="Which?")
    list(client.studies.all())
    client.studies.get(study)
    asked = client.studies.next(study, PERSON)
    client.studies.vote(study, PERSON, asked.pair.number if asked.pair else 0, "left")
    client.studies.results(study)
    client.studies.csv(study)
    client.studies.delete(study)
    client.studies.ratings()
    client.studies.ratings_csv(comments=True)


@pytest.fixture(scope="module")
def asked() -> list[tuple[str, httpx.Request]]:
    """Everything that the client sends when all of it is used."""
    server = FromTheDocument()
    tree = {
        "items": [
            {**examples.REVISION, "id": f"rev_a{n}", "parent_id": f"rev_a{n - 1}" if n > 1 else None} for n in (1, 2, 3)
        ]
    }

    def answer(request: httpx.Request) -> httpx.Response:
        answered = server(request)
        return httpx.Response(200, json=tree) if server.asked[-1][0] == "list_revisions" else answered

    use_everything(client_of(WithoutWaiting(answer)))
    return server.asked


def test_everything_is_used(asked: list[tuple[str, httpx.Request]]) -> None:
    assert {name for name, _request in asked} == operations().keys() - {"get_metrics", "get_liveness"}


def test_bodies_have_every_field_of_the_document_and_no_other(asked: list[tuple[str, httpx.Request]]) -> None:
    schemas = document()["components"]["schemas"]
    sent: dict[str, set[str]] = {}
    for name, request in asked:
        body = operations()[name][2].get("requestBody", {}).get("content", {}).get("application/json")
        if body:
            fields = json.loads(request.content)
            schema = schemas[body["schema"]["$ref"].rpartition("/")[2]]
            assert set(schema.get("required", [])) <= fields.keys()
            sent[schema["title"]] = sent.get(schema["title"], set()) | fields.keys()
    assert sent == {title: set(schemas[title]["properties"]) for title in sent}
    assert len(sent) == 8


def test_a_sweep_is_an_edit_with_its_scales_in_a_list(asked: list[tuple[str, httpx.Request]]) -> None:
    sent = [json.loads(request.content).get("parameters", {}) for name, request in asked if name == "create_edit"]
    assert [each["sweep"] for each in sent if "sweep" in each] == [
        {"text_guidance_scale": [3, 5]},
        {"text_guidance_scale": [3, 5], "image_guidance_scale": [1, 2]},
    ]


def test_headers_and_queries_are_those_of_the_document(asked: list[tuple[str, httpx.Request]]) -> None:
    ours = {"idempotency-key", "if-match", "prefer", "last-event-id"}
    sent: set[tuple[str, str]] = set()
    for name, request in asked:
        sent |= {(name, header) for header in ours & set(request.headers)}
        sent |= {(name, query) for query in request.url.params}
    described = {
        (name, parameter["name"].lower())
        for name, (_method, _path, operation) in operations().items()
        for parameter in operation.get("parameters", [])
    }
    assert sent - described == {("cancel_edit", "idempotency-key")}  # which needs none, and takes one
    assert {("create_turn", "if-match"), ("create_turn", "prefer"), ("follow_edit", "last-event-id")} <= sent
