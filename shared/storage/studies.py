"""Studies: their pairs, who voted how, and the ratings of edits."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.errors import NotFound
from shared.schemas.base import Page
from shared.schemas.edit import Rating
from shared.schemas.parameters import ResolvedParameters
from shared.schemas.study import Pair, Study, StudyHead, Vote, invitation_secret, variant
from shared.storage.client import redis_errors
from shared.storage.decode import moment
from shared.storage.keys import tenant_key
from shared.storage.pages import newest_first
from shared.storage.records import NewStudy, Operation
from shared.storage.scripts import AsyncScripts

MOST_VOTES = 20_000
"""In one study, so that its results can be reckoned while somebody waits."""
MOST_RATED = 10_000
"""Ratings that are summarised, the latest ones."""
CHUNK = 500


@dataclass(frozen=True)
class OpenStudy:
    """A study, and the salt that draws the sides of its pairs and makes digests of its people."""

    study: Study
    salt: str


@dataclass(frozen=True)
class Judged:
    """What one person said of each pair, and how often everybody answered each."""

    votes: Mapping[int, Vote]
    counts: Mapping[int, int]


@dataclass(frozen=True)
class Cast:
    """One vote: by whom (a digest), on which pair, and what it says."""

    person: str
    pair: int
    vote: Vote


@dataclass(frozen=True)
class Rated:
    """An edit that a person rated."""

    edit_id: str
    instruction: str
    model: str
    quality: str
    rating: Rating


Votes = list[Cast]
Ratings = list[Rated]


@dataclass(frozen=True)
class StudyStore:
    """Creates, reads and deletes studies, and keeps the votes."""

    scripts: AsyncScripts

    async def create(self, tenant: str, new: NewStudy, operation: Operation | None = None) -> Study:
        """Create a study, which keeps its pictures from going; raises NotFound if one of them is not there."""
        pairs = {"pairs": json.dumps([asdict(pair) for pair in new.pairs]), "pair_count": len(new.pairs)}
        fields = {"id": new.id, "title": new.title, "question": new.question, "salt": new.salt, **pairs}
        mark = asdict(operation) if operation else None
        await self.scripts.run(
            "create_study", tenant=tenant, study=fields, image_ids=sorted(new.image_ids()), operation=mark
        )
        return await self.get(tenant, new.id)

    async def get(self, tenant: str, study_id: str) -> Study:
        """Read one study; raises NotFound."""
        return (await self.open(tenant, study_id)).study

    async def open(self, tenant: str, study_id: str) -> OpenStudy:
        """Read one study with its salt, which nobody is told; raises NotFound."""
        key = _key(tenant, study_id)
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            record, votes = await pipeline.hgetall(key).hlen(f"{key}:votes").execute()
        if not record:
            raise NotFound()
        return OpenStudy(_study(tenant, record, votes), record["salt"])

    async def salt(self, tenant: str, study_id: str) -> str:
        """Read a study's salt alone; raises NotFound."""
        with redis_errors():
            salt: str | None = await self.scripts.redis.hget(_key(tenant, study_id), "salt")
        if salt is None:
            raise NotFound()
        return salt

    async def list(self, tenant: str, limit: int, cursor: str | None = None) -> Page[StudyHead]:
        """Read the tenant's studies, newest first."""
        ids, more = await newest_first(self.scripts.redis, tenant_key(tenant, "studies"), limit, cursor)
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=False)
            for study_id in ids:
                pipeline.hgetall(_key(tenant, study_id)).hlen(f"{_key(tenant, study_id)}:votes")
            answers = await pipeline.execute()
        rows = zip(answers[::2], answers[1::2], strict=True)
        return Page(
            items=[StudyHead(**_head(tenant, record, votes)) for record, votes in rows if record], next_cursor=more
        )

    async def judged(self, tenant: str, study: Study, person: str) -> Judged:
        """Read what one person (a digest) has said, and the counts of votes."""
        key, numbers = _key(tenant, study.id), [pair.number for pair in study.pairs]
        with redis_errors():
            said = await self.scripts.redis.hmget(f"{key}:votes", [f"{number}:{person}" for number in numbers])
            counts = await self.scripts.redis.hgetall(f"{key}:counts")
        return Judged(
            {number: Vote(vote) for number, vote in zip(numbers, said, strict=True) if vote},
            {number: int(counts.get(str(number), 0)) for number in numbers},
        )

    async def vote(self, tenant: str, study_id: str, cast: Cast) -> None:
        """Keep what a person says of a pair, in place of what the same person said before.

        Raises NotFound or StudyFull.
        """
        await self.scripts.run(
            "vote",
            tenant=tenant,
            study_id=study_id,
            pair=cast.pair,
            person=cast.person,
            vote=cast.vote.value,
            most_votes=MOST_VOTES,
        )

    async def votes(self, tenant: str, study_id: str) -> Votes:
        """Read all votes of a study, pair by pair; those of a study that does not exist are none."""
        with redis_errors():
            kept = await self.scripts.redis.hgetall(f"{_key(tenant, study_id)}:votes")
        parts = ((member.partition(":"), vote) for member, vote in kept.items())
        cast = [Cast(person, int(pair), Vote(vote)) for (pair, _, person), vote in parts]
        return sorted(cast, key=lambda each: (each.pair, each.person))

    async def delete(self, tenant: str, study_id: str) -> None:
        """Delete a study with its votes and the pictures that nothing else uses; raises NotFound."""
        await self.scripts.run("delete_study", tenant=tenant, study_id=study_id)

    async def ratings(self, tenant: str) -> Ratings:
        """Read the latest ratings of edits that are still kept, newest first."""
        redis, found = self.scripts.redis, Ratings()
        with redis_errors():
            ids = await redis.zrevrange(tenant_key(tenant, "edits", "rated"), 0, MOST_RATED - 1)
            for start in range(0, len(ids), CHUNK):
                pipeline = redis.pipeline(transaction=False)
                for edit_id in ids[start : start + CHUNK]:
                    pipeline.hgetall(tenant_key(tenant, "edit", edit_id))
                found += [_rated(record) for record in await pipeline.execute() if "rating" in record]
        return found


def _key(tenant: str, study_id: str) -> str:
    return tenant_key(tenant, "study", study_id)


def _head(tenant: str, record: Mapping[str, str], votes: int) -> dict[str, Any]:
    return {
        "id": record["id"],
        "title": record["title"],
        "question": record["question"],
        "pair_count": int(record["pair_count"]),
        "vote_count": votes,
        "created_at": moment(record["created_at"]),
        "invitation": f"{tenant}.{record['id']}.{invitation_secret(record['salt'])}",
    }


def _study(tenant: str, record: Mapping[str, str], votes: int) -> Study:
    pairs = [_pair(number, kept) for number, kept in enumerate(json.loads(record["pairs"]), 1)]
    return Study(**_head(tenant, record, votes), pairs=pairs)


def _pair(number: int, kept: Mapping[str, Any]) -> Pair:
    a, b = (variant(kept[side]["image_id"], kept[side]["label"]) for side in ("a", "b"))
    return Pair(number=number, instruction=kept["instruction"], source_image_id=kept["source_image_id"], a=a, b=b)


def _rated(record: Mapping[str, str]) -> Rated:
    quality = ResolvedParameters.model_validate_json(record["parameters"]).quality
    rating = Rating.model_validate_json(record["rating"])
    return Rated(record["id"], record["instruction"], record.get("model", ""), quality.value, rating)
