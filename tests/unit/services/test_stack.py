"""How the processes of a stack on one machine are set up."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.local.stack import Stack

ON_FOUR_CORES: Mapping[int, str | None] = {1: None, 2: "2", 3: "1", 8: "1"}


def threads(tmp_path: Path, workers: int, **settings: str) -> str | None:
    stack = Stack(tmp_path, lambda *_: None, settings=settings, workers=workers)
    assert sum(name.startswith("editing") for name in stack.processes) == workers
    return stack.env.get("THREADS")


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)))
    for name in ("THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("workers", "expected"), ON_FOUR_CORES.items())
def test_workers_of_one_machine_share_its_cores(tmp_path: Path, workers: int, expected: str | None) -> None:
    assert threads(tmp_path, workers) == expected


def test_what_is_set_is_kept(tmp_path: Path) -> None:
    assert threads(tmp_path, 2, THREADS="3") == "3"
    assert threads(tmp_path, 2, THREADS="0") == "2"
    assert threads(tmp_path, 2, OMP_NUM_THREADS="3") is None
