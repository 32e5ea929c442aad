"""Signs of life."""

from __future__ import annotations

import threading

from editing_service.heartbeat import Heartbeat, Repeating, describe_model
from editing_service.model import EditingModel
from editing_service.progress import ProgressPump
from shared.errors import StorageUnavailable
from tests.editing_fakes import FakeClaims, make_claim


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
