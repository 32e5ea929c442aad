"""A call is sent again where that may help, has one effect, and otherwise raises what a person can act on."""

import httpx
import pytest

from dialogpaint import (
    ApiError,
    AsyncDialogPaint,
    ConnectionFailed,
    EditInProgress,
    InvalidRequest,
    NotFound,
    RateLimited,
    Retry,
    Unavailable,
    UnexpectedAnswer,
    VersionMismatch,
)
from dialogpaint.transport import Address, Awaiting
from gateway import examples
from tests.client_server import URL, Pieces, Server, WithoutWaiting, client_of, events, ok, problem

TURN = ok(examples.TURN_QUESTION)
LOST = httpx.ReadError("lost")
PAGE = ok({"dialogue": None, "editing": None})


def test_a_post_whose_answer_was_lost_is_sent_again_under_the_same_key() -> None:
    server = Server(LOST, httpx.ConnectError("refused"), problem(503), TURN)
    client_of(WithoutWaiting(server)).conversation("conv_1").say("make it night")
    keys = server.header("idempotency-key")
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert keys[0]


def test_two_calls_have_two_keys() -> None:
    server = Server(TURN)
    conversation = client_of(WithoutWaiting(server)).conversation("conv_1")
    conversation.say("make it night")
    conversation.say("make it night")
    assert len(set(server.header("idempotency-key"))) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_retry_after_says(status: int) -> None:
    transport = WithoutWaiting(Server(problem(status, headers={"Retry-After": "7"}), PAGE))
    client_of(transport).models()
    assert transport.slept == [7.0]


def test_pauses_grow_and_end_with_the_error() -> None:
    transport = WithoutWaiting(Server(problem(503)))
    with pytest.raises(Unavailable):
        client_of(transport, Retry(attempts=5, first_s=1, longest_s=4)).models()
    longest = [1, 2, 4, 4]
    assert all(most / 2 <= slept <= most for slept, most in zip(transport.slept, longest, strict=True))


def test_a_longer_pause_than_the_patience_is_left_to_the_caller() -> None:
    transport = WithoutWaiting(Server(problem(429, "rate-limited", {"Retry-After": "600"})))
    with pytest.raises(RateLimited) as refused:
        client_of(transport).models()
    assert (transport.slept, refused.value.retry_after_s) == ([], 600.0)


@pytest.mark.parametrize("answer", [problem(422, "invalid-request"), problem(409, "edit-in-progress"), problem(500)])
def test_what_trying_again_would_not_change_is_tried_once(answer: httpx.Response) -> None:
    server = Server(answer)
    with pytest.raises(ApiError):
        client_of(WithoutWaiting(server)).conversation("conv_1").say("make it night")
    assert len(server.requests) == 1


def test_the_answer_to_the_first_try_is_waited_for_longer_than_any_number_of_attempts() -> None:
    running = problem(409, "idempotency-in-progress")
    server = Server(LOST, *[running] * 8, TURN)
    client_of(WithoutWaiting(server), Retry(attempts=3)).conversation("conv_1").say("hello")
    assert len(server.requests) == 10


def test_the_answer_to_the_first_try_is_not_waited_for_without_end() -> None:
    with pytest.raises(ApiError, match="idempotency-in-progress"):
        client_of(WithoutWaiting(Server(LOST, problem(409, "idempotency-in-progress")))).conversation("c").say("hello")


def test_a_deletion_whose_answer_was_lost_is_done() -> None:
    client_of(WithoutWaiting(Server(LOST, problem(404, "not-found")))).conversation("conv_1").delete()


def test_a_deletion_of_what_never_was_is_an_error() -> None:
    with pytest.raises(NotFound):
        client_of(WithoutWaiting(Server(problem(404, "not-found")))).conversation("conv_1").delete()


def test_an_error_carries_what_the_server_said() -> None:
    wrong = [{"field": "parameters.steps", "message": "at most 100"}]
    with pytest.raises(InvalidRequest) as refused:
        client_of(WithoutWaiting(Server(problem(422, "invalid-request", errors=wrong)))).models()
    error = refused.value
    assert (error.status, error.code, error.detail, error.request_id) == (422, "invalid-request", "Do this.", "req_1")
    assert [(field.field, field.message) for field in error.fields] == [("parameters.steps", "at most 100")]
    assert "parameters.steps: at most 100" in str(error)


def test_an_edit_in_the_way_is_named() -> None:
    with pytest.raises(EditInProgress) as refused:
        client_of(WithoutWaiting(Server(problem(409, "edit-in-progress", edit_id="edit_1")))).models()
    assert refused.value.edit_id == "edit_1"


