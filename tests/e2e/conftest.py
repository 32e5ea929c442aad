"""A running stack for the end-to-end tests: the one at --base-url, or one started here on the mini models."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.local.api import Api, Json
from services.local.script import choose_sample, things_in
from services.local.stack import Stack, free_port

QUICK_RECOVERY = {"LEASE_S": "5", "SWEEP_INTERVAL_S": "1"}
WEBHOOK_SECRET = "whsec_ZWFzaWx5IGd1ZXNzZWQsIGZvciB0ZXN0cyBvbmx5"
WEBHOOKS = {"WEBHOOK_SECRETS": WEBHOOK_SECRET, "WEBHOOK_ALLOW": "127.0.0.1"}
SETTINGS = {**QUICK_RECOVERY, **WEBHOOKS, "METRICS_PORT": str(free_port()), "WEBHOOK_METRICS_PORT": str(free_port())}


@dataclass(frozen=True)
class Sample:
    """A stored picture that the models know, and the things its caption names."""

    image_id: str
    caption: str
    things: list[str]


@pytest.fixture(scope="session")
def log() -> list[str]:
    """What the processes of the stack started for this run have written so far: name and line."""
    return []


@pytest.fixture(scope="session")
def own_stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, log: list[str]
) -> Iterator[Stack | None]:
    """The stack started for this run; None when the tests go to one that is up already."""
    if request.config.getoption("--base-url"):
        yield None
        return
    stack = Stack(
        tmp_path_factory.mktemp("stack"), lambda name, line: log.append(f"{name} | {line}"), settings=SETTINGS
    )
    with stack:
        yield stack
    if request.session.testsfailed:
        print("\n".join(log[-200:]))


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest, own_stack: Stack | None) -> Iterator[Api]:
    """REST calls to the stack under test."""
    url = own_stack.url if own_stack else request.config.getoption("--base-url")
    api = Api(url, key=os.environ.get("API_KEY"))
    with api.http:
        yield api


@pytest.fixture(scope="session")
def sample(api: Api) -> Sample:
    """A sample picture of two things, uploaded."""
    chosen = choose_sample(api.samples())
    return Sample(api.upload(api.picture(chosen["url"])), chosen["caption"], things_in(chosen["caption"]))


@pytest.fixture
def conversation(api: Api, sample: Sample) -> Json:
    """A fresh conversation about the sample."""
    return api.converse(sample.image_id, caption=sample.caption)
