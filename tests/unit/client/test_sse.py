"""Event streams are read right, whatever pieces they come in."""

from datetime import UTC, datetime

import pytest

from dialogpaint.sse import Parser
from gateway.sse import frame
from shared.schemas.events import Event, EventType

SAYS = "façade\u2028und \x85 “night”"


def stream() -> bytes:
    """Two events as the gateway writes them, and a heartbeat between."""
    told = [
        Event(
            id=number,
            event=EventType.EDIT_PROGRESS,
            at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
            data={"edit_id": "edit_1", "step": number, "says": SAYS},
        )
        for number in (3, 4)
    ]
    return frame(told[0]) + b": heartbeat\n\n" + frame(told[1])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_pieces_of_any_size_give_the_same_events(size: int) -> None:
    parser, sent = Parser(), stream()
    events = [event for at in range(0, len(sent), size) for event in parser.feed(sent[at : at + size])]
    assert [(event.id, event.event, event.edit_id, event.data["step"]) for event in events] == [
        (3, "edit.progress", "edit_1", 3),
        (4, "edit.progress", "edit_1", 4),
    ]
    assert {event.data["says"] for event in events} == {SAYS}
    assert events[0].at is not None
    assert "at" not in events[0].data


def test_windows_line_ends_are_line_ends() -> None:
    assert [event.id for event in Parser().feed(stream().replace(b"\n", b"\r\n"))] == [3, 4]


def test_a_reset_keeps_the_place() -> None:
    (event,) = Parser(7).feed(b"event: reset\ndata: {}\n\n")
    assert (event.id, event.event, event.is_terminal) == (7, "reset", False)


def test_an_unfinished_event_is_none() -> None:
    assert Parser().feed(b"id: 1\nevent: edit.queued\ndata: {}\n") == []
