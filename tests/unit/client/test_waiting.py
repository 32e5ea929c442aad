"""From an accepted edit to its pictures, or to an error that says how to go on."""

import httpx
import pytest

from dialogpaint import DialogPaint, EditCanceled, EditFailed, Event, NothingToRedo, NothingToUndo, StillRunning
from dialogpaint import VersionMismatch as Stale
from dialogpaint.transport import Address, Blocking
from gateway import examples
from tests.client_server import URL, Json, Server, WithoutWaiting, client_of, edit, events, ok, problem

PNG = httpx.Response(200, headers={"content-type": "image/png"}, content=b"\x89PNG")
QUEUED = ok(examples.TURN_QUEUED, 202)
OVER = (9, "edit.succeeded", {"edit_id": "edit_5bO1"})


def test_a_turn_whose_edit_is_over_brings_its_picture() -> None:
    server = Server(ok(examples.TURN), PNG)
    turn = client_of(WithoutWaiting(server)).conversation("conv_1").say("the house, in orange please")
    assert turn.picture is not None
    assert (turn.picture.data, turn.picture.image_id, turn.question) == (b"\x89PNG", "img_9sKe", None)
    assert server.header("prefer")[0] == "wait=20"


def test_a_question_has_its_words_and_no_picture() -> None:
    turn = client_of(WithoutWaiting(Server(ok(examples.TURN_QUESTION)))).conversation("conv_1").say("make it more fun")
    assert (turn.question, turn.picture) == ("What should I change, the house or the tree?", None)


def test_an_unfinished_edit_is_followed_to_its_end() -> None:
    server = Server(QUEUED, events(OVER), ok(edit()), PNG)
    assert client_of(WithoutWaiting(server)).conversation("conv_1").say("paint it").picture
    paths = [request.url.path for request in server.requests]
    assert paths[1:] == ["/v1/edits/edit_5bO1/events", "/v1/edits/edit_5bO1", "/v1/images/img_9sKe"]


def test_who_listens_hears_all_that_happens() -> None:
    server = Server(QUEUED, events((1, "edit.queued", {}), (2, "edit.progress", {}), OVER), ok(edit()), PNG)
    heard: list[Event] = []
    client_of(WithoutWaiting(server)).conversation("conv_1").say("paint it", on_event=heard.append)
    assert [event.event for event in heard] == ["edit.queued", "edit.progress", "edit.succeeded"]
    assert server.header("prefer")[0] is None


def test_who_does_not_wait_gets_the_edit_as_it_is() -> None:
    server = Server(QUEUED)
    turn = client_of(WithoutWaiting(server)).conversation("conv_1").say("paint it", wait_s=0)
    assert turn.edit is not None
    assert (turn.edit.status, turn.picture, len(server.requests)) == ("queued", None, 1)


def test_time_is_up_while_news_keep_coming() -> None:
    steps = events(*[(number, "edit.progress", {"step": number}) for number in range(1, 200)], OVER)
    server = Server(ok(edit("queued")), steps, ok(edit("running")))
    heard: list[Event] = []
    with pytest.raises(StillRunning):
        client_of(WithoutWaiting(server, second=1)).wait("edit_5bO1", wait_s=30, on_event=heard.append)
    assert 0 < len(heard) < 40


