"""What came of a study, and of the ratings of edits: counts, means, shares, and how sure they are."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from gateway.intervals import mean, share
from gateway.studies import side_of_a
from shared.schemas.study import (
    Estimate,
    LabelResult,
    MatchResult,
    Pair,
    PairResult,
    RatingGroup,
    RatingsSummary,
    Side,
    Study,
    StudyResults,
    Vote,
)
from shared.storage.studies import Cast, OpenStudy, Rated

STUDY_COLUMNS = ("pair", "instruction", "label_a", "label_b", "chosen", "left", "participant")
RATING_COLUMNS = ("edit", "instruction", "model", "quality", "image_quality", "satisfaction")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would carry out instead of showing it
WORTH = {Vote.A: 1.0, Vote.SAME: 0.5, Vote.B: 0.0}


@dataclass(frozen=True)
class Tally:
    """All votes of a study, counted in one pass; what a vote is worth for a label is 1, 0.5 or 0."""

    people: dict[str, dict[str, list[float]]]  # label → person → worths
    matches: dict[tuple[str, str], Counter[float]]  # two labels in their order → worths for the first
    pairs: dict[int, Counter[Vote]]


def results_of(opened: OpenStudy, votes: Sequence[Cast], rated: Sequence[Rated]) -> StudyResults:
    """Reckon what the votes of a study say."""
    study = opened.study
    tally = _count(study, votes)
    decided = [cast for cast in votes if cast.vote is not Vote.SAME]
    chose_left = sum(_left_vote(opened.salt, cast) is cast.vote for cast in decided)
    labels = [_label(label, people) for label, people in tally.people.items()]
    return StudyResults(
        id=study.id,
        title=study.title,
        question=study.question,
        participants=len({cast.person for cast in votes}),
        votes=len(votes),
        left_rate=share(chose_left, len(decided)),
        labels=sorted(labels, key=lambda each: (-(each.score.value or 0.0), each.label)),
        matches=[_match(between, worths) for between, worths in sorted(tally.matches.items())],
        pairs=[_pair(number, counts) for number, counts in tally.pairs.items()],
        ratings=summary_of(rated),
    )


def summary_of(rated: Sequence[Rated]) -> RatingsSummary:
    """Summarise ratings: together, by model and by quality."""
    return RatingsSummary(
        count=len(rated),
        **_estimates(rated),
        by_model=_groups(rated, lambda each: each.model),
        by_quality=_groups(rated, lambda each: each.quality),
    )


def votes_csv(opened: OpenStudy, votes: Sequence[Cast]) -> str:
    """One line a vote; people are numbered, and what numbers them is not told."""
    pairs = {pair.number: pair for pair in opened.study.pairs}
    people = {person: number for number, person in enumerate(sorted({cast.person for cast in votes}), 1)}
    return _csv(STUDY_COLUMNS, (_vote_row(pairs[cast.pair], cast, opened.salt, people[cast.person]) for cast in votes))


def ratings_csv(rated: Sequence[Rated], with_comments: bool) -> str:
    """One line an edit; what people wrote only if it was asked for."""
    rows = ((*_rating_row(each), *([each.rating.comment or ""] if with_comments else [])) for each in rated)
    return _csv((*RATING_COLUMNS, *(["comment"] if with_comments else [])), rows)


def _count(study: Study, votes: Sequence[Cast]) -> Tally:
    tally = Tally(
        {each.label: {} for pair in study.pairs for each in (pair.a, pair.b)},
        {_between(pair): Counter() for pair in study.pairs if pair.a.label != pair.b.label},
        {pair.number: Counter() for pair in study.pairs},
    )
    pairs = {pair.number: pair for pair in study.pairs}
    for cast in votes:
        pair, worth = pairs[cast.pair], WORTH[cast.vote]
        tally.pairs[cast.pair][cast.vote] += 1
        if pair.a.label == pair.b.label:  # shown to see whether people find a difference where there is none
            continue
        tally.people[pair.a.label].setdefault(cast.person, []).append(worth)
        tally.people[pair.b.label].setdefault(cast.person, []).append(1.0 - worth)
        between = _between(pair)
        tally.matches[between][worth if pair.a.label == between[0] else 1.0 - worth] += 1
    return tally


def _between(pair: Pair) -> tuple[str, str]:
    first, second = sorted((pair.a.label, pair.b.label))
    return first, second


def _label(label: str, people: Mapping[str, list[float]]) -> LabelResult:
    counts = Counter(worth for worths in people.values() for worth in worths)
    wins, losses, same = counts[1.0], counts[0.0], counts[0.5]
    return LabelResult(
        label=label,
        votes=wins + losses + same,
        wins=wins,
        losses=losses,
        same=same,
        win_rate=share(wins, wins + losses),
        score=mean([fmean(worths) for worths in people.values()], 0.0, 1.0),
    )


def _match(between: tuple[str, str], counts: Counter[float]) -> MatchResult:
    wins, losses, same = counts[1.0], counts[0.0], counts[0.5]
    return MatchResult(
        a=between[0],
        b=between[1],
        votes=wins + losses + same,
        a_wins=wins,
        b_wins=losses,
        same=same,
        a_win_rate=share(wins, wins + losses),
    )


def _pair(number: int, counts: Counter[Vote]) -> PairResult:
    return PairResult(number=number, a=counts[Vote.A], b=counts[Vote.B], same=counts[Vote.SAME])


def _left_vote(salt: str, cast: Cast) -> Vote:
    """The vote that choosing the left picture was."""
    return Vote.A if side_of_a(salt, cast.person, cast.pair) is Side.LEFT else Vote.B


def _groups(rated: Sequence[Rated], name_of: Callable[[Rated], str]) -> list[RatingGroup]:
    groups: dict[str, list[Rated]] = defaultdict(list)
    for each in rated:
        groups[name_of(each)].append(each)
    return [RatingGroup(name=name, **_estimates(groups[name])) for name in sorted(groups)]


def _estimates(rated: Sequence[Rated]) -> dict[str, Estimate]:
    return {
        "image_quality": mean([each.rating.image_quality for each in rated], 1.0, 5.0),
        "satisfaction": mean([each.rating.satisfaction for each in rated], 1.0, 5.0),
    }


def _vote_row(pair: Pair, cast: Cast, salt: str, person: int) -> tuple[str | int, ...]:
    left = pair.a.label if _left_vote(salt, cast) is Vote.A else pair.b.label
    return cast.pair, pair.instruction or "", pair.a.label, pair.b.label, cast.vote.value, left, person


def _rating_row(each: Rated) -> tuple[str | int, ...]:
    rating = each.rating
    return each.edit_id, each.instruction, each.model, each.quality, rating.image_quality, rating.satisfaction


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: str | int) -> str | int:
    """A cell that a spreadsheet shows as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
