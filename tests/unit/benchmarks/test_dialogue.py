"""The dialogue benchmark, for one tiny round."""

from __future__ import annotations

from pathlib import Path

from benchmarks.dialogue import COMPANY, compare, table
from dialogue_service.engine import load
from tests.dialogue_models import save_tiny, wordpiece_tokenizer


def test_a_tiny_round_compares_every_company_with_generate_and_finds_the_same_answers(tmp_path: Path) -> None:
    engine = load(str(save_tiny(tmp_path, wordpiece_tokenizer())), device="cpu", dtype="float32")
    found = compare(engine, turns=3, rounds=1)
    rows = table(found).splitlines()[2:]
    assert found["turns"] == 3
    assert len(rows) == 1 + len(COMPANY)
    assert all("0 of 3" in row for row in rows)
