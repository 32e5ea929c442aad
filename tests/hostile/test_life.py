"""Conversations live through everything in every order, by Hypothesis, against a real gateway and a real Redis."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.storage.claims import open_claims
from shared.storage.files import open_image_files
from tests.hostile.conversation_life import ConversationLife
from tests.hostile.gateway_process import running_gateway

SETTINGS = {
    "HEARTBEAT_S": "36000",
    "LEASE_S": "36000",  # the test is the worker, and it may think for long
    "MAX_QUEUE": "1000000",
    "SSE_HEARTBEAT_S": "0.05",
    "LOG_LEVEL": "warning",
}
Life = type[ConversationLife]
LIFE = settings(
    stateful_step_count=30, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True
)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """The machine, on a gateway of its own, whose edits nobody takes but the machine."""
    with running_gateway(tmp_path, SETTINGS, works=False) as gateway:
        claims, files = open_claims(gateway.settings), open_image_files(gateway.settings.image_store_url)
        with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as api:

            class LifeHere(ConversationLife):
                def __init__(self) -> None:
                    super().__init__(api, claims, files)

            yield LifeHere
        claims.close()


@pytest.mark.slow
def test_a_conversation_is_what_the_model_says(life: Life) -> None:
    run_state_machine_as_test(life, settings=settings(LIFE, max_examples=40, derandomize=True))


@pytest.mark.fuzz
@pytest.mark.timeout(3_600)
def test_a_conversation_is_what_the_model_says_five_hundred_times(life: Life) -> None:
    run_state_machine_as_test(life, settings=settings(LIFE, max_examples=500))
