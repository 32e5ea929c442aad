"""Messages on a real broker."""

import base64
import json

import redis

from shared.broker import QUEUE_EDITS, TASK_RUN_EDIT, make_celery, send_edit
from shared.settings import Settings


def test_a_message_holds_an_edit_id_and_nothing_else(settings: Settings) -> None:
    app = make_celery(settings)
    send_edit(app, "edit_1")
    app.close()
    with redis.Redis.from_url(settings.redis_url, decode_responses=True) as client:
        messages = [json.loads(message) for message in client.lrange(QUEUE_EDITS, 0, -1)]
    assert len(messages) == 1
    assert messages[0]["headers"]["task"] == TASK_RUN_EDIT
    arguments, options, _ = json.loads(base64.b64decode(messages[0]["body"]))
    assert (arguments, options) == (["edit_1"], {})
