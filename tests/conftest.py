"""Options and fixtures for every test: a real, throw-away Redis, and settings and stores on it."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis

from shared.settings import Settings
from shared.storage.claims import ClaimStore, open_claims
from shared.storage.stores import Stores, open_stores
from shared.storage.webhooks import WebhookStore, open_webhooks
from tests.running_redis import running_redis


def pytest_configure() -> None:
    """Hear Ctrl-C, and let children hear it, also where the run was started in the background, which ignores it.

    Processes that test side by side share the cores: PyTorch in each of them would otherwise take all, and wait.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    beside = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if beside > 1:
        import torch  # takes seconds, and a process that tests alone has no need of it

        torch.set_num_threads(max(1, torch.get_num_threads() // beside))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the end-to-end tests run against a stack that is already up, wherever it is."""
    parser.addoption(
        "--base-url",
        default=os.environ.get("BASE_URL") or None,
        help="where the gateway of a running stack answers; without it the end-to-end tests start their own",
    )


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis server that lives as long as the test run."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a Redis with nothing in it."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    """Settings on an empty Redis and an empty image folder."""
    return Settings(redis_url=redis_url, image_store_url=str(tmp_path / "images"), device="cpu")


@pytest.fixture
async def stores(settings: Settings) -> AsyncIterator[Stores]:
    """The gateway's stores."""
    opened = open_stores(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def webhooks(settings: Settings) -> AsyncIterator[WebhookStore]:
    """The webhook worker's store."""
    opened = open_webhooks(settings)
    yield opened
    await opened.close()


@pytest.fixture
def claims(settings: Settings) -> Iterator[ClaimStore]:
    """The worker's store."""
    opened = open_claims(settings)
    yield opened
    opened.close()
