"""What is promised of edits and conversations (I1–I6); each function gives the violations as sentences."""

from __future__ import annotations

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator

from PIL import Image

from tests.faults.evidence import TERMINAL, Evidence
from tests.faults.records import StoredConversation, StoredEdit, file_of


def i1_one_terminal_state(evidence: Evidence) -> Iterator[str]:
    """Every accepted edit (a 2xx was sent) reaches exactly one terminal state and stays there."""
    for edit_id in sorted({edit_id for _, edit_id in evidence.accepted_edits()}):
        edit = evidence.records.edits.get(edit_id)
        if edit is None:
            yield f"{edit_id} was accepted and is unknown"
        elif edit.status not in TERMINAL:
            yield f"{edit_id} was accepted and is still {edit.status}"
    for edit_id, seen in evidence.statuses_seen().items():
        over = [(ended, status) for _, ended, status in seen if status in TERMINAL]
        if not over:
            continue
        first, status = min(over)
        record = evidence.records.edits.get(edit_id)
        later = {told for began, _, told in seen if began > first} | ({record.status} if record else set())
        if later - {status}:
            yield f"{edit_id} was {status} and later {', '.join(sorted(later - {status}))}"


def i2_one_terminal_event(evidence: Evidence) -> Iterator[str]:
    """One terminal event per edit, equal to its record; and the ids of a stream have no gap."""
    for edit in evidence.records.edits.values():
        told = [event for event in evidence.records.stream_of(edit) if event.event.removeprefix("edit.") in TERMINAL]
        names = [event.event for event in told]
        if names != ([f"edit.{edit.status}"] if edit.status in TERMINAL else []):
            yield f"{edit.id} is {edit.status} and its terminal events are {names}"
        elif told and told[0].data.get("image_ids", []) != edit.image_ids:
            yield f"{edit.id} and its event name different pictures"
    for stream, events in evidence.records.streams.items():
        ids = [event.id for event in events]
        if ids != list(range(ids[0], ids[0] + len(ids))):
            yield f"the events of {stream} have a gap"


def i2_followers_heard_it_all(evidence: Evidence) -> Iterator[str]:
    """The union of what a follower heard is what happened, each event once and in order (F27)."""
    by_follower = defaultdict(list)
    for heard in evidence.heard:
        by_follower[heard.follower].append(heard)
    for follower, all_heard in by_follower.items():
        events = [heard for heard in all_heard if heard.event not in ("whole", "left", "reset")]
        stream, ids = all_heard[0].stream, [heard.id for heard in events]
        stored = {event.id: event for event in evidence.records.streams.get(stream, ())}
        if any(heard.event == "reset" for heard in all_heard):
            if 1 in stored:
                yield f"{follower} was told that events of {stream} are gone, and none is"
            continue
        if ids != list(range(1, len(ids) + 1)):
            yield f"{follower} heard events of {stream} twice, out of order, or not at all: {ids}"
        for heard in events:
            event = stored.get(heard.id)
            told = {name: value for name, value in heard.data.items() if name != "at"}
            if event is None or (event.event, event.data) != (heard.event, told):
                yield f"{follower} heard of {stream} event {heard.id} {heard.event}, which is not what is stored"
        if all_heard[-1].event == "whole" and set(ids) != set(stored):
            yield f"{follower} followed {stream} to its end and missed {sorted(set(stored) - set(ids))}"


def i3_pictures_are_there(evidence: Evidence) -> Iterator[str]:
    """`succeeded` → the picture exists, its hash matches, it decodes; and it is of the attempt that held the claim."""
    for edit in evidence.records.edits.values():
        if edit.status != "succeeded":
            continue
        if not edit.image_ids:
            yield f"{edit.id} succeeded without a picture"
        for index, image_id in enumerate(edit.image_ids):
            wrong = _wrong_with(evidence, edit, image_id, index)
            if wrong:
                yield f"{edit.id} succeeded and its picture {wrong}"
    for image_id, (_, fields) in evidence.records.images.items():
        data = file_of(evidence.pictures, fields)
        if data is None or hashlib.sha256(data).hexdigest() != fields["sha256"]:
            yield f"{image_id} is known and its bytes are {'gone' if data is None else 'other ones'}"


