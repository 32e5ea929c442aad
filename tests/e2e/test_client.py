"""The Python client against the running stack."""

import asyncio
import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from dialogpaint import (
    AsyncDialogPaint,
    Conversation,
    DialogPaint,
    EditCanceled,
    EditInProgress,
    InvalidRequest,
    NotFound,
    NothingToUndo,
    Retry,
    StillRunning,
    VersionMismatch,
)
from services.local.api import Api
from tests.e2e.conftest import Sample


@pytest.fixture(scope="module")
def url(api: Api) -> str:
    """Where the stack is."""
    return str(api.http.base_url).rstrip("/")


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[DialogPaint]:
    """A client of the stack."""
    with DialogPaint(url, key=os.environ.get("API_KEY")) as opened:
        yield opened


@pytest.fixture
def picture(api: Api, sample: Sample) -> bytes:
    """A picture that the models know."""
    return api.picture(f"/v1/images/{sample.image_id}")


def test_a_conversation_asks_edits_and_goes_back_and_forth(client: DialogPaint, picture: bytes, sample: Sample) -> None:
    conversation = client.start(picture, caption=sample.caption)
    question = conversation.say("make it more fun")
    assert question.question
    assert question.picture is None

    night = conversation.say("make it night", seed=7, steps=4)
    assert night.picture is not None
    assert pixels(night.picture.data) != pixels(picture)
    assert night.edit is not None
    assert (night.edit.parameters.seed, night.edit.parameters.steps) == (7, 4)

    assert conversation.undo() == conversation.revisions().root
    assert conversation.picture().data == picture
    with pytest.raises(NothingToUndo):
        conversation.undo()
    assert conversation.redo().edit_id == night.edit.id
    assert conversation.picture().data == night.picture.data
    assert [turn.number for turn in conversation.turns()] == [1, 2]
    assert conversation.read().turn_count == 2


def test_a_conversation_comes_back_from_its_file(
    client: DialogPaint, picture: bytes, sample: Sample, tmp_path: Path
) -> None:
    conversation = client.start(picture, caption=sample.caption, title="taken along")
    conversation.say("make it night", seed=7, steps=2)
    conversation.edit("make it sepia", steps=2, count=2)
    conversation.undo()
    told = told_of(client, conversation)
    file = conversation.export(tmp_path / "talk.zip")
    conversation.delete()
    back = client.import_conversation(file)
    assert told_of(client, back) == told
    assert back.id != conversation.id
    assert [step.claimed for step in client.provenance(back.revisions().head).steps] == [True]
    assert [step.instruction for step in back.picture().provenance().steps] == ["make it night"]
    again = client.rerun(next(edit for turn in back.turns() if (edit := turn.edit)))
    assert again.identical is True


def told_of(client: DialogPaint, conversation: Conversation) -> list[object]:
    """What there is of a conversation, but for ids."""
    tree = conversation.revisions()
    place = {revision.id: number for number, revision in enumerate(tree)}
    pictures = [sha256(client.picture(revision).data).hexdigest() for revision in tree]
    parents = [revision.parent_id and place[revision.parent_id] for revision in tree]
    said = [(turn.text, turn.reply, turn.instruction) for turn in conversation.turns()]
    return [
        conversation.read().title,
        place[tree.head_id],
        parents,
        [each.instruction for each in tree],
        pictures,
        said,
    ]


def pixels(data: bytes) -> bytes:
    """A picture without what its file says beside it."""
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def test_an_instruction_runs_once_it_is_approved(client: DialogPaint, sample: Sample, picture: bytes) -> None:
    conversation = client.start(picture, caption=sample.caption)
    turn = conversation.say("make it night", run=False)
    assert (turn.instruction, turn.edit, len(conversation.revisions())) == ("make it night", None, 1)
    edit = conversation.run(turn, steps=2)
    assert edit.picture is not None
    assert (edit.instruction, conversation.revisions().head.edit_id) == ("make it night", edit.id)
    with pytest.raises(VersionMismatch):
        conversation.say("make it sepia", if_version=1)


