"""What can be uploaded, and where a picture can be saved."""

import io
import threading
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import pytest
from PIL import Image

from dialogpaint import AsyncDialogPaint
from dialogpaint.known import is_image_id
from dialogpaint.pictures import Picture, read_upload
from dialogpaint.transport import Address, Awaiting
from gateway import examples
from tests.client_server import URL, Server, WithoutWaiting, client_of, ok


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(file, format=kind)
    return file.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_bytes_say_what_they_are(kind: str, media_type: str) -> None:
    assert read_upload(encoded(kind)).media_type == media_type


def test_what_is_unknown_is_left_to_the_server() -> None:
    assert read_upload(encoded("GIF")).media_type == "application/octet-stream"


def test_the_id_of_a_picture_is_one_unless_a_file_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_image_id("img_4rVd2mXw")
    assert not is_image_id("picture.png")
    assert not is_image_id(b"img_4rVd2mXw")
    (tmp_path / "img_4rVd2mXw").write_bytes(encoded("PNG"))
    assert not is_image_id("img_4rVd2mXw")


def test_a_path_an_open_file_and_bytes_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(encoded("PNG"))
    with file.open("rb") as opened:
        uploads = [read_upload(each) for each in (file, str(file), opened, file.read_bytes())]
    assert uploads == [uploads[0]] * 4


def test_a_pillow_picture_keeps_its_pixels() -> None:
    sent = read_upload(Image.new("RGB", (3, 2), "#123456"))
    with Image.open(io.BytesIO(sent.data)) as opened:
        assert (sent.media_type, opened.size, opened.getpixel((0, 0))) == ("image/png", (3, 2), (0x12, 0x34, 0x56))


class Painting:
    """Saves itself as Pillow's pictures do, and remembers in which thread it was asked to."""

    threads: list[int]

    def __init__(self) -> None:
        self.threads = []

    def save(self, fp: BinaryIO, /, *, format: str) -> None:
        self.threads.append(threading.get_ident())
        fp.write(encoded(format))


async def test_asyncio_goes_on_while_a_picture_is_encoded() -> None:
    painting, server = Painting(), Server(ok(examples.IMAGE, 201))
    async with AsyncDialogPaint(URL, transport=Awaiting(Address(URL), httpx.MockTransport(server))) as client:
        await client.upload(painting)
    assert painting.threads != [threading.get_ident()]
    assert server.header("content-type") == ["image/png"]


def test_what_blocks_encodes_a_picture_itself() -> None:
    painting = Painting()
    client_of(WithoutWaiting(Server(ok(examples.IMAGE, 201)))).upload(painting)
    assert painting.threads == [threading.get_ident()]


@pytest.mark.parametrize("nonsense", [None, 3, object()])
def test_what_is_no_picture_is_refused(nonsense: Any) -> None:
    with pytest.raises(TypeError, match="A picture is a path"):
        read_upload(nonsense)


def test_a_picture_is_saved_as_what_it_is(tmp_path: Path) -> None:
    picture = Picture("img_1", "image/png", encoded("PNG"))
    assert picture.save(tmp_path / "a.png").read_bytes() == picture.data
    with pytest.raises(ValueError, match=r"must end in \.png"):
        picture.save(tmp_path / "a.jpg")
    assert not (tmp_path / "a.jpg").exists()
