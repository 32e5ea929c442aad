"""What is computed beside the steps: pictures on their way into a GPU and out of it, on streams of their own.

Encoding and decoding a picture is about as much work as a step. Put on the stream of the steps, it would hold up every
edit in flight, and the device thread would stand waiting for the copy. On other streams a GPU fits it in beside the
steps, and the copies go through pinned memory, so that nobody waits for one before it is needed. A CPU computes one
thing at a time: there everything is done at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result")
Brought = TypeVar("Brought", covariant=True)

Fetched = tuple[Tensor, ...]


class Coming(Protocol[Brought]):
    """A result that is on its way from the device."""

    def ready(self) -> bool:
        """Whether `result` would not wait; also where it would raise."""

    def result(self) -> Brought:
        """Wait for it."""


class Beside(Protocol):
    """A place beside the steps; only for the device thread."""

    def upload(self, values: Tensor) -> Tensor:
        """Copy from the CPU's memory to the device, for work that is given here."""

    def compute(self, work: Callable[[], Tensor]) -> Tensor:
        """Have something computed that later steps need: they wait for it on the device, the caller does not.

        It must not use what steps compute, since it does not wait for them.
        """

    def fetch(self, work: Callable[[], Fetched], then: Callable[[Fetched], Result], *used: Tensor) -> Coming[Result]:
        """Have something computed from what the steps so far gave (`used`), copied to the CPU and made into a result.

        `then` copies what it keeps. What can't be begun raises here, what fails later raises from `result`.
        """


@dataclass(frozen=True)
class Here(Generic[Result]):
    """A result that has come."""

    value: Result

    def ready(self) -> bool:
        """See `Coming.ready`."""
        return True

    def result(self) -> Result:
        """See `Coming.result`."""
        return self.value


class AtOnce:
    """No place of its own: all is computed where it is asked for."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def upload(self, values: Tensor) -> Tensor:
        """See `Beside.upload`."""
        return values.to(self._device)

    def compute(self, work: Callable[[], Tensor]) -> Tensor:
        """See `Beside.compute`."""
        return work()

    def fetch(
        self,
        work: Callable[[], Fetched],
        then: Callable[[Fetched], Result],
        *used: Tensor,  # noqa: ARG002 - nothing has to be kept for later
    ) -> Coming[Result]:
        """See `Beside.fetch`."""
        return Here(then(tuple(each.cpu() for each in work())))


@dataclass(frozen=True)
class Copied(Generic[Result]):
    """What a stream copies into pinned memory."""

    places: Fetched
    event: Any
    then: Callable[[Fetched], Result]

    def ready(self) -> bool:
        """See `Coming.ready`."""
        try:
            return bool(self.event.query())
        except torch.AcceleratorError:
            return True

    def result(self) -> Result:
        """See `Coming.result`."""
        self.event.synchronize()
        return self.then(self.places)


class SideStream:
    """CUDA streams beside the one that the steps run on: one towards them, one away, neither waits for the other.

    Memory belongs to the stream that it was taken on and is given out again there without waiting for others: whatever
    the other stream also uses has to be recorded on it.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._towards: Any = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._away: Any = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def upload(self, values: Tensor) -> Tensor:
        """See `Beside.upload`."""
        place = _pinned(values)
        place.copy_(values)
        return place.to(self._device, non_blocking=True)

    def compute(self, work: Callable[[], Tensor]) -> Tensor:
        """See `Beside.compute`."""
        steps = torch.cuda.current_stream(self._device)
        with torch.cuda.stream(self._towards):
            computed = work()
        steps.wait_stream(self._towards)
        computed.record_stream(steps)
        return computed

    def fetch(self, work: Callable[[], Fetched], then: Callable[[Fetched], Result], *used: Tensor) -> Coming[Result]:
        """See `Beside.fetch`."""
        self._away.wait_stream(torch.cuda.current_stream(self._device))
        for each in used:
            each.record_stream(self._away)
        with torch.cuda.stream(self._away):
            places = tuple(_pinned(each).copy_(each, non_blocking=True) for each in work())
            return Copied(places, self._away.record_event(), then)


def place_beside(device: torch.device, side_stream: bool) -> Beside:
    """What the device has to offer; `side_stream` is the setting SIDE_STREAM."""
    return SideStream(device) if device.type == "cuda" and side_stream else AtOnce(device)


def _pinned(like: Tensor) -> Tensor:
    """Memory of the CPU that a GPU copies from and to by itself; if all of that is taken, ordinary memory."""
    try:
        return torch.empty(like.shape, dtype=like.dtype, pin_memory=True)
    except (RuntimeError, MemoryError):
        return torch.empty(like.shape, dtype=like.dtype)
