"""One POST to a webhook's URL: only to addresses that were looked at, without redirects, reading only the status."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpcore
import httpx

from gateway.webhooks.schedule import read_retry_after
from gateway.webhooks.targets import TargetRefused, Targets, TargetUnknown

GONE = 410
FAULTS = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpx.InvalidURL)
TRIED_ADDRESSES = 3  # that are silent, before the time of a try is over


@dataclass(frozen=True)
class Answer:
    """What came back: a status and nothing of the body, or no status; `why` says which, for people."""

    status: int | None
    why: str
    retry_after_s: float | None = None

    @property
    def is_success(self) -> bool:
        """Whether the receiver has taken the message; a redirect is not followed, and is none."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """Whether the receiver says that it never wants to hear of this again."""
        return self.status == GONE


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Connects to the very addresses that were looked at; names in TLS and in the Host header stay the URL's."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the host up and connect to the first of its addresses that answers."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in await self._targets.addresses(host, port):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class Sender:
    """Posts messages, each over a connection of its own, so that every try looks the name up again."""

    def __init__(self, targets: Targets, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=PinnedBackend(targets),
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send the message, once; never fails otherwise than by its answer."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(httpx.URL(url), headers, body)
        except TimeoutError:
            return Answer(None, f"no answer within {self._timeout_s:g} s")
        except (TargetRefused, TargetUnknown) as error:
            return Answer(None, str(error))
        except FAULTS as error:
            return Answer(None, f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Close what is open."""
        await self._pool.aclose()

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Answer:
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = [*headers.items(), ("host", url.netloc.decode()), ("connection", "close")]
        patience = {"timeout": {"connect": self._timeout_s / TRIED_ADDRESSES}}
        async with self._pool.stream("POST", target, headers=sent, content=body, extensions=patience) as response:
            received = httpx.Headers(response.headers)
            asked_s = read_retry_after(received.get("retry-after"), datetime.now(UTC))
            return Answer(response.status, f"status {response.status}", asked_s)
