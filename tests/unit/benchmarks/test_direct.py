"""The engine called directly, in the process that measures it."""

from __future__ import annotations

import threading
from pathlib import Path

import torch

from benchmarks.direct import EngineHost
from benchmarks.endurance_model import save_tiny_model


def test_who_gives_the_engine_its_runs_has_no_team_of_threads_beside_the_engines(
    tmp_path: Path,
) -> None:
    save_tiny_model(tmp_path / "model")
    threads = []

    def host() -> None:
        EngineHost(tmp_path / "model", "float32", tmp_path / "choices.json")
        threads.append(torch.get_num_threads())

    thread = threading.Thread(target=host)
    thread.start()
    thread.join()
    assert threads == [1]
