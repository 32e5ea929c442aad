"""The invariants notice what they are there for: each violation is put into evidence that is otherwise in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.client import Tenant
from tests.faults.evidence import Evidence
from tests.faults.journal import Exchange, Heard
from tests.faults.load import picture
from tests.faults.promises import violations
from tests.faults.records import Records, StoredConversation, StoredEdit, StoredEvent

EDIT, CONVERSATION, IMAGE, ROOT = (f"{kind}_{'A' * 22}" for kind in ("edit", "conv", "img", "rev"))
WISH = "paint it amberfish 1"
AMBER, BIRCH = Tenant("amber", "amber.secretsecret", "amberfish"), Tenant("birch", "birch.secretsecret", "birchbird")

Change = Callable[[Evidence], Evidence]


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """One turn whose edit succeeded, as it should be."""
    data, file = picture(), f"amber/{EDIT}-1-0.png"
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).write_bytes(data)
    edit = {
        "status": "succeeded", "instruction": WISH, "attempt": "1", "fence": "1", "created_at": "1", "turn": "1",
        "image_ids": json.dumps([IMAGE]), "conversation_id": CONVERSATION,
    }  # fmt: skip
    talk = {"turn_count": "1", "head_revision_id": ROOT}
    turn = {"text": WISH, "reply_text": f"You said: {WISH}", "reply_kind": "edit", "edit_id": EDIT}
    events = [
        StoredEvent(1, "turn.created", {"number": 1, "edit_id": None}),
        StoredEvent(2, "edit.queued", {"edit_id": EDIT}),
        StoredEvent(3, "edit.succeeded", {"edit_id": EDIT, "image_ids": [IMAGE]}),
    ]
    records = Records(
        edits={EDIT: StoredEdit("amber", EDIT, edit)},
        conversations={CONVERSATION: StoredConversation("amber", CONVERSATION, talk, [turn], {ROOT: {"id": ROOT}})},
        images={IMAGE: ("amber", {"file": file, "sha256": hashlib.sha256(data).hexdigest()})},
        streams={CONVERSATION: events},
        pending={"leases": 0},
    )
    answer = {"number": 1, "reply": {"text": f"You said: {WISH}"}, "edit": {"id": EDIT, "status": "queued"}}
    path = f"/v1/conversations/{CONVERSATION}/turns"
    said = Exchange("amber-1", "amber", "POST", path, "key", WISH, 1.0, 0.1, 202, body=json.dumps(answer))
    read = Exchange(
        "amber-2", "amber", "GET", f"/v1/edits/{EDIT}", None, None, 2.0, 0.1, 200, body=_status("succeeded")
    )
    heard = [Heard("amber-3", "amber", CONVERSATION, each.id, each.event, dict(each.data)) for each in events]
    return Evidence([said, read], heard, records, tmp_path, "nothing to hide", (AMBER, BIRCH), max_attempts=3)


def test_what_is_in_order_violates_nothing(evidence: Evidence) -> None:
    assert violations(evidence) == []


def _status(status: str) -> str:
    return json.dumps({"id": EDIT, "status": status})


def edit_with(**fields: str) -> Change:
    """The edit's record is another."""

    def change(evidence: Evidence) -> Evidence:
        edit = evidence.records.edits[EDIT]
        return records_with(edits={EDIT: replace(edit, fields={**edit.fields, **fields})})(evidence)

    return change


def records_with(**parts: Any) -> Change:
    """Some of the records are others."""
    return lambda evidence: replace(evidence, records=replace(evidence.records, **parts))


def exchange_with(**fields: Any) -> Change:
    """One more request."""
    fields = {
        "operation": "more",
        "tenant": "amber",
        "method": "GET",
        "path": "/v1/edits",
        "key": None,
        "wish": None,
        **fields,
    }
    return lambda evidence: replace(
        evidence, exchanges=[*evidence.exchanges, Exchange(**{"sent_at": 3.0, "took_s": 0.1, **fields})]
    )


def answered_with(edit_id: str) -> Change:
    """The same key has got another edit as well."""
    return exchange_with(method="POST", key="key", wish=WISH, status=202, body=json.dumps({"id": edit_id}))


def events_with(*events: StoredEvent) -> Change:
    """The conversation's stream is another."""
    return records_with(streams={CONVERSATION: list(events)})


def without_picture(evidence: Evidence) -> Evidence:
    """The picture's file is gone."""
    (evidence.pictures / evidence.records.images[IMAGE][1]["file"]).unlink()
    return evidence


@pytest.mark.parametrize(
    ("number", "change"),
    [
        ("I1", records_with(edits={})),
        ("I1", edit_with(status="running")),
        ("I1", exchange_with(path=f"/v1/edits/{EDIT}", status=200, body=_status("failed"))),
        ("I1", edit_with(status="canceled")),
        ("I2", events_with(StoredEvent(1, "turn.created", {"number": 1}))),
        ("I2", edit_with(image_ids="[]")),
        ("I2", lambda evidence: replace(evidence, heard=evidence.heard[1:])),
        ("I2", lambda evidence: replace(evidence, heard=[*evidence.heard, evidence.heard[-1]])),
        ("I3", without_picture),
        ("I3", edit_with(fence="2")),
        ("I4", edit_with(instruction="never asked for")),
        ("I5", answered_with("edit_" + "B" * 22)),
        ("I6", records_with(conversations={})),
        ("I7", exchange_with(tenant="birch", path=f"/v1/edits/{EDIT}", status=200, body="{}")),
        ("I7", exchange_with(tenant="birch", status=200, body=json.dumps({"text": WISH}))),
        ("I8", records_with(pending={"leases": 1})),
        ("I9", exchange_with(status=500, media_type="application/problem+json", body='{"status": 500, "code": "x"}')),
        ("I9", exchange_with(status=404, media_type="text/plain", body="not found")),
        ("I9", exchange_with(error="ReadError")),
        ("I10", lambda evidence: replace(evidence, logs=f"said: {WISH}")),
        ("I11", edit_with(attempt="4")),
        ("I12", lambda evidence: replace(evidence, recovery_s=9.0, budget_s=8.0)),
    ],
)  # fmt: skip
def test_a_broken_promise_is_noticed(evidence: Evidence, number: str, change: Change) -> None:
    assert number in {sentence.partition(":")[0] for sentence in violations(change(evidence))}
