"""A language model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from training.datasets.self_instruct.prompts import Message

TIMEOUT_S = 600.0
TRIES = 6
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""Pauses between tries double from the first to the longest, unless the server says how long to wait."""


class LlmError(RuntimeError):
    """The endpoint refuses the request or cannot be reached; the message says which and why."""


@dataclass(frozen=True)
class Endpoint:
    """Where the model is, and how it is to write."""

    url: str
    model: str
    key: str | None = None
    temperature: float = 0.9
    top_p: float = 0.95
    max_tokens: int = 200


@dataclass(frozen=True)
class Completion:
    """What the model wrote, and the tokens that it cost."""

    text: str
    prompt_tokens: int
    completion_tokens: int


class Llm:
    """Asks for chat completions over one client; tries again where a server is busy or a connection breaks."""

    def __init__(
        self, client: httpx.AsyncClient, endpoint: Endpoint, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._client, self._endpoint, self._sleep = client, endpoint, sleep
        self._url = f"{endpoint.url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}

    async def complete(self, messages: list[Message], seed: int) -> Completion:
        """The model's answer to a chat; raises LlmError."""
        asked = {
            "model": self._endpoint.model,
            "messages": messages,
            "temperature": self._endpoint.temperature,
            "top_p": self._endpoint.top_p,
            "max_tokens": self._endpoint.max_tokens,
            "seed": seed,
        }
        return _completion(await self._answer(asked))

    async def _answer(self, asked: dict[str, Any]) -> httpx.Response:
        problem = "was never asked"
        for attempt in range(TRIES):
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt)
            try:
                response = await self._client.post(self._url, json=asked, headers=self._headers, timeout=TIMEOUT_S)
            except httpx.TransportError as error:
                problem = f"cannot be reached: {error or type(error).__name__}"
            else:
                if response.is_success:
                    return response
                problem = f"answered {response.status_code}: {response.text[:200]}"
                if response.status_code != 429 and response.status_code < 500:
                    break
                pause = _told_pause(response, pause)
            if attempt < TRIES - 1:
                await self._sleep(pause)
        raise LlmError(f"{self._url} {problem}")


def _told_pause(response: httpx.Response, pause: float) -> float:
    """The seconds that `Retry-After` asks for, if it does."""
    told = response.headers.get("Retry-After", "")
    return min(LONGEST_PAUSE_S, float(told)) if told.isdecimal() else pause


def _completion(response: httpx.Response) -> Completion:
    try:
        body = response.json()
        usage = body.get("usage") or {}
        text = str(body["choices"][0]["message"]["content"] or "")
        return Completion(text, int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0)))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise LlmError(f"{response.url} answered no chat completion: {response.text[:200]}") from error
