"""Studies: which pair a person sees next and on which sides, and what a vote says."""

import hashlib
import secrets

from gateway.ports import Ports, own_image
from shared.errors import InvalidRequest
from shared.schemas.image import image_url
from shared.schemas.study import (
    Choice,
    NextPair,
    Pair,
    PairRequest,
    ShownPair,
    Side,
    Study,
    StudyRequest,
    Vote,
    VoteRequest,
)
from shared.storage.records import NewPair, NewStudy, NewVariant, Operation
from shared.storage.studies import Cast, Judged, OpenStudy


async def create(tenant: str, wanted: StudyRequest, ports: Ports, operation: Operation | None) -> Study:
    """Keep the pairs; each packaged sample among their pictures is copied once."""
    studies = ports.stores.studies
    if operation and operation.resource_id:  # an interrupted run of the same request got this far
        return await studies.get(tenant, operation.resource_id)
    named = {image_id for pair in wanted.pairs for image_id in _named(pair)}
    own = {image_id: await own_image(tenant, image_id, ports) for image_id in sorted(named)}
    new = NewStudy(
        id=ports.new_id("study"),
        title=wanted.title,
        question=wanted.question,
        salt=secrets.token_hex(16),
        pairs=tuple(_new_pair(pair, own) for pair in wanted.pairs),
    )
    return await studies.create(tenant, new, operation)


async def next_pair(tenant: str, study_id: str, participant: str, ports: Ports) -> NextPair:
    """Say what to ask this person next: of the pairs that this person has not judged, one that has the fewest votes."""
    studies = ports.stores.studies
    opened = await studies.open(tenant, study_id)
    person = person_of(opened.salt, participant)
    return _next(opened, person, await studies.judged(tenant, opened.study, person))


async def vote(tenant: str, study_id: str, said: VoteRequest, ports: Ports) -> NextPair:
    """Keep what a person says of a pair as it was shown, and say what to ask next."""
    studies = ports.stores.studies
    opened = await studies.open(tenant, study_id)
    if said.pair > opened.study.pair_count:
        raise InvalidRequest.about(
            "pair", f"The study has {opened.study.pair_count} pairs; there is no pair {said.pair}."
        )
    person = person_of(opened.salt, said.participant)
    meant = meaning(said.choice, side_of_a(opened.salt, person, said.pair))
    await studies.vote(tenant, study_id, Cast(person, said.pair, meant))
    return _next(opened, person, await studies.judged(tenant, opened.study, person))


def person_of(salt: str, participant: str) -> str:
    """The digest under which a person's votes are kept; it says nothing outside of this study."""
    return hashlib.sha256(f"{salt} {participant}".encode()).hexdigest()[:24]


def side_of_a(salt: str, person: str, pair: int) -> Side:
    """The side on which a person sees the first picture of a pair: a fair coin, thrown once and remembered by all."""
    return Side.LEFT if _lot(salt, person, pair) % 2 else Side.RIGHT


def meaning(choice: Choice, a_is: Side) -> Vote:
    """What a choice among sides says of a and b."""
    if choice is Choice.SAME:
        return Vote.SAME
    return Vote.A if choice.value == a_is.value else Vote.B


def _next(opened: OpenStudy, person: str, judged: Judged) -> NextPair:
    study, shown = opened.study, None
    left = [pair for pair in study.pairs if pair.number not in judged.votes]
    if left:  # among equals by lot, or everybody would begin with the first
        chosen = min(left, key=lambda pair: (judged.counts[pair.number], _lot(opened.salt, person, -pair.number)))
        shown = _shown(chosen, side_of_a(opened.salt, person, chosen.number))
    return NextPair(
        title=study.title, question=study.question, voted=len(judged.votes), total=study.pair_count, pair=shown
    )


def _shown(pair: Pair, a_is: Side) -> ShownPair:
    left, right = (pair.a, pair.b) if a_is is Side.LEFT else (pair.b, pair.a)
    return ShownPair(
        number=pair.number,
        instruction=pair.instruction,
        source_url=image_url(pair.source_image_id) if pair.source_image_id else None,
        left_url=left.url,
        right_url=right.url,
    )


def _lot(salt: str, person: str, number: int) -> int:
    """A number drawn by the study's salt: the same each time, and nobody can tell it who does not know the salt."""
    return int.from_bytes(hashlib.sha256(f"{salt} {person} {number}".encode()).digest()[:8])


def _named(pair: PairRequest) -> list[str]:
    return [each for each in (pair.a.image_id, pair.b.image_id, pair.source_image_id) if each]


def _new_pair(pair: PairRequest, own: dict[str, str]) -> NewPair:
    a, b = (NewVariant(own[each.image_id], each.label) for each in (pair.a, pair.b))
    source = own[pair.source_image_id] if pair.source_image_id else None
    return NewPair(a, b, pair.instruction, source)
