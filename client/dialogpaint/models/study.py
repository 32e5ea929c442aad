"""What the server answers about studies and ratings, as its OpenAPI document has it."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from dialogpaint.models.base import Answer


class Choice(StrEnum):
    """What a person says of a pair as it was shown."""

    LEFT = "left"
    RIGHT = "right"
    SAME = "same"


class StudyUrls(Answer):
    """Where a study is read, taken part in and looked into.

    People vote at `page`; at `invitation` they do so without a key, and can do nothing else.
    """

    self: str
    next: str
    votes: str
    results: str
    csv: str
    page: str
    invitation: str


class StudyHead(Answer):
    """A study without its pairs."""

    id: str
    title: str
    question: str
    pair_count: int
    vote_count: int
    created_at: datetime
    invitation: str  # a key that lets people vote in this study and see its pictures, nothing else
    urls: StudyUrls


class Variant(Answer):
    """One picture of a pair, and what made it."""

    image_id: str
    label: str
    url: str


class Pair(Answer):
    """Two pictures of the same instruction."""

    number: int
    instruction: str | None = None
    source_image_id: str | None = None
    a: Variant
    b: Variant


class Study(StudyHead):
    """A study with its pairs and their labels."""

    pairs: list[Pair]


class ShownPair(Answer):
    """A pair as a person sees it: no label, sides drawn by the server."""

    number: int
    instruction: str | None = None
    source_url: str | None = None
    left_url: str
    right_url: str


class NextPair(Answer):
    """What a person is to be asked next, and how far that person is; no pair once there is none left."""

    title: str
    question: str
    voted: int
    total: int
    pair: ShownPair | None = None


class Estimate(Answer):
    """A mean or a share of `count` values with its 95 % interval; None where there is too little to tell."""

    value: float | None
    low: float | None
    high: float | None
    count: int
    method: Literal["wilson", "t"]

    def __str__(self) -> str:
        """Write it as people do: `0.70 [0.40, 0.89]`."""
        if self.value is None:
            return "–"
        return f"{self.value:.2f}" + ("" if self.low is None else f" [{self.low:.2f}, {self.high:.2f}]")


class LabelResult(Answer):
    """How often what one label stands for was preferred to the others."""

    label: str
    votes: int
    wins: int
    losses: int
    same: int
    win_rate: Estimate
    score: Estimate


class MatchResult(Answer):
    """Two labels against each other."""

    a: str
    b: str
    votes: int
    a_wins: int
    b_wins: int
    same: int
    a_win_rate: Estimate


class PairResult(Answer):
    """The votes on one pair."""

    number: int
    a: int
    b: int
    same: int


class RatingGroup(Answer):
    """What people said of some rated edits, from 1 (bad) to 5 (good)."""

    name: str
    image_quality: Estimate
    satisfaction: Estimate


class RatingsSummary(Answer):
    """What was said of all rated edits that are still kept."""

    count: int
    image_quality: Estimate
    satisfaction: Estimate
    by_model: list[RatingGroup]
    by_quality: list[RatingGroup]


class StudyResults(Answer):
    """What came of a study so far; the most preferred label is first."""

    id: str
    title: str
    question: str
    participants: int
    votes: int
    left_rate: Estimate
    labels: list[LabelResult]
    matches: list[MatchResult]
    pairs: list[PairResult]
    ratings: RatingsSummary
