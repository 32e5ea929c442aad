"""The door to Redis: connections with short timeouts, our errors instead of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis.asyncio
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

from shared.errors import StorageUnavailable

TIMEOUT_S = 1.0
READER_TIMEOUT_S = 5.0
MAX_BLOCK_S = 3.0  # a blocking read must end well before its socket's timeout
# OSError: redis-py translates it while it connects, but not where it has no descriptor left to begin with.
UNAVAILABLE = (ConnectionError, TimeoutError, BusyLoadingError, ReadOnlyError, OutOfMemoryError, OSError)
UVLOOP_CLOSED = "the handler is closed"  # what uvloop says to a write after the other side has gone
NO_ROOM = ("OOM command not allowed", "MISCONF", "NOREPLICAS", "LOADING")

# redis-py's own types do not know decode_responses (every answer may be bytes) nor that commands chain in a pipeline.
AsyncRedis = Any
SyncRedis = Any


def _options(timeout_s: float) -> dict[str, Any]:
    # A lost reply must not run a command again unseen: redis-py would by default, ten times.
    return {
        "decode_responses": True,
        "protocol": 2,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": TIMEOUT_S,
        "socket_keepalive": True,
    }


def connect(url: str) -> AsyncRedis:
    """Open the gateway's pool of connections; they are made when first needed."""
    return redis.asyncio.Redis.from_url(url, retry=_async_no_retry(), **_options(TIMEOUT_S))


def connect_reader(url: str, timeout_s: float = READER_TIMEOUT_S) -> AsyncRedis:
    """Open a pool for blocking reads that end well before `timeout_s`, such as MAX_BLOCK_S before its default."""
    return redis.asyncio.Redis.from_url(url, retry=_async_no_retry(), **_options(timeout_s))


def connect_worker(url: str) -> SyncRedis:
    """Open the worker's pool of connections, for threads."""
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **_options(TIMEOUT_S))


def _async_no_retry() -> redis.asyncio.retry.Retry:
    return redis.asyncio.retry.Retry(NoBackoff(), 0)


@contextmanager
def redis_errors() -> Iterator[None]:
    """Turn Redis being away, or having no room, into StorageUnavailable."""
    try:
        yield
    except UNAVAILABLE as error:
        raise StorageUnavailable(retry_after_s=1) from error
    except RuntimeError as error:
        if UVLOOP_CLOSED not in str(error):
            raise
        raise StorageUnavailable(retry_after_s=1) from error
    except ResponseError as error:
        if any(sign in str(error) for sign in NO_ROOM):
            raise StorageUnavailable(retry_after_s=1) from error
        raise
