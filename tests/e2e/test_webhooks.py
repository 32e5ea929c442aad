"""A webhook of the running stack arrives, and the client knows it for what it is."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import pytest

from dialogpaint import DialogPaint, InvalidWebhook, verify_webhook
from services.local.api import Json
from services.local.stack import Stack
from tests.e2e.conftest import WEBHOOK_SECRET, Sample

Posts = Queue[tuple[bytes, dict[str, str]]]


@pytest.fixture
def posts() -> Iterator[tuple[str, Posts]]:
    """A receiver on this machine: its URL, and what was posted to it."""
    received: Posts = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((body, dict(self.headers)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/hook", received
        server.shutdown()


@pytest.fixture
def client(own_stack: Stack | None) -> Iterator[DialogPaint]:
    """A client of the stack, which can reach a receiver on this machine."""
    if own_stack is None:
        pytest.skip("needs a stack whose webhooks may come to this machine")
    with DialogPaint(own_stack.url, key=os.environ.get("API_KEY")) as opened:
        yield opened


def test_the_end_of_an_edit_arrives_signed_once(client: DialogPaint, posts: tuple[str, Posts], sample: Sample) -> None:
    url, received = posts
    source = client.picture(sample.image_id)
    edit = client.edit(source, "make it night", steps=2, webhook_url=url)
    body, headers = received.get(timeout=60)
    message = verify_webhook(body, headers, WEBHOOK_SECRET)
    assert (message.type, message.edit) == ("edit.succeeded", client.get_edit(edit))
    with pytest.raises(InvalidWebhook):
        verify_webhook(body.replace(b"succeeded", b"failed"), headers, WEBHOOK_SECRET)


def test_a_turn_and_a_cancelled_edit_tell_too(
    client: DialogPaint, posts: tuple[str, Posts], conversation: Json
) -> None:
    url, received = posts
    turn = client.conversation(conversation["id"]).say("make it night", steps=100, wait_s=0, webhook_url=url)
    assert turn.edit is not None
    client.cancel(turn.edit)
    message = verify_webhook(*received.get(timeout=60), WEBHOOK_SECRET)
    assert (message.type, message.edit.id) == ("edit.canceled", turn.edit.id)
    assert received.empty()
