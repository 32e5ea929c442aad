"""A tiny round of the endurance run: the same ways to have an edit, the same tidying up."""

import json
from collections import Counter
from dataclasses import asdict

import pytest

from benchmarks.endurance import Plan, run, table


@pytest.mark.slow
def test_a_tiny_round_of_the_endurance_run_leaves_nothing_behind() -> None:
    found = run(Plan(edits=30, warm_up=0, clients=3, on_their_own=2, keep_answers_s=1, look_every_s=0.1))
    assert sum(found.counts.values()) == 30
    assert found.counts["failed"] == 0
    assert Counter(found.keys_after) - Counter(found.keys_before) == Counter()
    assert found.files_after == 0
    assert "memory of gateway" in table(found, warm_up=0)
    assert json.loads(json.dumps(asdict(found)))["counts"] == found.counts
