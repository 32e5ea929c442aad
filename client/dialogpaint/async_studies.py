"""Studies of blind pairs, for asyncio; `client.py` has the same for code that blocks."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dialogpaint import calls
from dialogpaint.exchange import Exchange
from dialogpaint.known import AnyPicture
from dialogpaint.models.study import Choice, NextPair, RatingsSummary, Study, StudyHead, StudyResults


@dataclass(frozen=True)
class Compared:
    """Two pictures of the same instruction, what made each, and the picture that both began with."""

    a: AnyPicture
    b: AnyPicture
    labels: tuple[str, str]
    instruction: str | None = None
    source: AnyPicture | None = None


class AsyncStudies:
    """The studies of a server, and what people said of edits."""

    def __init__(self, exchange: Exchange, id_of: Callable[[AnyPicture], Awaitable[str]]) -> None:
        self._exchange = exchange
        self._id_of = id_of

    async def create(self, title: str, pairs: Iterable[Compared], *, question: str | None = None) -> Study:
        """Begin a study; people vote at `study.urls.invitation`, and its pictures stay for as long as it does."""
        body: dict[str, Any] = {"title": title, "pairs": [await self._pair(pair) for pair in pairs]}
        if question is not None:
            body["question"] = question
        return await self._exchange.call(calls.create_study(body))

    def all(self) -> AsyncGenerator[StudyHead, None]:
        """Yield every study, newest first."""
        return self._exchange.each(calls.list_studies)

    async def get(self, study: StudyHead | str) -> Study:
        """Return a study with its pairs and their labels."""
        return await self._exchange.call(calls.get_study(_id(study)))

    async def next(self, study: StudyHead | str, participant: str) -> NextPair:
        """Return what to ask this person next; `participant` is a random token of 16 to 64 letters and digits."""
        return await self._exchange.call(calls.get_next_pair(_id(study), participant))

    async def vote(self, study: StudyHead | str, participant: str, pair: int, choice: Choice | str) -> NextPair:
        """Say which picture of a pair is better as it was shown; return what to ask next."""
        body = {"pair": pair, "choice": str(choice), "participant": participant}
        return await self._exchange.call(calls.vote_on_pair(_id(study), body))

    async def results(self, study: StudyHead | str) -> StudyResults:
        """Return how often each label was preferred, with 95 % intervals."""
        return await self._exchange.call(calls.get_study_results(_id(study)))

    async def csv(self, study: StudyHead | str) -> str:
        """Return every vote as a line of CSV."""
        return await self._exchange.call(calls.get_study_csv(_id(study)))

    async def delete(self, study: StudyHead | str) -> None:
        """Delete a study with its votes, and the pictures that nothing else uses."""
        await self._exchange.call(calls.delete_study(_id(study)))

    async def ratings(self) -> RatingsSummary:
        """Return what people said of edits: together, by model and by quality."""
        return await self._exchange.call(calls.get_ratings())

    async def ratings_csv(self, *, comments: bool = False) -> str:
        """Return every rating of an edit as a line of CSV."""
        return await self._exchange.call(calls.get_ratings_csv(comments))

    async def _pair(self, pair: Compared) -> dict[str, Any]:
        of_a, of_b = pair.labels
        body: dict[str, Any] = {
            "a": {"image_id": await self._id_of(pair.a), "label": of_a},
            "b": {"image_id": await self._id_of(pair.b), "label": of_b},
        }
        if pair.instruction is not None:
            body["instruction"] = pair.instruction
        if pair.source is not None:
            body["source_image_id"] = await self._id_of(pair.source)
        return body


def _id(study: StudyHead | str) -> str:
    return study if isinstance(study, str) else study.id
