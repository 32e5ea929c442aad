"""What users write, and the keys they call with, reach no log at info, whichever process they pass through."""

import json
from uuid import uuid4

import pytest

from services.local.api import Api, Json
from services.local.stack import Stack
from tests.e2e.conftest import Sample

PROCESSES = {"gateway", "dialogue", "editing"}
UNDERSTOOD = "make it night"  # goes all the way to the worker, which a word that no model knows does not


@pytest.fixture
def canary(own_stack: Stack | None) -> str:
    """A word that nothing but what this test says has in it."""
    if own_stack is None:
        pytest.skip("the logs of the stack at --base-url are out of reach")
    return f"canary{uuid4().hex}"


def test_words_and_keys_of_users_are_in_no_line_at_info(api: Api, sample: Sample, canary: str, log: list[str]) -> None:
    before = len(log)
    conversation = api.converse(sample.image_id, caption=f"{sample.caption}, {canary}", title=canary)
    turn = api.say(conversation["id"], UNDERSTOOD, wait_s=60)
    api.say(conversation["id"], f"call the {canary} my {canary}")
    api.http.put(turn["edit"]["urls"]["rating"], json={"image_quality": 5, "satisfaction": 5, "comment": canary})
    be_refused(api, conversation, sample, canary)
    written = log[before:]
    told_by = {json.loads(line.partition(" | ")[2])["process"] for line in written if '"process"' in line}
    assert told_by == PROCESSES
    assert [line for line in written if canary in line or UNDERSTOOD in line] == []


def be_refused(api: Api, conversation: Json, sample: Sample, canary: str) -> None:
    """Put the word where it is refused, and where nothing is said at all."""
    turns = conversation["urls"]["turns"]
    unknown = {"image_id": sample.image_id, "instruction": f"paint the {canary}"}
    for path, body in ((turns, {"text": [canary]}), (turns, {canary: canary}), ("/v1/edits", unknown)):
        refused = api.http.post(path, json=body)
        assert refused.status_code == 422, refused.text
    headers = {"Authorization": f"Bearer {canary}.{canary}", "Idempotency-Key": canary, "Cookie": f"a={canary}"}
    for path in (turns, f"{turns}?{canary}={canary}", f"/v1/images/{canary}", f"/{canary}"):
        api.http.get(path, headers=headers)
