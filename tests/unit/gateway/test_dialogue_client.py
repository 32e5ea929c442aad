"""The dialogue service's faults, seen from the gateway."""

import time
from collections.abc import Callable

import httpx
import pytest

from gateway.breaker import CircuitBreaker
from gateway.dialogue_client import DialogueClient
from shared.errors import DialogueUnavailable
from shared.schemas.dialogue import DialogueRequest

SAID = DialogueRequest(text="make it night")
GOOD = {"kind": "edit", "text": "I'll make it night.", "instruction": "make it night", "model": "fake"}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> DialogueClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://dialogue")
    return DialogueClient(http, CircuitBreaker(failures=2, pause_s=60), timeout_s=1)


async def test_a_reply_is_read() -> None:
    reply = await client(lambda _: httpx.Response(200, json=GOOD)).reply(SAID)
    assert reply.instruction == "make it night"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json=GOOD),
        httpx.Response(404),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text='{"kind": "edit", "te'),
        httpx.Response(200, json={**GOOD, "kind": "shout"}),
        httpx.Response(200, json={**GOOD, "instruction": None}),
        httpx.Response(200, json={**GOOD, "kind": "chat"}),
        httpx.Response(302, headers={"Location": "http://elsewhere"}),
    ],
)
async def test_an_answer_that_is_none_counts_as_unavailable(answer: httpx.Response) -> None:
    with pytest.raises(DialogueUnavailable) as refused:
        await client(lambda _: answer).reply(SAID)
    assert refused.value.retry_after_s is not None


async def test_after_failures_in_a_row_nothing_is_sent_any_more() -> None:
    sent: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        raise httpx.ConnectError("refused")

    dialogue = client(fail)
    for _ in range(5):
        with pytest.raises(DialogueUnavailable):
            await dialogue.reply(SAID)
    assert len(sent) == 2
    assert dialogue.breaker_is_open


async def test_while_the_breaker_is_open_a_refusal_takes_less_than_50_ms() -> None:
    dialogue, took = client(lambda _: httpx.Response(500)), list[float]()
    for _ in range(10):
        began = time.perf_counter()
        with pytest.raises(DialogueUnavailable):
            await dialogue.reply(SAID)
        took.append(time.perf_counter() - began)
    assert min(took[2:]) < 0.05


@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.Response(200, text="[]"), httpx.Response(200, text="{")])
async def test_a_model_that_is_not_described_is_unavailable(answer: httpx.Response) -> None:
    with pytest.raises(DialogueUnavailable):
        await client(lambda _: answer).model()


async def test_ready_is_what_the_service_says() -> None:
    assert await client(lambda _: httpx.Response(200)).is_ready()
    assert not await client(lambda _: httpx.Response(503)).is_ready()
