"""A user study: blind pairs of pictures, the votes of people who see no label, and what came of them."""

import hashlib
import hmac
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.schemas.base import Id, Moment, Request, Resource, Text, visible
from shared.schemas.conversation import Title
from shared.schemas.image import image_url

MOST_PAIRS = 200
QUESTION = "Which picture is better?"

Label = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    AfterValidator(visible),
    Field(description="what made the picture: a model, a setting; whoever votes does not see it"),
]
Participant = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$"),
    Field(description="a random token that the page of one person makes; only its digest is kept"),
]


class Side(StrEnum):
    """Where a picture of a pair is shown."""

    LEFT = "left"
    RIGHT = "right"


class Choice(StrEnum):
    """What a person says of a pair as it was shown."""

    LEFT = "left"
    RIGHT = "right"
    SAME = "same"


class Vote(StrEnum):
    """What a choice says of a pair, wherever its pictures were shown."""

    A = "a"
    B = "b"
    SAME = "same"


class VariantRequest(Request):
    """One picture of a pair, and what made it."""

    image_id: Id
    label: Label


class PairRequest(Request):
    """Two pictures of the same instruction, to be held against each other."""

    instruction: Text | None = None
    source_image_id: Id | None = None
    a: VariantRequest
    b: VariantRequest


class StudyRequest(Request):
    """The pairs to ask people about, and the question."""

    title: Title
    question: Title = QUESTION
    pairs: Annotated[list[PairRequest], Field(min_length=1, max_length=MOST_PAIRS)]


class VoteRequest(Request):
    """What one person says of one pair; a second vote on the same pair takes the place of the first."""

    pair: Annotated[int, Field(ge=1, le=MOST_PAIRS, description="its number, as `next` gave it")]
    choice: Annotated[Choice, Field(strict=False)]
    participant: Participant


class Variant(Resource):
    """One picture of a pair, and what made it."""

    image_id: str
    label: str
    url: str


class Pair(Resource):
    """Two pictures of the same instruction."""

    number: int = Field(description="from 1")
    instruction: str | None = None
    source_image_id: str | None = None
    a: Variant
    b: Variant


class StudyUrls(Resource):
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


def invitation_secret(salt: str) -> str:
    """What proves that somebody was invited to the study with this salt; it tells nothing of the salt."""
    return hmac.new(salt.encode(), b"invitation", hashlib.sha256).hexdigest()[:32]


def _urls(fields: dict[str, Any]) -> StudyUrls:
    own = f"/v1/studies/{fields['id']}"
    return StudyUrls(
        self=own,
        next=f"{own}/next",
        votes=f"{own}/votes",
        results=f"{own}/results",
        csv=f"{own}/results.csv",
        page=f"/#{fields['id']}",
        invitation=f"/#{fields['id']}?invitation={fields['invitation']}",
    )


class StudyHead(Resource):
    """A study without its pairs, as lists have it."""

    id: str
    title: str
    question: str
    pair_count: int
    vote_count: int
    created_at: Moment
    invitation: str = Field(description="a key that lets people vote in this study and see its pictures, nothing else")
    urls: StudyUrls = Field(default_factory=_urls)


class Study(StudyHead):
    """A study with its pairs and their labels: for whoever runs it, not for whoever votes."""

    pairs: list[Pair]

    def image_ids(self) -> set[str]:
        """Every picture that is shown in it."""
        shown = (each for pair in self.pairs for each in (pair.a.image_id, pair.b.image_id, pair.source_image_id))
        return {image_id for image_id in shown if image_id}


class ShownPair(Resource):
    """A pair as a person sees it: no label, sides drawn by the server."""

    number: int
    instruction: str | None = None
    source_url: str | None = Field(default=None, description="the picture that both began with")
    left_url: str
    right_url: str


class NextPair(Resource):
    """What a person is to be asked next, and how far that person is; no pair once there is none left."""

    title: str
    question: str
    voted: int
    total: int
    pair: ShownPair | None = None


class Estimate(Resource):
    """A mean or a share with its 95 % interval; None where there is too little to tell."""

    value: float | None
    low: float | None
    high: float | None
    count: int = Field(description="how many votes, people or ratings it is of")
    method: Literal["wilson", "t"] = Field(
        description="how the interval is made: Wilson's of a share, or Student's t of a mean"
    )


class LabelResult(Resource):
    """How often what one label stands for was preferred to the others."""

    label: str
    votes: int
    wins: int
    losses: int
    same: int
    win_rate: Estimate = Field(description="wins among the votes that were not `same`, as if these were independent")
    score: Estimate = Field(
        description="1 for a win, 0.5 for `same`, 0 for a loss: the mean over people of their own means"
    )


class MatchResult(Resource):
    """Two labels against each other."""

    a: str
    b: str
    votes: int
    a_wins: int
    b_wins: int
    same: int
    a_win_rate: Estimate


class PairResult(Resource):
    """The votes on one pair."""

    number: int
    a: int
    b: int
    same: int


class RatingGroup(Resource):
    """What people said of some rated edits, from 1 (bad) to 5 (good)."""

    name: str
    image_quality: Estimate
    satisfaction: Estimate


class RatingsSummary(Resource):
    """What was said of all rated edits that are still kept: together, by model, and by the parameter `quality`."""

    count: int
    image_quality: Estimate
    satisfaction: Estimate
    by_model: list[RatingGroup]
    by_quality: list[RatingGroup]


class StudyResults(Resource):
    """What came of a study so far."""

    id: str
    title: str
    question: str
    participants: int
    votes: int
    left_rate: Estimate = Field(description="how often the left one was chosen: far from a half, something is wrong")
    labels: list[LabelResult] = Field(description="the most preferred first")
    matches: list[MatchResult]
    pairs: list[PairResult]
    ratings: RatingsSummary


def variant(image_id: str, label: str) -> Variant:
    """A variant with the path of its picture."""
    return Variant(image_id=image_id, label=label, url=image_url(image_id))
