"""The dialogue service over HTTP, around an engine that says what it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from dialogue_service.app import create_app
from dialogue_service.batching import Batcher
from dialogue_service.metrics import DialogueMetrics
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from shared.schemas.operations import DialogueLimits, DialogueModel

FACTS = DialogueModel(
    name="echo", digest="sha256:0", parameter_count=1, device="cpu", dtype="float32",
    limits=DialogueLimits(max_input_tokens=128, max_reply_tokens=48),
)  # fmt: skip


class EchoEngine:
    """Takes every text for an instruction; can be held up, and can fail."""

    def __init__(self) -> None:
        self.begun: dict[int, DialogueRequest] = {}
        self.entered, self.go = threading.Event(), threading.Event()
        self.go.set()

    @property
    def free(self) -> int:
        """Room for one."""
        return 1 - len(self.begun)

    def join(self, requests: Mapping[int, DialogueRequest]) -> None:
        """Begin."""
        self.begun |= requests

    def step(self) -> dict[int, DialogueReply | Exception]:
        """The texts as instructions, at once."""
        self.entered.set()
        assert self.go.wait(10)
        if any(request.text == "fail" for request in self.begun.values()):
            raise RuntimeError("the device is gone")
        return {key: _echo(self.begun.pop(key)) for key in list(self.begun)}

    def clear(self) -> None:
        """Give up."""
        self.begun.clear()


def _echo(said: DialogueRequest) -> DialogueReply:
    return DialogueReply(kind=ReplyKind.EDIT, text=f"I'll {said.text}.", instruction=said.text, model="echo")


@pytest.fixture
def engine() -> EchoEngine:
    """The engine behind the service."""
    return EchoEngine()


@pytest.fixture
async def client(engine: EchoEngine) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started service with room for two waiting requests."""
    batcher: Batcher[DialogueRequest, DialogueReply] = Batcher(most_waiting=2)
    batcher.start(lambda: engine)
    app = create_app(batcher, FACTS, DialogueMetrics())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://dialogue") as client:
            yield client


async def test_a_reply_has_kind_text_instruction_model_and_timings(client: httpx.AsyncClient) -> None:
    answer = await client.post("/reply", json={"caption": "a red house", "text": "paint the house blue"})
    said = answer.json()
    assert answer.status_code == 200
    assert (said["kind"], said["instruction"], said["model"]) == ("edit", "paint the house blue", "echo")
    assert said["timings"]["queue_s"] >= 0


async def test_a_started_service_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"text": 7}, {"text": "x", "mood": "good"}, {"text": "x", "turns": [{"user": "x"}]}, [], "x"]
)
async def test_what_is_no_request_is_a_problem(client: httpx.AsyncClient, body: object) -> None:
    answer = await client.post("/reply", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_engine_that_fails_is_a_plain_500_and_the_service_goes_on(client: httpx.AsyncClient) -> None:
    answer = await client.post("/reply", json={"text": "fail"})
    assert answer.status_code == 500
    assert "the device is gone" not in answer.text
    assert (await client.post("/reply", json={"text": "go on"})).status_code == 200


async def test_too_many_waiting_requests_are_refused_with_503(client: httpx.AsyncClient, engine: EchoEngine) -> None:
    engine.go.clear()
    asked = [asyncio.create_task(client.post("/reply", json={"text": "first"}))]
    await asyncio.to_thread(engine.entered.wait, 10)
    asked += [asyncio.create_task(client.post("/reply", json={"text": f"wish {number}"})) for number in range(3)]
    refused, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    engine.go.set()
    answers = await asyncio.gather(*asked)
    problem = refused.pop().result()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503]
    assert problem.json()["code"] == "dialogue-busy"
    assert problem.headers["retry-after"] == "1"


async def test_the_model_is_told_with_its_limits(client: httpx.AsyncClient) -> None:
    assert (await client.get("/model")).json() == FACTS.model_dump(mode="json")


async def test_metrics_count_replies_by_kind(client: httpx.AsyncClient) -> None:
    await client.post("/reply", json={"text": "paint it"})
    shown = (await client.get("/metrics")).text
    assert 'dialogpaint_dialogue_replies_total{kind="edit"} 1.0' in shown
    assert "dialogpaint_dialogue_waiting 0.0" in shown
