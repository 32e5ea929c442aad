"""Asking an endpoint that is busy, broken or wrong."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from training.datasets.self_instruct.llm import TRIES, Completion, Endpoint, Llm, LlmError

GOOD = {"choices": [{"message": {"content": "hi"}}], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}


async def ask(handler: Callable[[httpx.Request], httpx.Response]) -> tuple[Completion | str, list[float]]:
    """The answer or the error of one question, and the pauses made."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
        llm = Llm(client, Endpoint("http://llm/v1/", "m", key="secret", temperature=0.5), sleep)
        try:
            return await llm.complete([{"role": "user", "content": "hello"}], seed=3), pauses
        except LlmError as error:
            return str(error), pauses


async def test_the_request_is_what_openai_documents() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=GOOD)

    assert await ask(handler) == (Completion("hi", 7, 1), [])
    assert str(seen[0].url) == "http://llm/v1/chat/completions"
    assert seen[0].headers["Authorization"] == "Bearer secret"
    body = json.loads(seen[0].content)
    assert (body["model"], body["temperature"], body["seed"]) == ("m", 0.5, 3)
    assert body["messages"] == [{"role": "user", "content": "hello"}]


async def test_a_busy_server_is_asked_again_when_it_says() -> None:
    answers = iter(
        [httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(503), httpx.Response(200, json=GOOD)]
    )
    found, pauses = await ask(lambda _: next(answers))
    assert isinstance(found, Completion)
    assert pauses == [7.0, 2.0]


async def test_a_refusal_is_not_asked_again() -> None:
    found, pauses = await ask(lambda _: httpx.Response(401, text="no such key"))
    assert "answered 401: no such key" in str(found)
    assert pauses == []


async def test_a_server_that_never_answers_is_given_up() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    found, pauses = await ask(handler)
    assert "cannot be reached: refused" in str(found)
    assert len(pauses) == TRIES - 1


@pytest.mark.parametrize("body", ["[]", "{}", "no json", '{"choices": []}'])
async def test_an_answer_that_is_no_completion_says_so(body: str) -> None:
    found, _ = await ask(lambda _: httpx.Response(200, text=body))
    assert "no chat completion" in str(found)