def _wrong_with(evidence: Evidence, edit: StoredEdit, image_id: str, index: int) -> str | None:
    tenant, fields = evidence.records.images.get(image_id, ("", {}))
    if not fields:
        return "is unknown"
    data = file_of(evidence.pictures, fields)
    if data is None:
        return "has no bytes"
    if hashlib.sha256(data).hexdigest() != fields["sha256"]:
        return "has other bytes than its hash says"
    if fields["file"] != f"{tenant}/{edit.id}-{edit.fields['fence']}-{index}.png":
        return f"is {fields['file']}, but the claim was fence {edit.fields['fence']}"
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
    except OSError as error:
        return f"does not decode: {error}"
    return None


def i4_nothing_unasked(evidence: Evidence) -> Iterator[str]:
    """No edit exists that no client asked for."""
    wishes = {(exchange.tenant, exchange.wish) for exchange in evidence.exchanges if exchange.wish}
    for edit in evidence.records.edits.values():
        if (edit.tenant, edit.fields["instruction"]) not in wishes:
            yield f"{edit.id} of {edit.tenant} was never asked for: {edit.fields['instruction']!r}"


def i5_one_effect_per_key(evidence: Evidence) -> Iterator[str]:
    """One edit per (tenant, idempotency key)."""
    answers = defaultdict(set)
    for exchange, edit_id in evidence.accepted_edits():
        if exchange.key:
            answers[exchange.tenant, exchange.key].add(edit_id)
    for exchange, _, turn in evidence.accepted_turns():
        if exchange.key:
            answers[exchange.tenant, f"{exchange.key} (turn)"].add(str(turn["number"]))
    for (tenant, key), results in answers.items():
        if len(results) > 1:
            yield f"the key {key} of {tenant} was answered with {sorted(results)}"
    edits = Counter((edit.tenant, edit.fields["instruction"]) for edit in evidence.records.edits.values())
    turns = Counter(
        (each.tenant, turn["text"]) for each in evidence.records.conversations.values() for turn in each.turns
    )
    for what, counted in (("edits", edits), ("turns", turns)):
        for (tenant, wish), number in counted.items():
            if number > 1:
                yield f"{tenant} asked once for {wish!r} and there are {number} {what}"


def i6_serial_turns(evidence: Evidence) -> Iterator[str]:
    """A conversation's turns are one serial order: numbers 1…n without a gap, user and reply never apart."""
    for exchange, conversation_id, turn in evidence.accepted_turns():
        conversation = evidence.records.conversations.get(conversation_id)
        at = turn["number"] - 1
        if conversation is None or at >= len(conversation.turns) or conversation.turns[at]["text"] != exchange.wish:
            yield f"turn {turn['number']} of {conversation_id} is not what was answered to {exchange.wish!r}"
        if exchange.wish and turn["reply"]["text"] != f"You said: {exchange.wish}":
            yield f"{exchange.wish!r} was answered with {turn['reply']['text']!r}"
    for conversation in evidence.records.conversations.values():
        yield from _wrong_turns(evidence, conversation)


def _wrong_turns(evidence: Evidence, conversation: StoredConversation) -> Iterator[str]:
    name, count = conversation.id, len(conversation.turns)
    told = [event.data for event in evidence.records.streams.get(name, ()) if event.event == "turn.created"]
    if conversation.fields["turn_count"] != str(count) or [data["number"] for data in told] != list(
        range(1, count + 1)
    ):
        yield f"{name} counts {conversation.fields['turn_count']} turns, holds {count}, told of {len(told)}"
    for number, turn in enumerate(conversation.turns, start=1):
        if turn["reply_text"] != f"You said: {turn['text']}":
            yield f"turn {number} of {name} has another turn's reply"
        edit = evidence.records.edits.get(turn.get("edit_id", ""))
        if turn["reply_kind"] == "edit" and (
            edit is None or (edit.fields.get("conversation_id"), edit.fields.get("turn")) != (name, str(number))
        ):
            yield f"turn {number} of {name} has no edit of its own"
    for revision in conversation.revisions.values():
        parent = revision.get("parent_id")
        if parent is not None and parent not in conversation.revisions:
            yield f"{revision['id']} of {name} hangs in the air"
    if conversation.fields["head_revision_id"] not in conversation.revisions:
        yield f"{name} has a head that is none of its revisions"
    if "unfinished_edit_id" in conversation.fields:
        yield f"{name} still waits for {conversation.fields['unfinished_edit_id']}"
