"""What earlier weights understood."""

from evaluation import progress, strangers


def test_the_sets_are_those_that_are_measured() -> None:
    sets = {"strangers": strangers.TURNS, "newcomers": strangers.NEWCOMERS, "photographs": strangers.COCO_TURNS}
    assert {name: len(strangers.read_turns(path)) for name, path in sets.items()} == progress.TURNS


def test_every_line_is_a_row_with_rising_steps() -> None:
    shipped = progress.read()
    assert [each.steps for each in shipped] == sorted(each.steps for each in shipped)
    assert all(0 < each.percent(name) <= 100 for each in shipped for name in progress.TURNS)
    assert progress.table(shipped).count("\n") == len(shipped) + 1
