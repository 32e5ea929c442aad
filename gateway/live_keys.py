"""The keys that may call now: those of API_KEYS, and those kept in Redis as they were a moment ago."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from gateway.auth import KeyRing
from shared.errors import StorageUnavailable, Unauthorized
from shared.storage.api_keys import KeptTenant, TenantLimits

log = structlog.get_logger(__name__)

PAUSE_S = 2.0  # how long after its making or its end a key may go unnoticed
RETRY_S = 0.5  # while Redis is away
NO_LIMITS_OF_ITS_OWN = TenantLimits()


class Keeper(Protocol):
    """Where keys are kept."""

    async def all(self) -> dict[str, KeptTenant]:
        """Return every tenant; raises StorageUnavailable."""


class LiveKeys:
    """Looks at Redis now and then rather than for each request; while Redis is away, what was known is still good."""

    def __init__(self, fixed: KeyRing, keeper: Keeper) -> None:
        self._fixed = self._ring = fixed
        self._keeper = keeper
        self._tenants: Mapping[str, KeptTenant] | None = None  # None: Redis has not answered yet

    async def run(self) -> None:
        """Look again and again, until canceled."""
        while True:
            pause_s = PAUSE_S if await self.look() else RETRY_S
            await asyncio.sleep(pause_s)

    async def look(self) -> bool:
        """Look once; False if there was no answer."""
        try:
            tenants = await self._keeper.all()
        except StorageUnavailable:
            return False
        except Exception:
            log.exception("keys_not_read")
            return False
        if tenants != self._tenants:
            log.info("keys_read", tenants=len(tenants))
            self._ring = self._fixed.joined_by(
                {name: [key.sha256 for key in tenant.keys] for name, tenant in tenants.items()}
            )
            self._tenants = tenants
        return True

    def tenant(self, authorization: str | None, client_host: str | None) -> str:
        """Return whose request this is; raises Unauthorized, or StorageUnavailable where only Redis could tell."""
        if self._tenants is None and self._fixed.is_empty:
            raise _unknown()
        try:
            return self._ring.tenant(authorization, client_host)
        except Unauthorized as error:
            if self._tenants is None and authorization is not None:
                raise _unknown() from error
            raise

    def tenant_of_guests(self, tenant: str) -> None:
        """Raise Unauthorized unless this tenant may invite people; StorageUnavailable where only Redis could tell."""
        if self._ring.has_guests(tenant):
            return
        if self._tenants is None:
            raise _unknown()
        raise Unauthorized("This invitation is not good any more: who gave it has no key.")

    def limits(self, tenant: str) -> TenantLimits:
        """Return what this tenant may, where that is not what the settings say."""
        kept = (self._tenants or {}).get(tenant)
        return kept.limits if kept else NO_LIMITS_OF_ITS_OWN


def _unknown() -> StorageUnavailable:
    return StorageUnavailable("The keys can't be looked up yet; try again in a moment.", retry_after_s=1)
