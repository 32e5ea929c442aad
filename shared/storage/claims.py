"""Edits as the worker sees them: claim, renew, preview, and bring to an end. Synchronous, for threads."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shared.errors import PoisonEdit
from shared.ids import NewId, new_id
from shared.schemas.edit import EditStatus, EditTimings
from shared.schemas.image import image_url
from shared.schemas.operations import Worker
from shared.schemas.parameters import ResolvedParameters
from shared.schemas.problem import Problem
from shared.settings import Settings
from shared.storage.client import connect_worker, redis_errors
from shared.storage.decode import pairs, stored_image_of
from shared.storage.keys import QUEUED, WORKERS, worker_key
from shared.storage.records import Claim, NewImage, Renewal, Skip, Verdict, Written
from shared.storage.scripts import SyncScripts, load_scripts

HEARTBEATS_MISSED = 3


@dataclass(frozen=True)
class ClaimLimits:
    """How long a claim lives unrenewed, how often an edit is tried, how often the worker tells that it lives."""

    lease_s: float
    max_attempts: int
    heartbeat_s: float


@dataclass(frozen=True)
class ClaimStore:
    """The worker's door to the edits' records; every call may be repeated when its answer was lost."""

    scripts: SyncScripts
    limits: ClaimLimits
    new_id: NewId = new_id

    def claim(self, edit_id: str, worker_id: str, beside_others: bool = False) -> Claim | Skip:
        """Take the right to run the edit that is next in line, or say why there is none to take.

        `edit_id` is what the message names that woke the worker; it need not be the edit whose turn it is.
        `Skip.SUSPECT` only for a worker that would run it beside others: it is still in line, claim it again alone.
        """
        state, *found = self.scripts.run(
            "claim",
            edit_id=edit_id,
            worker_id=worker_id,
            lease_us=self._lease_us,
            max_attempts=self.limits.max_attempts,
            beside_others=int(beside_others),
            poison=_poison(),
        )
        return _claim(*found) if state == "claimed" else Skip(state)

    def renew(self, renewals: Sequence[Renewal]) -> list[Verdict]:
        """Extend the leases and tell the progress of several edits in one round trip; answers in the same order."""
        fields = [{**_hold(one.claim), "step": one.step, "steps": one.steps} for one in renewals]
        verdicts = self.scripts.run("renew", renewals=fields, lease_us=self._lease_us)
        return [Verdict(verdict) for verdict in verdicts]

    def preview(self, claim: Claim, image: NewImage, step: int) -> Written:
        """Tell of a small picture, stored under `claim.preview_file(step)`, of how the edit looks at this step."""
        return self._write("preview", claim, image=asdict(image), step=step, url=image_url(image.id))

    def succeed(self, claim: Claim, images: Sequence[NewImage], timings: EditTimings, model: str) -> Written:
        """End the edit with its pictures, whose bytes are stored under `claim.result_file(…)` already."""
        return self._finish(
            claim,
            EditStatus.SUCCEEDED,
            timings,
            images=[asdict(image) for image in images],
            revision_ids=[self.new_id("rev") for _ in images],
            model=model,
        )

    def fail(self, claim: Claim, problem: Problem, timings: EditTimings | None = None) -> Written:
        """End the edit with what went wrong."""
        return self._finish(claim, EditStatus.FAILED, timings, problem=problem.model_dump_json(exclude_none=True))

    def cancel(self, claim: Claim) -> Written:
        """End the edit because somebody asked for it."""
        return self._finish(claim, EditStatus.CANCELED, None)

    def release(self, claim: Claim, count_attempt: bool = False) -> Written:
        """Give the edit back to the queue, for another worker or another try."""
        return self._write(
            "release",
            claim,
            count_attempt=int(count_attempt),
            max_attempts=self.limits.max_attempts,
            poison=_poison(),
        )

    def longest_wait_s(self) -> float:
        """How long ago the edit was accepted that waits at the head of the queue; 0 when none waits."""
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.zrange(QUEUED, 0, 0, withscores=True).time()
            oldest, (seconds, microseconds) = pipeline.execute()
        return max(0.0, seconds + (microseconds - float(oldest[0][1])) / 1e6) if oldest else 0.0

    def heartbeat(self, worker: Worker) -> None:
        """Tell that this worker lives, how much it can take, and which model it serves."""
        lifetime_ms = round(self.limits.heartbeat_s * HEARTBEATS_MISSED * 1000)
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.sadd(WORKERS, worker.id)
            pipeline.set(worker_key(worker.id), worker.model_dump_json(), px=lifetime_ms)
            pipeline.execute()

    def goodbye(self, worker_id: str) -> None:
        """Tell that this worker takes nothing any more."""
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.srem(WORKERS, worker_id)
            pipeline.delete(worker_key(worker_id))
            pipeline.execute()

    def close(self) -> None:
        """Close the connections."""
        self.scripts.redis.close()

    @property
    def _lease_us(self) -> int:
        return round(self.limits.lease_s * 1e6)

    def _finish(self, claim: Claim, outcome: EditStatus, timings: EditTimings | None, **more: object) -> Written:
        encoded = (timings or EditTimings()).model_dump_json(exclude_none=True)
        return self._write("finish", claim, outcome=outcome.value, timings=encoded, **more)

    def _write(self, script: str, claim: Claim, **arguments: object) -> Written:
        return Written(self.scripts.run(script, **_hold(claim), **arguments)[0])


def open_claims(settings: Settings) -> ClaimStore:
    """Open the worker's store."""
    load_scripts()
    constants = {
        "stream_length": settings.event_stream_length,
        "events_ttl_s": settings.edit_events_ttl_s,
    }
    limits = ClaimLimits(settings.lease_s, settings.max_attempts, settings.heartbeat_s)
    return ClaimStore(SyncScripts(connect_worker(settings.redis_url), constants), limits)


def _claim(tenant: str, fence: str, edit: list[str], source: list[str], mask: list[str]) -> Claim:
    record = pairs(edit)
    return Claim(
        tenant=tenant,
        edit_id=record["id"],
        fence=int(fence),
        attempt=int(record["attempt"]),
        instruction=record["instruction"],
        parameters=ResolvedParameters.model_validate_json(record["parameters"]),
        source=stored_image_of(pairs(source)),
        mask=stored_image_of(pairs(mask)) if mask else None,
        prior_instructions=tuple(json.loads(record.get("prior_instructions", "[]"))),
        traceparent=record.get("traceparent"),
        queue_s=(int(record["started_at"]) - int(record["created_at"])) / 1e6,
    )


def _hold(claim: Claim) -> dict[str, object]:
    return {"tenant": claim.tenant, "edit_id": claim.edit_id, "fence": claim.fence}


def _poison() -> str:
    return PoisonEdit().problem().model_dump_json(exclude_none=True)
