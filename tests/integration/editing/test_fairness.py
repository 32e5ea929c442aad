"""Fair shares with a real gateway, real messages and a real worker process, in which only the model is a stand-in."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.simulated_load import INSTRUCTION, png
from benchmarks.simulated_model import Pace
from benchmarks.simulated_stack import SimulatedStack
from gateway.auth import hash_key

PACE = Pace(step_s=0.1, steps=2, decode_s=0.0, side=64)
SLOTS = 2
FLOOD = 500
SERVED_BEFORE = 3  # edits of the other tenant, at most
KEYS = {"ann": "ann.first-secret", "ben": "ben.second-secret"}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedStack]:
    """One worker with two slots, and a gateway that knows two tenants and takes a flood."""
    said = {
        "API_KEYS": ",".join(f"{name}:{hash_key(key)}" for name, key in KEYS.items()),
        "MAX_QUEUE": str(2 * FLOOD),
        "MAX_OPEN_EDITS": "0",
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    with SimulatedStack(tmp_path, PACE, SLOTS) as started:
        yield started


class Tenant:
    """A client with a key."""

    def __init__(self, url: str, name: str) -> None:
        headers = {"Authorization": f"Bearer {KEYS[name]}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False)
        stored = self._http.post("/v1/images", content=png(PACE.side), headers={"Content-Type": "image/png"})
        self._body = {"image_id": stored.raise_for_status().json()["id"], "instruction": INSTRUCTION}

    def __enter__(self) -> "Tenant":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Ask for an edit."""
        edit: dict[str, Any] = self._http.post("/v1/edits", json=self._body, headers=headers).raise_for_status().json()
        return edit

    def edits(self) -> list[dict[str, Any]]:
        """Read all edits of this tenant."""
        found: list[dict[str, Any]] = []
        cursor = None
        while cursor or not found:
            page = self._http.get("/v1/edits", params={"limit": 100, **({"cursor": cursor} if cursor else {})})
            found += page.raise_for_status().json()["items"]
            cursor = page.json()["next_cursor"]
        return found


@pytest.mark.slow
def test_one_edit_is_not_kept_waiting_by_five_hundred_of_another_tenant(stack: SimulatedStack) -> None:
    with Tenant(stack.url, "ann") as ann, Tenant(stack.url, "ben") as ben:
        for _ in range(FLOOD):
            ann.ask()
        edit = ben.ask({"Prefer": "wait=60"})
        assert edit["status"] == "succeeded"
        flood = ann.edits()
    began = [other["started_at"] for other in flood if other["started_at"]]
    before = [moment for moment in began if edit["created_at"] < moment < edit["started_at"]]
    assert len(flood) == FLOOD
    assert len(began) < FLOOD / 2  # most of the flood was still waiting
    assert len(before) <= SERVED_BEFORE
