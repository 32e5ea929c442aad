"""Rate limits, one for each tenant."""

from dataclasses import dataclass

from shared.storage.scripts import AsyncScripts


@dataclass(frozen=True)
class RateDecision:
    """Whether a request may go on, and what to tell about the limit; times in seconds."""

    allowed: bool
    limit: int
    remaining: int
    retry_after_s: float
    reset_s: float


@dataclass(frozen=True)
class RateStore:
    """Counts requests by the generic cell rate algorithm, so that bursts of one window pass and no more."""

    scripts: AsyncScripts

    async def take(self, tenant: str, per_minute: int) -> RateDecision:
        """Count one request of this tenant against its limit."""
        allowed, remaining, retry_us, reset_us = await self.scripts.run(
            "take_rate", tenant=tenant, per_minute=per_minute
        )
        return RateDecision(allowed == "1", per_minute, int(remaining), int(retry_us) / 1e6, int(reset_us) / 1e6)
