"""From an edit that was accepted to its pictures."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from dialogpaint import calls
from dialogpaint.errors import EditCanceled, EditFailed, StillRunning
from dialogpaint.exchange import Exchange
from dialogpaint.models import Edit, EditStatus, Event

PATIENCE_S = 300.0
HELD_S = 20  # how long one answer is held by the server; some proxies give up after 30 s

OnEvent = Callable[[Event], object]


@dataclass(frozen=True)
class Waiting:
    """How long to wait for an edit (0: not at all), since when, and who wants to hear of its events."""

    wait_s: float
    since: float
    on_event: OnEvent | None = None

    @property
    def prefer_s(self) -> int:
        """How long the server shall hold its answer; not at all if somebody wants to hear of what happens meanwhile."""
        return 0 if self.on_event else int(min(self.wait_s, HELD_S))


async def finished(exchange: Exchange, edit: Edit, waiting: Waiting) -> Edit:
    """Return the edit with its pictures; raises EditFailed, EditCanceled, or StillRunning when time is up."""
    if waiting.wait_s <= 0:
        return edit
    if not edit.status.is_terminal or waiting.on_event:
        edit = await _followed(exchange, edit, waiting)
    if not edit.status.is_terminal:
        raise StillRunning(edit, waiting.wait_s)
    if edit.status is EditStatus.FAILED:
        raise EditFailed(edit)
    if edit.status is EditStatus.CANCELED:
        raise EditCanceled(edit)
    pictures = [await exchange.call(calls.get_image(image_id)) for image_id in edit.image_ids]
    return edit.with_pictures(pictures)


async def is_over(exchange: Exchange, edit_id: str) -> bool:
    """Whether an edit has come to its end."""
    return (await exchange.call(calls.get_edit(edit_id))).status.is_terminal


async def _followed(exchange: Exchange, edit: Edit, waiting: Waiting) -> Edit:
    """Return the edit as it is after its last event, or when time is up."""
    events = exchange.follow(
        calls.follow_edit(edit.id),
        until=waiting.since + waiting.wait_s,
        is_over=lambda: is_over(exchange, edit.id),
    )
    async with aclosing(events):
        async for event in events:
            if waiting.on_event:
                waiting.on_event(event)
            if event.is_terminal:
                break
    return await exchange.call(calls.get_edit(edit.id))
