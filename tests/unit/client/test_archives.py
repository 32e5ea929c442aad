"""A conversation as a file: written whole or not at all."""

from pathlib import Path

import httpx
import pytest

from dialogpaint import ConnectionFailed, InvalidRequest, NotFound, Retry, UnexpectedAnswer
from dialogpaint.cli.main import make_parser
from dialogpaint.client import Conversation
from gateway import examples
from tests.client_server import Pieces, Server, WithoutWaiting, client_of, ok, problem

ZIP = {"content-type": "application/zip"}


def conversation(server: Server, tries: int = 3) -> Conversation:
    return client_of(WithoutWaiting(server), Retry(attempts=tries)).conversation("conv_1")


def zipped(*pieces: bytes, breaks: bool = False) -> httpx.Response:
    return httpx.Response(200, headers=ZIP, stream=Pieces(list(pieces), httpx.ReadError("cut") if breaks else None))


def test_an_archive_that_breaks_off_is_asked_for_again_from_its_beginning(tmp_path: Path) -> None:
    server = Server(zipped(b"PK", b"lost", breaks=True), zipped(b"PK", b"whole"))
    file = conversation(server).export(tmp_path / "house.zip")
    assert file.read_bytes() == b"PKwhole"
    assert [request.url.path for request in server.requests] == ["/v1/conversations/conv_1/export"] * 2
    assert list(tmp_path.iterdir()) == [file]


def test_what_never_comes_whole_leaves_no_file_and_an_older_one_alone(tmp_path: Path) -> None:
    (tmp_path / "house.zip").write_bytes(b"older")
    with pytest.raises(ConnectionFailed):
        conversation(Server(zipped(b"PK", breaks=True))).export(tmp_path / "house.zip")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("house.zip", b"older")]


def test_what_is_no_archive_is_not_written(tmp_path: Path) -> None:
    for answer, error in ((problem(404, "not-found"), NotFound), (ok({}), UnexpectedAnswer)):
        with pytest.raises(error):
            conversation(Server(answer)).export(str(tmp_path / "house.zip"))
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_sent_as_it_is_and_becomes_a_conversation(tmp_path: Path) -> None:
    server = Server(ok(examples.CONVERSATION, 201), problem(422, "invalid-archive"))
    client = client_of(WithoutWaiting(server))
    (tmp_path / "house.zip").write_bytes(b"PKwhole")
    assert client.import_conversation(tmp_path / "house.zip").id == examples.CONVERSATION["id"]
    sent = server.requests[0]
    assert (sent.content, sent.headers["content-type"]) == (b"PKwhole", "application/zip")
    assert "idempotency-key" in sent.headers
    with pytest.raises(InvalidRequest):
        client.import_conversation(str(tmp_path / "house.zip"))


def test_the_commands_are_there() -> None:
    parser = make_parser()
    assert parser.parse_args(["export", "conv_1"]).out is None
    assert parser.parse_args(["import", "house.zip"]).archive == Path("house.zip")
