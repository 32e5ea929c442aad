"""A tiny model, loaded once, and an engine on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from editing_service.batch import Model
from editing_service.engine import StepEngine
from editing_service.model import EditingModel, load_model
from tests.editing_models import save_pipeline

StartEngine = Callable[..., StepEngine]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a tiny model with a deterministic sampler."""
    return save_pipeline(tmp_path_factory.mktemp("model"), "ddim-sample")


@pytest.fixture(scope="session")
def model(model_folder: Path) -> EditingModel:
    """Load the tiny model."""
    return load_model(str(model_folder), "cpu", "float32")


@pytest.fixture(scope="session")
def ancestral_model(tmp_path_factory: pytest.TempPathFactory) -> EditingModel:
    """Load a tiny model whose sampler draws noise in each step."""
    folder = save_pipeline(tmp_path_factory.mktemp("ancestral"), "ancestral-v")
    return load_model(str(folder), "cpu", "float32")


@pytest.fixture
def start_engine() -> Iterator[StartEngine]:
    """Start engines that are stopped after the test."""
    engines: list[StepEngine] = []

    def start(model: Model, slots: int = 8, after_step: Callable[[], None] = lambda: None) -> StepEngine:
        engine = StepEngine(model, slots, after_step)
        engine.start()
        engines.append(engine)
        return engine

    yield start
    for engine in engines:
        engine.stop()
