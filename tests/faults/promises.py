"""What is promised of answers, tenants, logs and recovery (I7–I12), and the list of all invariants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.faults.evidence import Evidence
from tests.faults.invariants import (
    i1_one_terminal_state,
    i2_followers_heard_it_all,
    i2_one_terminal_event,
    i3_pictures_are_there,
    i4_nothing_unasked,
    i5_one_effect_per_key,
    i6_serial_turns,
)
from tests.faults.stack import GATEWAYS

Invariant = Callable[[Evidence], Iterator[str]]

IDS = re.compile(r"(?:edit|conv|img|rev)_[A-Za-z0-9_-]{22}")
PROBLEM_JSON = "application/problem+json"
MEMORY_GROWTH_MIB, DESCRIPTOR_GROWTH = 80.0, 40


def i7_tenants_apart(evidence: Evidence) -> Iterator[str]:
    """No tenant reads another's bytes, ids or counts (a canary per tenant, searched for in every answer and event)."""
    records = evidence.records
    owners = {edit.id: edit.tenant for edit in records.edits.values()}
    owners |= {conversation.id: conversation.tenant for conversation in records.conversations.values()}
    owners |= {image_id: tenant for image_id, (tenant, _) in records.images.items()}
    bytes_of = {fields["sha256"]: image_id for image_id, (_, fields) in records.images.items()}
    canaries = {tenant.canary: tenant.name for tenant in evidence.tenants}
    for exchange in evidence.exchanges:
        asked = [name for name in IDS.findall(exchange.path) if owners.get(name, exchange.tenant) != exchange.tenant]
        if asked and exchange.status is not None and exchange.status not in (404, 503):
            yield f"{exchange.tenant} got {exchange.status} for {exchange.method} {exchange.path}, another tenant's"
        shown = bytes_of.get(exchange.sha256 or "")
        if shown and owners[shown] != exchange.tenant:
            yield f"{exchange.tenant} got the bytes of {shown}, another tenant's"
    seen = [(exchange.tenant, exchange.body) for exchange in evidence.exchanges]
    seen += [(heard.tenant, f"{heard.stream} {heard.data}") for heard in evidence.heard]
    for tenant, text in seen:
        foreign = {name for name in IDS.findall(text) if owners.get(name, tenant) != tenant}
        foreign |= {canary for canary, owner in canaries.items() if owner != tenant and canary in text}
        if foreign:
            yield f"{tenant} was shown {sorted(foreign)}, another tenant's"


def i8_nothing_left(evidence: Evidence) -> Iterator[str]:
    """Open set, leases, outbox drain to zero after the load stops."""
    for what, count in evidence.records.pending.items():
        if count:
            yield f"{count} {what} are left"
    if evidence.undecided:
        yield f"{evidence.undecided} operations never got an answer"


def i9_honest_answers(evidence: Evidence) -> Iterator[str]:
    """Every non-2xx is problem+json with the right code; no 500."""
    for exchange in evidence.recent:
        what = f"{exchange.method} {exchange.path}"
        if exchange.error is not None and not evidence.connections_may_break:
            yield f"{what} got no answer after {exchange.took_s} s: {exchange.error}, {exchange.cause}"
        if exchange.status is None or exchange.status < 400:
            continue
        problem = exchange.json
        if exchange.status >= 500 and exchange.status != 503:
            yield f"{what} was answered with {exchange.status}: {exchange.body[:200]}"
        if exchange.media_type != PROBLEM_JSON or problem.get("status") != exchange.status or not problem.get("code"):
            yield f"{what} was refused with {exchange.status}, but not by a problem: {exchange.body[:200]!r}"
        if exchange.status == 503 and not exchange.retry_after:
            yield f"{what} got 503 without Retry-After"


def i10_silent_logs(evidence: Evidence) -> Iterator[str]:
    """No key, secret or user text in logs at info."""
    for tenant in evidence.tenants:
        for what, text in (("the key", tenant.key.partition(".")[2]), ("words", tenant.canary)):
            for line in evidence.logs.splitlines():
                if text in line:
                    yield f"{what} of {tenant.name} stands in the logs: {line[:200]}"
                    break


def i11_bounded(evidence: Evidence) -> Iterator[str]:
    """Tries ≤ cap × edits; memory and descriptors return to baseline."""
    for edit in evidence.records.edits.values():
        if edit.attempt > evidence.max_attempts:
            yield f"{edit.id} was tried {edit.attempt} times"
    for name, after in evidence.after.items():
        before = evidence.before.get(name)
        if before is None or before.pid != after.pid:
            continue
        if after.memory_mib > before.memory_mib + MEMORY_GROWTH_MIB + (evidence.left_mib if name in GATEWAYS else 0):
            yield f"{name} grew from {before.memory_mib:.0f} to {after.memory_mib:.0f} MiB"
        if after.descriptors > before.descriptors + DESCRIPTOR_GROWTH + evidence.burst:
            yield f"{name} holds {after.descriptors} descriptors instead of {before.descriptors}"


def i12_recovered(evidence: Evidence) -> Iterator[str]:
    """Recovered within budget."""
    if evidence.recovery_s > evidence.budget_s:
        yield f"recovery took {evidence.recovery_s:.0f} s, and {evidence.budget_s:.0f} s are promised"


def failures_have_a_reason(evidence: Evidence) -> Iterator[str]:
    """An edit fails for what was done to it and is canceled because a client asked; nothing else ends it."""
    canceled = {exchange.path.split("/")[3] for exchange in evidence.exchanges if exchange.path.endswith("/cancel")}
    for edit in evidence.records.edits.values():
        if edit.status == "canceled" and edit.id not in canceled:
            yield f"{edit.id} was canceled and nobody asked for that"
        if int(edit.fields["created_at"]) < evidence.since * 1e6:
            continue
        if edit.status == "failed" and edit.error_code not in evidence.may_fail:
            yield f"{edit.id} failed ({edit.error_code}) in its attempt {edit.attempt}: {edit.fields['instruction']!r}"


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "I1": (i1_one_terminal_state, failures_have_a_reason),
    "I2": (i2_one_terminal_event, i2_followers_heard_it_all),
    "I3": (i3_pictures_are_there,),
    "I4": (i4_nothing_unasked,),
    "I5": (i5_one_effect_per_key,),
    "I6": (i6_serial_turns,),
    "I7": (i7_tenants_apart,),
    "I8": (i8_nothing_left,),
    "I9": (i9_honest_answers,),
    "I10": (i10_silent_logs,),
    "I11": (i11_bounded,),
    "I12": (i12_recovered,),
}


def violations(evidence: Evidence) -> list[str]:
    """All violations of all invariants, each a sentence that begins with the invariant's number."""
    return [
        f"{number}: {sentence}"
        for number, invariants in INVARIANTS.items()
        for invariant in invariants
        for sentence in invariant(evidence)
    ]
