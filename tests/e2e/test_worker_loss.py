"""Killing the editing worker again and again loses no edit and doubles none."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.local.api import TERMINAL, Api, Json
from services.local.stack import Stack

KILLS = 5
SETTINGS = {
    "LEASE_S": "3",
    "SWEEP_INTERVAL_S": "0.5",
    "ENGINE_SLOTS": "3",
    "MAX_ATTEMPTS": str(KILLS + 1),  # so that an edit may be in the wrong place every time
}


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own, whose worker can be killed."""
    if request.config.getoption("--base-url"):
        pytest.skip("kills processes, so it starts its own stack")
    with Stack(tmp_path, lambda _name, _line: None, settings=SETTINGS) as stack:
        yield stack


def finished(api: Api, edit_ids: list[str]) -> list[Json]:
    """Those of the edits that have reached a terminal status."""
    return [edit for edit in map(api.edit, edit_ids) if edit["status"] in TERMINAL]


def wait_until_finished(api: Api, edit_ids: list[str], number: int, patience_s: float) -> None:
    """Wait until this many of the edits have ended."""
    deadline = time.monotonic() + patience_s
    while len(finished(api, edit_ids)) < number:
        assert time.monotonic() < deadline, Counter(api.edit(edit_id)["status"] for edit_id in edit_ids)
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_accepted_edit_succeeds_once_though_the_worker_is_killed_five_times(stack: Stack) -> None:
    api = Api(stack.url)
    image_id = api.upload(api.picture(api.samples()[0]["url"]))
    accepted: list[str] = []
    for kill in range(KILLS):
        accepted += [
            api.submit(image_id, "make it night", parameters={"steps": 6, "seed": kill * 6 + n})["id"] for n in range(6)
        ]
        wait_until_finished(api, accepted, kill * 4 + 2, patience_s=120)
        stack.processes["editing"].signal(signal.SIGKILL)
        while stack.processes["editing"].returncode is None:
            time.sleep(0.01)
        stack.revive()
    wait_until_finished(api, accepted, len(accepted), patience_s=120)
    assert Counter(edit["status"] for edit in finished(api, accepted)) == {"succeeded": len(accepted)}
    for edit_id in accepted:
        names = [event.name for event in api.events_so_far(f"/v1/edits/{edit_id}/events")]
        assert [name for name in names if name.removeprefix("edit.") in TERMINAL] == ["edit.succeeded"]