def test_pillow_pictures_go_in_and_come_out(client: DialogPaint, picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as opened:
        edit = client.edit(opened, "make it black and white", steps=2, count=2)
    assert len(edit.pictures) == 2
    with Image.open(io.BytesIO(edit.pictures[1].data)) as made:
        assert made.size == Image.open(io.BytesIO(picture)).size


def test_a_long_edit_can_be_waited_for_named_and_stopped(client: DialogPaint, sample: Sample) -> None:
    conversation = client.start(client.picture(sample.image_id), caption=sample.caption)
    turn = conversation.say("make it night", steps=100, count=8, wait_s=0)
    assert turn.edit is not None
    with pytest.raises(EditInProgress) as busy:
        conversation.say("make it sepia")
    assert busy.value.edit_id == turn.edit.id
    with pytest.raises(StillRunning, match=r"client\.wait"):
        client.wait(turn.edit, wait_s=0.2)
    client.cancel(turn.edit)
    with pytest.raises(EditCanceled):
        client.wait(turn.edit)


def test_events_tell_the_story_and_end_with_the_edit(client: DialogPaint, sample: Sample) -> None:
    heard: list[str] = []
    edit = client.edit(
        client.picture(sample.image_id), "make it night", steps=6, on_event=lambda e: heard.append(e.event)
    )
    told = [event.event for event in client.events(edit)]
    assert told == heard
    assert [name for name in told if name != "edit.progress"] == ["edit.queued", "edit.started", "edit.succeeded"]


def test_what_the_server_refuses_says_which_field(client: DialogPaint, sample: Sample) -> None:
    with pytest.raises(InvalidRequest) as refused:
        client.edit(client.picture(sample.image_id), "make it night", steps=1000)
    assert [field.field for field in refused.value.fields] == ["parameters.steps"]
    assert refused.value.request_id
    with pytest.raises(NotFound):
        client.get_edit("edit_unknown")
    with pytest.raises(NotFound):
        client.conversation("conv_../../edits").read()


def test_a_lost_answer_makes_no_second_edit(url: str, client: DialogPaint, sample: Sample) -> None:
    with DroppingProxy(url, lose=1) as proxy, DialogPaint(proxy.url, key=os.environ.get("API_KEY")) as behind:
        conversation = behind.conversation(client.start(client.picture(sample.image_id)).id)
        turn = conversation.say("make it night", steps=2)
    assert turn.picture is not None
    assert proxy.lost == 1
    assert [each.number for each in client.conversation(conversation.id).turns()] == [turn.number] == [1]


async def test_asyncio_runs_several_at_once(url: str, sample: Sample) -> None:
    async with AsyncDialogPaint(url, key=os.environ.get("API_KEY"), retry=Retry(attempts=3)) as client:
        source = await client.picture(sample.image_id)
        wishes = ["make it night", "make it sepia", "make it black and white"]
        edits = await asyncio.gather(*(client.edit(source, wish, steps=3, seed=1) for wish in wishes))
        assert len({edit.picture.data for edit in edits if edit.picture}) == 3
        names = [event.event async for event in client.events(edits[0])]
        assert names[-1] == "edit.succeeded"


class DroppingProxy:
    """Passes connections on to the stack, but loses the first answers: the request arrives, the connection is cut."""

    def __init__(self, url: str, lose: int) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._target = (host, int(port or 80))
        self._lose = lose
        self.lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "DroppingProxy":
        """Begin to listen."""
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        """End with the last connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=20)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _address = self._listener.accept()
                self._start(self._pass_on, caller)

    def _pass_on(self, caller: socket.socket) -> None:
        with caller, socket.create_connection(self._target) as server:
            self._start(copy, caller, server)
            while data := _received(server):
                if self.lost < self._lose:
                    self.lost += 1
                    break
                caller.sendall(data)
            for side in (caller, server):  # closing alone would wait for the thread that reads
                with suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on what one side says until it ends or is cut off."""
    with suppress(OSError):
        while data := _received(source):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)  # or the thread that hears the other side would wait for it for ever


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""
