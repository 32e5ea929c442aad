"""What the trainers' tests share."""

from collections.abc import Iterator

import pytest
from accelerate.state import AcceleratorState


@pytest.fixture(autouse=True)
def _fresh_accelerator() -> Iterator[None]:
    """Accelerate keeps one number type for the whole process; each test may want another."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)
