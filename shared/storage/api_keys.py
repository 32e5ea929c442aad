"""API keys that are kept in Redis: hashes alone, with what their tenant may."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas.base import Moment
from shared.storage.client import AsyncRedis, redis_errors
from shared.storage.decode import moment
from shared.storage.keys import API_KEYS

ID_DIGITS = 8


class Kept(BaseModel):
    """What is kept as JSON; a reader skips fields it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TenantLimits(Kept):
    """What one tenant may, where that is not what the settings say; the scripts read it too (`limit` in Lua)."""

    rate_per_minute: Annotated[int, Field(ge=0)] | None = None
    max_open_edits: Annotated[int, Field(ge=0)] | None = None
    weight: Annotated[int, Field(ge=1, le=100)] | None = None


class KeptKey(Kept):
    """One key: all that is known of it is its hash and when it was made."""

    sha256: str
    created_at: Moment

    @property
    def id(self) -> str:
        """What an operator calls it; tells nothing of the key."""
        return self.sha256[:ID_DIGITS]


class KeptTenant(Kept):
    """A tenant with its live keys, the newest last."""

    keys: tuple[KeptKey, ...]
    label: str | None = None
    limits: TenantLimits = TenantLimits()


Change = Callable[[KeptTenant | None, datetime], KeptTenant | None]  # what is kept, now → what shall be kept


class KeyStore:
    """Tenants by name, which is the prefix of their keys."""

    def __init__(self, redis: AsyncRedis) -> None:
        self._redis = redis

    async def all(self) -> dict[str, KeptTenant]:
        """Read every tenant that has keys here."""
        with redis_errors():
            kept = await self._redis.hgetall(API_KEYS)
        return {name: KeptTenant.model_validate_json(text) for name, text in sorted(kept.items())}

    async def change(self, name: str, change: Change) -> KeptTenant | None:
        """Replace a tenant by what `change` makes of it, or forget it; what is raised there leaves it as it is.

        Should somebody else write at the same moment, `change` is called again with what they wrote.
        """

        async def apply(pipeline: AsyncRedis) -> KeptTenant | None:
            text = await pipeline.hget(API_KEYS, name)
            seconds, microseconds = await pipeline.time()
            now = moment(f"{seconds * 1_000_000 + microseconds}")
            changed = change(KeptTenant.model_validate_json(text) if text else None, now)
            pipeline.multi()
            if changed is None:
                pipeline.hdel(API_KEYS, name)
            else:
                pipeline.hset(API_KEYS, name, changed.model_dump_json(exclude_none=True))
            return changed

        with redis_errors():
            changed: KeptTenant | None = await self._redis.transaction(apply, API_KEYS, value_from_callable=True)
        return changed
