"""Progress of all edits in one round trip, and what the answers do."""

from __future__ import annotations

import pytest

from editing_service.progress import LOOK_S, ProgressPump
from editing_service.runs import RunHandle
from shared.storage.records import Renewal, Verdict
from tests.editing_fakes import FakeClaims, make_claim


class Clock:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


@pytest.fixture
def claims() -> FakeClaims:
    """Claims that answer as told."""
    return FakeClaims()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def pump(claims: FakeClaims, clock: Clock) -> ProgressPump:
    """A pump whose thread is not started: the test tells it when to tell."""
    return ProgressPump(claims, lease_s=20, clock=clock)


def test_the_progress_of_all_edits_goes_in_one_round_trip(pump: ProgressPump, claims: FakeClaims) -> None:
    one, two = make_claim("edit_1"), make_claim("edit_2")
    with pump.follow(one) as first, pump.follow(two) as second:
        first.stepped(0, 3)
        second.stepped(0, 1)
        pump.tell()
    assert claims.renewals == [[Renewal(one, 3, 4), Renewal(two, 1, 4)]]


def test_an_edit_of_several_pictures_is_as_far_as_the_last_of_them(pump: ProgressPump, claims: FakeClaims) -> None:
    with pump.follow(make_claim()) as progress:
        progress.begin(pictures=2, total=8)
        progress.stepped(0, 5)
        progress.stepped(1, 4)
        pump.tell()
    assert (claims.renewals[0][0].step, claims.renewals[0][0].steps) == (4, 8)


@pytest.mark.parametrize(("lease_s", "pause_s"), [(20, LOOK_S), (0.4, 0.1)])
def test_nothing_new_is_told_only_when_a_cancel_may_have_come_or_the_claim_needs_renewing(
    claims: FakeClaims, clock: Clock, lease_s: float, pause_s: float
) -> None:
    pump = ProgressPump(claims, lease_s=lease_s, clock=clock)
    with pump.follow(make_claim()):
        pump.tell()
        clock.now += 0.8 * pause_s
        pump.tell()
        assert len(claims.renewals) == 1
        clock.now += 0.3 * pause_s
        pump.tell()
    assert len(claims.renewals) == 2


@pytest.mark.parametrize("verdict", [Verdict.CANCEL, Verdict.LOST])
def test_a_cancel_or_a_lost_claim_stops_all_pictures(pump: ProgressPump, claims: FakeClaims, verdict: Verdict) -> None:
    claims.verdict = lambda _: verdict
    handles = [RunHandle(), RunHandle()]
    with pump.follow(make_claim()) as progress:
        progress.attach(handles)
        pump.tell()
    assert [handle.canceled for handle in handles] == [True, True]


def test_a_cancel_that_comes_before_the_runs_stops_them_too(pump: ProgressPump, claims: FakeClaims) -> None:
    claims.verdict = lambda _: Verdict.CANCEL
    handle = RunHandle()
    with pump.follow(make_claim()) as progress:
        pump.tell()
        progress.attach([handle])
    assert handle.canceled


def test_an_edit_that_has_ended_is_told_of_no_more(pump: ProgressPump, claims: FakeClaims) -> None:
    with pump.follow(make_claim()) as progress:
        progress.stepped(0, 1)
    pump.tell()
    assert claims.renewals == []
