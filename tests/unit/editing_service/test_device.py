"""One thread computes; the others do so without a team of threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from editing_service.device import (
    FIRST_PAUSE,
    IN_A_ROW,
    LONGEST_PAUSE,
    TRIAL,
    DeviceThread,
    Team,
    bfloat16_may_pay,
    compute_alone,
    cores,
    use_cores,
)
from editing_service.engine import StepEngine
from editing_service.guidance import GuidanceScales
from editing_service.model import EditingModel
from editing_service.runs import RunRequest


def test_all_that_is_given_runs_in_order_on_one_thread() -> None:
    device, said = DeviceThread(), []
    for number in range(3):
        device.submit(lambda number=number: said.append((number, threading.current_thread().name)))  # type: ignore[misc]
    assert device.call(lambda: list(said)) == [(0, "device"), (1, "device"), (2, "device")]


def test_what_fails_is_told_to_who_gave_it_and_the_thread_goes_on() -> None:
    device = DeviceThread()
    with pytest.raises(ZeroDivisionError):
        device.call(lambda: 1 // 0)
    assert device.call(lambda: 7) == 7


def test_the_engine_computes_on_the_thread_that_loaded_the_model(model: EditingModel) -> None:
    device, engine_threads = DeviceThread(), set()
    loader = device.call(threading.get_ident)
    engine = StepEngine(model, 1, after_step=lambda: engine_threads.add(threading.get_ident()), device=device)
    engine.start()
    request = RunRequest(np.zeros((32, 32, 3), np.uint8), "h", ("make it night",), 1, GuidanceScales(1.5, 1.0), 0)
    engine.submit(request).result(timeout=30)
    engine.stop()
    assert engine_threads == {loader}
    assert device.call(lambda: "free again") == "free again"


class Alone(Team):
    """A team of which one thread has turned out to be quicker."""

    def take_cores(self) -> None:
        """See `Team.take_cores`."""
        self._together = False
        super().take_cores()


def test_the_next_engine_on_a_thread_has_all_its_cores_again(
    model: EditingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("editing_service.engine.Team", Alone)
    device = DeviceThread()
    device.call(lambda: use_cores(cores() + 1))
    engine = StepEngine(model, 1, device=device)
    engine.start()
    request = RunRequest(np.zeros((32, 32, 3), np.uint8), "h", ("make it night",), 1, GuidanceScales(1.5, 1.0), 0)
    engine.submit(request).result(timeout=30)
    engine.stop()
    assert device.call(torch.get_num_threads) == cores() + 1


def test_how_many_threads_compute_is_each_threads_own_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    mine, device = torch.get_num_threads(), DeviceThread()
    device.call(lambda: use_cores(cores() + 1))
    other = DeviceThread()
    other.call(compute_alone)
    try:
        assert device.call(torch.get_num_threads) == cores() + 1
        assert other.call(torch.get_num_threads) == 1
        assert torch.get_num_threads() == mine
    finally:
        torch.set_num_threads(mine)


@pytest.mark.parametrize(("slower", "worth"), [(0.3, True), (1.5, True), (50.0, False)])
def test_bfloat16_is_tried_unless_it_clearly_takes_longer(
    monkeypatch: pytest.MonkeyPatch, slower: float, worth: bool
) -> None:
    monkeypatch.setattr("editing_service.device._product_s", lambda dtype: slower if dtype is torch.bfloat16 else 1.0)
    assert bfloat16_may_pay() is worth


class Machine:
    """A machine on which a row costs a team so much, and one thread alone so much."""

    def __init__(self, team: float, alone: float) -> None:
        self.team, self.alone = team, alone
        self.used: list[int] = []

    def steps(self, team: Team, count: int, rows: int = 8) -> list[int]:
        """Let the team take steps; gives the threads that it used."""
        before = len(self.used)
        for _ in range(count):
            team.take_cores()
            each = self.team if self.used[-1] > 1 else self.alone
            team.worked(rows, each * rows)
        return self.used[before:]


def test_a_team_that_is_quicker_stays_together_but_for_seldom_trials() -> None:
    machine = Machine(team=1.0, alone=1.3)
    used = machine.steps(Team(2, machine.used.append), 1000)
    assert used.count(1) <= 6 * TRIAL
    assert used[:FIRST_PAUSE] == [2] * FIRST_PAUSE


def test_a_team_that_suddenly_lacks_a_core_leaves_the_work_to_one_thread_at_once() -> None:
    machine = Machine(team=1.0, alone=1.3)
    team = Team(2, machine.used.append)
    machine.steps(team, 10)
    machine.team = 5.0
    assert machine.steps(team, 12) == [2] * IN_A_ROW + [1] * (12 - IN_A_ROW)
    assert machine.steps(team, 300).count(2) <= 4 * TRIAL


def test_a_single_dear_turn_changes_nothing() -> None:
    machine = Machine(team=1.0, alone=1.3)
    team = Team(2, machine.used.append)
    machine.steps(team, 10)
    machine.team = 9.0
    machine.steps(team, IN_A_ROW - 1)
    machine.team = 1.0
    assert machine.steps(team, 20) == [2] * 20


def test_the_team_comes_together_again_when_it_has_its_cores() -> None:
    machine = Machine(team=5.0, alone=1.3)
    team = Team(2, machine.used.append)
    machine.steps(team, 200)
    machine.team = 1.0
    machine.steps(team, 2 * LONGEST_PAUSE)
    assert machine.steps(team, 100).count(1) <= 2 * TRIAL


def test_steps_of_unlike_sizes_are_no_reason_to_change() -> None:
    machine = Machine(team=1.0, alone=1.3)
    team = Team(2, machine.used.append)
    used = [threads for rows in (2, 48, 3, 24, 1) * 4 for threads in machine.steps(team, 1, rows)]
    assert used == [2] * 20


def test_one_thread_is_no_team_to_take_apart() -> None:
    machine = Machine(team=9.0, alone=1.0)
    assert set(machine.steps(Team(1, machine.used.append), 100)) == {1}
