"""Pinned weights are served, others are not."""

import pytest

from shared.weights import refusal

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("pinned", ["", DIGEST, f"sha256:{DIGEST}"])
@pytest.mark.parametrize("found", [DIGEST, f"sha256:{DIGEST}"])
def test_weights_that_are_pinned_or_free_may_be_served(pinned: str, found: str) -> None:
    assert refusal("EDITING_MODEL_DIGEST", pinned, lambda: found) is None


def test_other_weights_are_refused_by_the_name_of_the_setting() -> None:
    assert refusal("EDITING_MODEL_DIGEST", DIGEST, lambda: "f" * 64) == (
        f"EDITING_MODEL_DIGEST is {DIGEST}, but the weights are {'f' * 64}"
    )
