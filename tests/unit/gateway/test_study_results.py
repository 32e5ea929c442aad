"""What the votes of a study and the ratings of edits come to."""

import csv
import io
from datetime import UTC, datetime

import pytest

from gateway.studies import meaning, side_of_a
from gateway.study_results import ratings_csv, results_of, summary_of, votes_csv
from shared.schemas.edit import Rating
from shared.schemas.study import Choice, Pair, Side, Study, Vote, variant
from shared.storage.studies import Cast, OpenStudy, Rated

SALT = "5a17"


def study_of(*labels: tuple[str, str], instruction: str = "make it night") -> OpenStudy:
    """A study with a pair of each two labels."""
    pairs = [
        Pair(number=number, instruction=instruction, a=variant("img_a", a), b=variant("img_b", b))
        for number, (a, b) in enumerate(labels, 1)
    ]
    study = Study(
        id="study_1",
        title="Scales",
        question="Which is better?",
        pair_count=len(pairs),
        vote_count=0,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        invitation="local.study_1.0",
        pairs=pairs,
    )
    return OpenStudy(study, SALT)


def cast(votes: str, pair: int = 1) -> list[Cast]:
    """A vote of one person for each letter: a, b or s for the same."""
    said = {"a": Vote.A, "b": Vote.B, "s": Vote.SAME}
    return [Cast(f"person-{number}", pair, said[letter]) for number, letter in enumerate(votes)]


def rated(image_quality: int, satisfaction: int, model: str = "mini", quality: str = "exact") -> Rated:
    rating = Rating(image_quality=image_quality, satisfaction=satisfaction, comment="=HYPERLINK(1)")
    return Rated("edit_1", "-1 cat", model, quality, rating)


def test_wins_and_ties_are_counted_for_each_label() -> None:
    results = results_of(study_of(("high", "low")), cast("aaaaaaabbbss"), [])
    high, low = results.labels
    assert (high.label, high.votes, high.wins, high.losses, high.same) == ("high", 12, 7, 3, 2)
    assert (low.wins, low.losses) == (3, 7)
    assert (high.win_rate.value, high.win_rate.count) == (0.7, 10)
    assert (high.win_rate.low, high.win_rate.high) == pytest.approx((0.397, 0.892), abs=1e-3)
    assert high.score.value == pytest.approx((7 + 1) / 12)
    assert (results.participants, results.votes) == (12, 12)


def test_one_person_counts_once_in_the_score_however_many_votes_that_person_gave() -> None:
    study = study_of(("high", "low"), ("high", "low"), ("low", "high"))
    busy = [Cast("busy", 1, Vote.A), Cast("busy", 2, Vote.A), Cast("busy", 3, Vote.B)]
    results = results_of(study, [*busy, Cast("other", 1, Vote.B)], [])
    high = next(each for each in results.labels if each.label == "high")
    assert (high.wins, high.losses) == (3, 1)
    assert (high.score.value, high.score.count) == (0.5, 2)


def test_labels_that_met_are_told_against_each_other() -> None:
    study = study_of(("x", "y"), ("z", "y"), ("y", "x"))
    results = results_of(study, [*cast("aab"), *cast("b", 2), *cast("bs", 3)], [])
    told = [(each.a, each.b, each.a_wins, each.b_wins, each.same) for each in results.matches]
    assert told == [("x", "y", 3, 1, 1), ("y", "z", 1, 0, 0)]
    assert [(each.a, each.b, each.same) for each in results.pairs] == [(2, 1, 0), (0, 1, 0), (0, 1, 1)]


def test_a_pair_of_one_label_says_nothing_of_it() -> None:
    results = results_of(study_of(("x", "x")), cast("ab"), [])
    assert [(each.label, each.votes) for each in results.labels] == [("x", 0)]
    assert results.matches == []
    assert results.votes == 2


def test_a_study_without_votes_tells_nothing() -> None:
    results = results_of(study_of(("x", "y")), [], [])
    assert results.labels[0].win_rate.value is results.left_rate.value is results.ratings.satisfaction.value is None


def test_a_choice_means_the_picture_on_its_side() -> None:
    assert meaning(Choice.LEFT, Side.LEFT) is meaning(Choice.RIGHT, Side.RIGHT) is Vote.A
    assert meaning(Choice.RIGHT, Side.LEFT) is meaning(Choice.LEFT, Side.RIGHT) is Vote.B
    assert meaning(Choice.SAME, Side.LEFT) is Vote.SAME


def test_sides_are_a_fair_coin_that_stays_as_it_fell() -> None:
    sides = [side_of_a(SALT, f"person-{number}", 1) for number in range(2000)]
    assert sides == [side_of_a(SALT, f"person-{number}", 1) for number in range(2000)]
    assert 900 < sides.count(Side.LEFT) < 1100
    assert sides != [side_of_a(SALT, f"person-{number}", 2) for number in range(2000)]


def test_who_always_takes_the_left_one_shows_in_the_left_rate() -> None:
    votes = []
    for number in range(40):
        votes.append(Cast(f"p{number}", 1, meaning(Choice.LEFT, side_of_a(SALT, f"p{number}", 1))))
    assert results_of(study_of(("x", "y")), votes, []).left_rate.value == 1.0


def test_ratings_are_summarised_by_model_and_by_quality() -> None:
    told = summary_of([rated(5, 4), rated(3, 4, quality="fast"), rated(1, 2, model="other")])
    assert (told.count, told.image_quality.value) == (3, 3.0)
    assert [(each.name, each.image_quality.value) for each in told.by_model] == [("mini", 4.0), ("other", 1.0)]
    assert [(each.name, each.satisfaction.count) for each in told.by_quality] == [("exact", 2), ("fast", 1)]


def test_the_votes_are_lines_in_which_people_are_numbers() -> None:
    study = study_of(("x, the first", "y"))
    [first, second] = csv.DictReader(io.StringIO(votes_csv(study, cast("as"))))
    assert (first["label_a"], first["chosen"], first["participant"]) == ("x, the first", "a", "1")
    assert first["left"] == ("x, the first" if side_of_a(SALT, "person-0", 1) is Side.LEFT else "y")
    assert (second["chosen"], second["participant"]) == ("same", "2")
    assert "person" not in votes_csv(study, cast("as"))


def test_comments_are_told_only_if_asked_for_and_no_spreadsheet_carries_them_out() -> None:
    [without] = csv.DictReader(io.StringIO(ratings_csv([rated(5, 4)], with_comments=False)))
    assert "comment" not in without
    assert without["instruction"] == "'-1 cat"
    [told] = csv.DictReader(io.StringIO(ratings_csv([rated(5, 4)], with_comments=True)))
    assert told["comment"] == "'=HYPERLINK(1)"
