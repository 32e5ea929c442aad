"""Ctrl-C while an edit begins: the edit is known by then, and cancelled."""

import io
import signal
from pathlib import Path

import httpx
import pytest

from dialogpaint.cli import main as command_line
from dialogpaint.cli.chat import Chat
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.interrupts import held_interrupt
from dialogpaint.cli.screen import Screen
from gateway import examples
from tests.client_server import Server, WithoutWaiting, client_of, edit, ok


def press_ctrl_c() -> None:
    """As a terminal does it."""
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_between_the_request_and_its_answer_cancels_the_edit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def accept(_request: httpx.Request) -> httpx.Response:
        press_ctrl_c()
        return ok(edit("queued"), 202)

    server = Server(ok(examples.IMAGE, 201), accept, ok(edit("canceled")))
    monkeypatch.setattr(command_line, "DialogPaint", lambda *_given, **_named: client_of(WithoutWaiting(server)))
    (tmp_path / "a.png").write_bytes(b"picture")
    ended = command_line.main(["edit", str(tmp_path / "a.png"), "make it night", "-o", str(tmp_path / "b.png")])
    assert ended == Exit.INTERRUPTED
    assert [request.url.path for request in server.requests][1:] == ["/v1/edits", "/v1/edits/edit_5bO1/cancel"]


def test_ctrl_c_while_a_wish_is_answered_cancels_its_edit() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        press_ctrl_c()
        return ok(examples.TURN_QUEUED, 202)

    server = Server(answer, ok(edit("canceled")))
    client = client_of(WithoutWaiting(server))
    chat = Chat(client, client.conversation("conv_1"), Screen(True, io.StringIO(), {}), {})
    with pytest.raises(KeyboardInterrupt):
        chat.take("paint the house orange")
    assert server.requests[-1].url.path == f"/v1/edits/{examples.EDIT_QUEUED['id']}/cancel"


def test_a_second_ctrl_c_is_not_held_back() -> None:
    reached: list[str] = []

    def pressed_three_times() -> None:
        with held_interrupt():
            for time in ("first", "second", "third"):
                press_ctrl_c()
                reached.append(time)

    with pytest.raises(KeyboardInterrupt):
        pressed_three_times()
    assert reached == ["first"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_went_wrong_is_told_rather_than_ctrl_c() -> None:
    def goes_wrong() -> None:
        with held_interrupt():
            press_ctrl_c()
            raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        goes_wrong()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
