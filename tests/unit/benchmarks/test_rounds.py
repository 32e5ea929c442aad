"""The order of rounds, and ratios."""

from benchmarks.outcome import Table
from benchmarks.rounds import Spread, interleave, ratios


def test_every_second_round_goes_backwards() -> None:
    order: list[str] = []
    interleave({"a": "A", "b": "B"}, 3, lambda subject, _: order.append(subject))
    assert "".join(order) == "ABBAAB"


def test_ratios_are_taken_within_a_round() -> None:
    assert ratios([2.0, 8.0, 3.0], [1.0, 2.0, 1.0]) == Spread(median=3.0, low=2.0, high=4.0)


def test_a_table_is_markdown_with_its_note() -> None:
    table = Table("Title", ("a", "b"), [("1", "2")], "Note.")
    assert table.markdown() == "### Title\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nNote."
