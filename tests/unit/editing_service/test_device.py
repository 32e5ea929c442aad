"""One thread computes; the others do so without a team of threads."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
import torch

from editing_service.device import (
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    DeviceThread,
    Team,
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


class Machine:
    """Clocks of a machine on which a team of two gets so many cores."""

    def __init__(self) -> None:
        self.now, self.cpu = 100.0, 50.0
        self.used: list[int] = []

    def work(self, team: Team, seconds: float, cores_had: float) -> int:
        """Let the team work for a while; gives the threads that it used."""
        with team.at_work():
            self.now += seconds
            self.cpu += seconds * cores_had
        return self.used[-1]

    def team(self) -> Team:
        return Team(2, clock=lambda: self.now, cpu_clock=lambda: self.cpu, use=self.used.append)


def test_a_team_that_has_its_cores_stays_together() -> None:
    machine = Machine()
    team = machine.team()
    assert [machine.work(team, 0.02, 1.9) for _ in range(20)] == [2] * 20


def test_a_team_that_lacks_a_core_leaves_the_work_to_one_for_a_while_and_then_tries_again() -> None:
    machine = Machine()
    team = machine.team()
    assert machine.work(team, 0.3, 1.2) == 2
    assert machine.work(team, 0.1, 1.0) == 1
    assert machine.work(team, FIRST_PAUSE_S, 1.0) == 1
    assert machine.work(team, 0.02, 1.9) == 2
    assert machine.work(team, 0.02, 1.9) == 2


def test_the_longer_it_is_crowded_the_less_often_the_team_tries() -> None:
    machine = Machine()
    team, tries = machine.team(), []
    while machine.now < 200:
        if machine.work(team, 0.1, 1.0) == 2:
            tries.append(machine.now)
    pauses = np.diff(tries)
    assert pauses[0] < 2 * FIRST_PAUSE_S
    assert all(later >= earlier - 0.11 for earlier, later in itertools.pairwise(pauses))
    assert LONGEST_PAUSE_S <= pauses[-1] < LONGEST_PAUSE_S + 0.3


def test_one_thread_is_no_team_to_take_apart() -> None:
    machine = Machine()
    alone = Team(1, clock=lambda: machine.now, cpu_clock=lambda: machine.cpu, use=machine.used.append)
    assert [machine.work(alone, 0.1, 0.3) for _ in range(3)] == [1, 1, 1]
