"""Tokenizers of both kinds that the service must work with."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerBase

from tests.dialogue_models import bpe_tokenizer, wordpiece_tokenizer


@pytest.fixture(scope="session", params=["wordpiece", "bpe"])
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerBase:
    """The mini's WordPiece, then Blenderbot's BPE."""
    return {"wordpiece": wordpiece_tokenizer, "bpe": bpe_tokenizer}[request.param]()
