"""Signs of life, and the end of a worker whose device shows none."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest
import torch
from torch import Tensor

from editing_service.engine import StepEngine
from editing_service.failures import DeviceLost
from editing_service.heartbeat import EXIT_HUNG, Heartbeat, Repeating, Watchdog, describe_model
from editing_service.model import EditingModel
from editing_service.progress import ProgressPump
from shared.errors import StorageUnavailable
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


def test_a_heartbeat_tells_first_of_the_worker_then_of_its_model(model: EditingModel) -> None:
    claims = FakeClaims()
    heartbeat = Heartbeat(claims, "worker_1", slots=8)
    heartbeat.beat()
    pump = ProgressPump(claims, lease_s=20)
    heartbeat.warm(describe_model(model), pump)
    with pump.follow(make_claim()):
        heartbeat.beat()
        heartbeat.drain()
        heartbeat.beat()
    assert [(each.warm, each.slots, each.busy) for each in claims.heartbeats] == [
        (False, 8, 0),
        (True, 8, 1),
        (False, 1, 1),
    ]
    assert claims.heartbeats[1].model is not None
    assert claims.heartbeats[1].model.limits.multiple_of == model.multiple


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
        Watchdog(engine, pump, claims, step_timeout_s=0, give_up=exits.append).look()
    assert (exits, claims.endings) == ([EXIT_HUNG], endings)
    stuck.leave.set()
    engine.stop()


def test_a_step_within_its_time_is_left_alone(model: EditingModel) -> None:
    claims, exits = FakeClaims(), list[int]()
    engine = StepEngine(model, slots=8)
    Watchdog(engine, ProgressPump(claims, 20), claims, step_timeout_s=0, give_up=exits.append).look()
    assert exits == []


def test_what_is_repeated_goes_on_after_an_error() -> None:
    calls, enough = list[int](), threading.Event()

    def call() -> None:
        calls.append(1)
        if len(calls) == 3:
            enough.set()
        raise StorageUnavailable if len(calls) == 1 else ValueError("unexpected")

    repeating = Repeating("test", call, pause_s=0.001)
    repeating.start()
    assert enough.wait(10)
    repeating.stop()


def test_a_lost_device_ends_the_process(model: EditingModel) -> None:
    def break_down(_: Tensor) -> None:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    claims, exits = FakeClaims(), list[int]()
    engine = StepEngine(Tampered(model, break_down), slots=8)
    engine.start()
    with pytest.raises(DeviceLost):
        engine.submit(request()).result(60)
    Watchdog(engine, ProgressPump(claims, 20), claims, step_timeout_s=60, give_up=exits.append).look()
    assert exits == [EXIT_HUNG]
    engine.stop()
