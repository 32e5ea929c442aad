"""Events on the wire."""

from datetime import UTC, datetime

import pytest

from gateway.sse import frame, last_event_id
from shared.errors import InvalidRequest
from shared.schemas.events import Event, EventType


def test_an_event_is_three_lines_and_an_empty_one() -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    event = Event(id=7, event=EventType.EDIT_STARTED, at=at, data={"edit_id": "edit_1"})
    assert frame(event) == (
        b'id: 7\nevent: edit.started\ndata: {"at": "2026-03-01T09:30:00Z", "edit_id": "edit_1"}\n\n'
    )


def test_line_breaks_in_data_stay_inside_of_one_line() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    event = Event(id=1, event=EventType.TURN_CREATED, at=at, data={"text": "a\nevent: forged\r\n\nb"})
    assert frame(event).count(b"\n") == 4


@pytest.mark.parametrize(("header", "after"), [(None, 0), ("", 0), ("0", 0), ("17", 17)])
def test_the_last_event_id_is_where_a_replay_begins(header: str | None, after: int) -> None:
    assert last_event_id(header) == after


@pytest.mark.parametrize("header", ["seven", "-1", "1.5", "٣", "9" * 20, "1-0"])
def test_a_last_event_id_of_nobody_is_refused(header: str) -> None:
    with pytest.raises(InvalidRequest):
        last_event_id(header)
