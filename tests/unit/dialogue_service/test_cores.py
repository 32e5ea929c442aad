"""How many cores the dialogue model computes on."""

from __future__ import annotations

import os
import threading

import pytest
import torch

from dialogue_service.cores import take_half


def taken() -> tuple[int, int]:
    """What a new thread is told, and what it computes on."""
    told: list[tuple[int, int]] = []
    thread = threading.Thread(target=lambda: told.append((take_half(), torch.get_num_threads())))
    thread.start()
    thread.join()
    return told[0]


def test_half_of_the_cores_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    half = max(1, len(os.sched_getaffinity(0)) // 2)
    assert taken() == (half, half)


def test_openmp_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    as_it_was = torch.get_num_threads()
    assert taken()[0] == taken()[1]
    assert torch.get_num_threads() == as_it_was
