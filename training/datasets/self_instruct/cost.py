"""What a run will cost, before it is begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.datasets.self_instruct.prompts import Message

CHARACTERS_PER_TOKEN = 4.0
"""Of English, roughly, with any of today's tokenizers."""
TOKENS_PER_MESSAGE = 5
"""What chat templates put around each message."""
MARGIN = 1.25
"""Models write somewhat more than the seeds do."""


@dataclass(frozen=True)
class Prices:
    """Per million tokens, in whatever currency the reader has in mind."""

    prompt: float = 0.0
    completion: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """Requests still to be made, and about how many tokens they take."""

    requests: int
    prompt_tokens: int
    completion_tokens: int

    def price(self, prices: Prices) -> float:
        """What it costs at these prices."""
        return (self.prompt_tokens * prices.prompt + self.completion_tokens * prices.completion) / 1e6

    def __str__(self) -> str:
        tokens = f"about {self.prompt_tokens:,} tokens to read and {self.completion_tokens:,} to write"
        return f"{self.requests:,} requests, {tokens}"


def estimate(sample: Sequence[list[Message]], requests: int) -> Estimate:
    """The cost of so many requests like those of the sample, whose seeds are as long as the answers will be."""
    written = [tokens(message["content"]) for chat in sample for message in chat if message["role"] == "assistant"]
    completion = MARGIN * sum(written) / len(written)
    prompt = sum(map(prompt_tokens, sample)) / len(sample)
    return Estimate(requests, round(prompt * requests), round(completion * requests))


def prompt_tokens(messages: list[Message]) -> float:
    """About how many tokens a chat has."""
    return sum(tokens(message["content"]) + TOKENS_PER_MESSAGE for message in messages)


def tokens(text: str) -> float:
    """About how many tokens a text has."""
    return len(text) / CHARACTERS_PER_TOKEN
