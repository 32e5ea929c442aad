"""One thread computes; the others do so without a team of threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from editing_service.device import DeviceThread, compute_alone, cores, use_cores
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