def test_a_stale_version_names_the_present_one() -> None:
    server = Server(problem(412, "version-mismatch", version=13))
    with pytest.raises(VersionMismatch) as refused:
        client_of(WithoutWaiting(server)).conversation("conv_1").say("hello", if_version=12)
    assert refused.value.version == 13
    assert server.header("if-match") == ['"12"']


@pytest.mark.parametrize("answer", [httpx.Response(404, text="<html>"), httpx.Response(200, text="<html>"), ok({})])
def test_another_server_is_recognised(answer: httpx.Response) -> None:
    with pytest.raises(UnexpectedAnswer, match=r"server\.test"):
        client_of(WithoutWaiting(Server(answer))).models()


def test_a_proxys_page_is_tried_again() -> None:
    server = Server(httpx.Response(502, text="<html>bad gateway"), PAGE)
    client_of(WithoutWaiting(server)).models()
    assert len(server.requests) == 2


def test_a_server_that_never_answers_is_named() -> None:
    with pytest.raises(ConnectionFailed, match=r"Nothing answers at http://server\.test"):
        client_of(WithoutWaiting(Server(httpx.ConnectError("refused")))).models()


def test_the_key_is_sent_as_a_bearer() -> None:
    transport = WithoutWaiting(server := Server(PAGE), key="me.secret")
    client_of(transport).models()
    assert server.header("authorization") == ["Bearer me.secret"]


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://there", "http://", "http://[::"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        Address(url)


async def test_asyncio_has_the_same_retries() -> None:
    class Impatient(Awaiting):
        async def sleep(self, seconds: float) -> None:
            slept.append(seconds)

    slept: list[float] = []
    server = Server(LOST, problem(503, headers={"Retry-After": "3"}), TURN)
    async with AsyncDialogPaint(URL, transport=Impatient(Address(URL), httpx.MockTransport(server))) as client:
        turn = await client.conversation("conv_1").say("make it more fun")
    assert turn.question
    assert len(set(server.header("idempotency-key"))) == 1
    assert slept[1] == 3.0


def test_a_broken_event_stream_goes_on_behind_the_last_event() -> None:
    first = events((1, "turn.created", {}), (2, "edit.queued", {"edit_id": "edit_1"}), breaks=True)
    server = Server(first, ok(examples.EDIT), events((3, "edit.succeeded", {"edit_id": "edit_1"})))
    told = list(client_of(WithoutWaiting(server)).events("edit_1"))
    assert [(event.id, event.event) for event in told] == [
        (1, "turn.created"),
        (2, "edit.queued"),
        (3, "edit.succeeded"),
    ]
    assert server.header("last-event-id") == ["0", None, "2"]


def test_a_stream_that_the_server_ended_is_over_only_if_the_edit_is() -> None:
    nothing = events()
    running, done = ok({**examples.EDIT, "status": "running"}), ok(examples.EDIT)
    server = Server(nothing, running, events((5, "edit.progress", {"step": 1, "steps": 2})), running, events(), done)
    told = list(client_of(WithoutWaiting(server)).events("edit_1"))
    assert [event.id for event in told] == [5]
    assert len(server.requests) == 6


def test_a_conversations_stream_comes_back_until_nobody_answers() -> None:
    server = Server(events((1, "turn.created", {})), httpx.ConnectError("refused"))
    told = client_of(WithoutWaiting(server), Retry(attempts=3)).conversation("conv_1").events()
    assert next(told).id == 1
    with pytest.raises(ConnectionFailed):
        next(told)


def test_a_quiet_stream_that_is_cut_again_and_again_goes_on() -> None:
    kind = {"content-type": "text/event-stream"}
    cut = [httpx.Response(200, headers=kind, stream=Pieces([b": heartbeat\n\n"], LOST)) for _ in range(12)]
    server = Server(*cut, events((1, "turn.created", {})))
    told = client_of(WithoutWaiting(server)).conversation("conv_1").events()
    assert next(told).id == 1
    assert len(server.requests) == 13


def test_events_of_something_unknown_are_an_error() -> None:
    with pytest.raises(NotFound):
        next(client_of(WithoutWaiting(Server(problem(404, "not-found")))).events("edit_1"))


@pytest.mark.parametrize("body", ["data: {\n\n", "id: x\ndata: {}\n\n", "data: []\n\n"])
def test_an_event_that_is_none_is_an_error(body: str) -> None:
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, text=body)
    with pytest.raises(UnexpectedAnswer):
        next(client_of(WithoutWaiting(Server(answer))).events("edit_1"))