def test_when_time_is_up_the_error_says_how_to_go_on() -> None:
    def silence(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            raise httpx.ReadTimeout("silence")
        return ok(edit("running", progress={"step": 3, "steps": 20}))

    server = Server(ok(edit("queued")), silence)
    with pytest.raises(StillRunning) as late:
        client_of(WithoutWaiting(server, second=1)).wait("edit_5bO1", wait_s=30)
    assert late.value.edit.progress.step == 3
    assert "step 3 of 20 after 30 s" in str(late.value)
    assert "client.wait('edit_5bO1')" in str(late.value)
    assert "client.cancel('edit_5bO1')" in str(late.value)
    assert isinstance(late.value, TimeoutError)


def test_near_the_deadline_a_stream_is_left_in_time() -> None:
    beats = httpx.Response(200, headers={"content-type": "text/event-stream"}, text=": heartbeat\n\n")
    seen: list[float] = []

    class Watched(WithoutWaiting):
        def __init__(self) -> None:
            super().__init__(self.answer, second=1)

        def answer(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/events"):
                seen.append(request.extensions["timeout"]["read"])
                return httpx.Response(200, headers=beats.headers, content=beats.content)
            return ok(edit("running"))

    with pytest.raises(StillRunning):
        client_of(Watched()).wait("edit_5bO1", wait_s=12)
    assert seen == sorted(seen, reverse=True)
    assert max(seen) <= 12


@pytest.mark.parametrize(("status", "error"), [("failed", EditFailed), ("canceled", EditCanceled)])
def test_an_edit_without_a_picture_raises(status: str, error: type[EditFailed | EditCanceled]) -> None:
    why = (
        {**problem(500, "out-of-memory").json(), "detail": "Ask for a smaller picture."} if status == "failed" else None
    )
    with pytest.raises(error) as ended:
        client_of(WithoutWaiting(Server(ok(edit(status, error=why))))).wait("edit_5bO1")
    assert ended.value.edit.status == status
    assert status == "canceled" or "Ask for a smaller picture. (out-of-memory)" in str(ended.value)


def revisions(*parents: str | None) -> httpx.Response:
    """r0, r1 … with these parents."""
    items: list[Json] = [
        {**examples.REVISION, "id": f"r{number}", "parent_id": parent} for number, parent in enumerate(parents)
    ]
    return ok({"items": items, "next_cursor": None})


def at(head: str, version: int = 12) -> httpx.Response:
    """The conversation with this head."""
    return ok({**examples.CONVERSATION, "head_revision_id": head, "version": version})


def test_undo_moves_to_the_parent_unless_the_conversation_changed() -> None:
    server = Server(at("r1"), revisions(None, "r0"), at("r0", 13))
    assert client_of(WithoutWaiting(server)).conversation("c").undo().id == "r0"
    moved = server.requests[-1]
    assert (moved.method, moved.content, moved.headers["if-match"]) == ("PUT", b'{"revision_id":"r0"}', '"12"')


def test_redo_goes_back_to_where_undo_came_from() -> None:
    tree = revisions(None, "r0", "r0")  # r2 is newer, r1 was left
    server = Server(at("r1"), tree, at("r0", 13), at("r0", 13), tree, at("r1", 14))
    conversation = client_of(WithoutWaiting(server)).conversation("c")
    conversation.undo()
    assert conversation.redo().id == "r1"


def test_there_is_nothing_behind_the_root_and_before_a_leaf() -> None:
    conversation = client_of(WithoutWaiting(Server(at("r0"), revisions(None), at("r0"), revisions(None)))).conversation(
        "c"
    )
    with pytest.raises(NothingToUndo):
        conversation.undo()
    with pytest.raises(NothingToRedo):
        conversation.redo()


def test_a_move_whose_answer_was_lost_is_done() -> None:
    stale = problem(412, "version-mismatch", version=13)
    server = Server(at("r1"), revisions(None, "r0"), httpx.ReadError("lost"), stale, at("r0", 13))
    assert client_of(WithoutWaiting(server)).conversation("c").undo().id == "r0"


def test_a_move_that_somebody_else_was_faster_than_is_refused() -> None:
    stale = problem(412, "version-mismatch", version=13)
    with pytest.raises(Stale):
        client_of(WithoutWaiting(Server(at("r1"), revisions(None, "r0"), stale, at("r2", 13)))).conversation("c").undo()


def test_lists_are_read_page_after_page() -> None:
    pages = [ok({"items": [edit(id=f"edit_{n}")], "next_cursor": cursor}) for n, cursor in enumerate(["a b", None])]
    server = Server(*pages)
    assert [each.id for each in client_of(WithoutWaiting(server)).edits("failed")] == ["edit_0", "edit_1"]
    assert [request.url.params.get("cursor") for request in server.requests] == [None, "a b"]
    assert {request.url.params["status"] for request in server.requests} == {"failed"}


def test_a_client_closes_its_connections() -> None:
    with DialogPaint(URL, transport=Blocking(Address(URL), httpx.MockTransport(Server(ok(edit()))))) as client:
        client.get_edit("edit_1")
    with pytest.raises(RuntimeError, match="closed"):
        client.get_edit("edit_1")
