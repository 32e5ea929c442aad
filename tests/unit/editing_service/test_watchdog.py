"""The end of a worker whose device hangs, or that does not hear of the edits that wait."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest
import torch
from torch import Tensor

from editing_service.engine import StepEngine
from editing_service.failures import DeviceLost
from editing_service.model import EditingModel
from editing_service.progress import ProgressPump
from editing_service.watchdog import EXIT_HUNG, DeviceWatchdog, QueueWatchdog
from tests.editing_fakes import FakeClaims, Tampered, make_claim
from tests.editing_runs import request


class Hang:
    """Keeps a step from ending until the test lets it go."""

    def __init__(self) -> None:
        self.entered, self.leave = threading.Event(), threading.Event()

    def __call__(self, _: Tensor) -> None:
        """Hang."""
        self.entered.set()
        self.leave.wait(30)


@pytest.mark.parametrize(
    ("edits", "endings"),
    [
        (["edit_1"], [("edit_1", "failed timeout")]),
        (["edit_1", "edit_2"], [("edit_1", "released True"), ("edit_2", "released True")]),
    ],
)
def test_a_step_that_hangs_ends_the_process_and_lets_its_edits_go(
    model: EditingModel, edits: list[str], endings: list[tuple[str, str]]
) -> None:
    claims, stuck, exits = FakeClaims(), Hang(), list[int]()
    pump = ProgressPump(claims, lease_s=20)
    engine = StepEngine(Tampered(model, stuck), slots=8)
    engine.start()
    engine.submit(request())
    assert stuck.entered.wait(30)
    with ExitStack() as followed:
        for edit_id in edits:
            followed.enter_context(pump.follow(make_claim(edit_id)))
        DeviceWatchdog(engine, pump, claims, step_timeout_s=0, give_up=exits.append).look()
    assert (exits, claims.endings) == ([EXIT_HUNG], endings)
    stuck.leave.set()
    engine.stop()


def test_a_step_within_its_time_is_left_alone(model: EditingModel) -> None:
    claims, exits = FakeClaims(), list[int]()
    engine = StepEngine(model, slots=8)
    DeviceWatchdog(engine, ProgressPump(claims, 20), claims, step_timeout_s=0, give_up=exits.append).look()
    assert exits == []


def test_a_lost_device_ends_the_process(model: EditingModel) -> None:
    def break_down(_: Tensor) -> None:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    claims, exits = FakeClaims(), list[int]()
    engine = StepEngine(Tampered(model, break_down), slots=8)
    engine.start()
    with pytest.raises(DeviceLost):
        engine.submit(request()).result(60)
    DeviceWatchdog(engine, ProgressPump(claims, 20), claims, step_timeout_s=60, give_up=exits.append).look()
    assert exits == [EXIT_HUNG]
    engine.stop()


class Idling:
    """A worker with nothing to do, its watchdog of the queue and a clock that the test moves."""

    def __init__(self) -> None:
        self.now, self.exits, self.claims = 0.0, list[int](), FakeClaims()
        self.pump = ProgressPump(self.claims, lease_s=20)
        self.watchdog = QueueWatchdog(
            self.pump, self.claims, idle_timeout_s=60, give_up=self.exits.append, clock=lambda: self.now
        )

    def look(self, now: float, wait_s: float) -> None:
        """Look at this time, while the first edit of the queue has waited this long."""
        self.now, self.claims.wait_s = now, wait_s
        self.watchdog.look()


def test_a_worker_that_takes_nothing_while_edits_wait_ends() -> None:
    idling = Idling()
    idling.look(now=100, wait_s=59)
    idling.look(now=101, wait_s=60)
    idling.look(now=159, wait_s=118)
    assert idling.exits == []
    idling.look(now=160, wait_s=119)
    assert idling.exits == [EXIT_HUNG]


def test_a_worker_without_anything_to_take_stays() -> None:
    idling = Idling()
    for now in range(0, 300, 10):
        idling.look(now, wait_s=0)
    assert idling.exits == []


def test_a_worker_that_is_busy_stays_however_long_others_wait() -> None:
    idling = Idling()
    with idling.pump.follow(make_claim()):
        for now in range(0, 300, 10):
            idling.look(now, wait_s=now)
    idling.look(now=301, wait_s=301)
    assert idling.exits == []
