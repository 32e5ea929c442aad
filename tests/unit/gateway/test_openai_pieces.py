"""Answers with pictures come in pieces that are together the JSON that they would be in one."""

import base64
import json
import threading
from collections.abc import Iterator

import pytest

from gateway import openai_pieces
from gateway.openai_pieces import PIECE_BYTES, PLACE, event_pieces, json_pieces
from gateway.openai_schemas import EditedImages, PictureData, PictureEvent


def answer(*data: PictureData) -> EditedImages:
    return EditedImages(created=1, data=list(data), output_format="png", size="64x48", edit_id="edit_1")


EVENT = PictureEvent(
    type="image_edit.completed", b64_json=PLACE, created_at=1, output_format="png", size="64x48", edit_id="edit_1"
)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES + 2])
def test_the_pieces_are_small_and_the_whole_is_right(size: int) -> None:
    pictures = [bytes(range(256)) * (size // 256 + 1), b"another"]
    pictures[0] = pictures[0][:size]
    pieces = list(json_pieces(answer(*(PictureData(b64_json=PLACE) for _ in pictures)), pictures))
    assert max(map(len, pieces)) <= PIECE_BYTES * 4 // 3
    told = json.loads(b"".join(pieces))
    assert [base64.b64decode(each["b64_json"]) for each in told["data"]] == pictures
    assert told["edit_id"] == "edit_1"


def test_an_answer_of_urls_is_one_piece() -> None:
    [piece] = json_pieces(answer(PictureData(url="http://here/v1/images/img_1")), [])
    assert json.loads(piece)["data"] == [{"url": "http://here/v1/images/img_1"}]


def test_a_picture_without_a_place_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        list(json_pieces(answer(), [b"picture"]))


async def test_an_event_is_encoded_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def encode(data: bytes) -> Iterator[bytes]:
        threads.append(threading.get_ident())
        yield base64.b64encode(data)

    monkeypatch.setattr(openai_pieces, "_base64", encode)
    frame = b"".join([piece async for piece in event_pieces(EVENT.type, EVENT, b"picture")])
    assert frame.startswith(b"event: image_edit.completed\ndata: {")
    assert frame.endswith(b"}\n\n")
    assert base64.b64decode(json.loads(frame.partition(b"data: ")[2])["b64_json"]) == b"picture"
    assert threads != [threading.get_ident()]
