"""How the scale benchmark counts."""

from dataclasses import replace

from benchmarks.endurance_watch import course
from benchmarks.scale_levels import Measured
from benchmarks.scale_report import of_linear
from benchmarks.simulated_load import Done
from benchmarks.simulated_meter import RedisCount, Spent

LEVEL = Measured(1, 1, 0.25, 0.0, {}, *[0.0] * 7)


def test_an_edit_counts_with_the_part_of_its_run_that_lies_in_the_window() -> None:
    edit = Done(started_at=10.0, finished_at=14.0, known_at=14.1)
    windows = [(0.0, 20.0), (12.0, 20.0), (0.0, 11.0), (11.0, 12.0), (20.0, 30.0)]
    assert [edit.share_within(*window) for window in windows] == [1.0, 0.5, 0.25, 0.25, 0.0]


def test_throughput_is_held_against_that_of_the_first_level_for_each_worker() -> None:
    levels = [LEVEL, replace(LEVEL, workers=4, edits_per_s=1.0), replace(LEVEL, workers=8, edits_per_s=1.0)]
    assert of_linear(levels) == [1.0, 1.0, 0.5]


def test_what_an_idle_stack_spends_is_taken_off_by_the_time_that_passed() -> None:
    idle = Spent(2.0, {"redis": 0.5}, RedisCount(*[10.0] * 7))
    busy = Spent(4.0, {"redis": 3.0, "client": 1.0}, RedisCount(*[100.0] * 7))
    extra = busy.without(idle)
    assert (extra.cpu_s, extra.redis.commands) == ({"redis": 2.0, "client": 1.0}, 80.0)


def test_growth_is_told_between_the_first_and_the_last_third() -> None:
    went = course([100.0, 100.0, 90.0, 120.0, 110.0, 110.0])
    assert (went.first, went.last, went.least, went.most) == (100.0, 110.0, 90.0, 120.0)
    assert round(went.growth, 6) == 0.1
