"""Pictures as base64 in JSON, a piece at a time: an answer of many megabytes is never in memory as one text."""

import base64
from collections.abc import AsyncIterator, Iterator, Sequence

from starlette.concurrency import iterate_in_threadpool

from shared.schemas.base import Resource

PLACE = "<picture>"  # stands in an answer where a picture's base64 belongs; no other text of ours looks like it
PIECE_BYTES = 3 * 2**16  # a multiple of 3, so that the base64 of the pieces is that of the whole


def json_pieces(answer: Resource, pictures: Sequence[bytes]) -> Iterator[bytes]:
    """Yield an answer's JSON with the pictures in its places, as many as it has; nothing that is None is in it."""
    first, *others = answer.model_dump_json(exclude_none=True).encode().split(PLACE.encode())
    yield first
    for picture, text in zip(pictures, others, strict=True):
        yield from _base64(picture)
        yield text


def event_pieces(name: str, answer: Resource, picture: bytes) -> AsyncIterator[bytes]:
    """Yield a server-sent event with a picture; the base64 is made in threads."""
    return iterate_in_threadpool(_frame(name, json_pieces(answer, [picture])))


def _frame(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield f"event: {name}\ndata: ".encode()
    yield from pieces
    yield b"\n\n"


def _base64(data: bytes) -> Iterator[bytes]:
    for begin in range(0, len(data), PIECE_BYTES):
        yield base64.b64encode(data[begin : begin + PIECE_BYTES])
