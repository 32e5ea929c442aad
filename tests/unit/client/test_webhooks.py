"""Verifying webhooks, against the official library of Standard Webhooks."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from dialogpaint import DialogPaintError, EditStatus, InvalidWebhook, verify_webhook
from gateway import examples

SECRET, OTHER = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
BODY = json.dumps({"type": "edit.succeeded", "timestamp": examples.LATER, "data": examples.EDIT}).encode()


def signed(body: bytes = BODY, secret: str = SECRET, ago_s: float = 0) -> dict[str, str]:
    """The headers that the official library would send so many seconds ago."""
    at = time.time() - ago_s
    moment = datetime.fromtimestamp(int(at), UTC)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at)), "webhook-signature": signature}


def test_what_was_signed_is_read() -> None:
    message = verify_webhook(BODY, signed(), SECRET)
    assert (message.id, message.type, message.edit.id) == ("msg_1", "edit.succeeded", examples.EDIT["id"])
    assert message.edit.status is EditStatus.SUCCEEDED
    assert message.timestamp == datetime.fromisoformat(examples.LATER)


def test_text_headers_in_capitals_and_a_bare_secret_will_do() -> None:
    headers = {name.title(): value for name, value in signed().items()}
    assert verify_webhook(BODY.decode(), headers, SECRET.removeprefix("whsec_")).id == "msg_1"


def test_while_a_secret_is_changed_both_sides_may_have_two() -> None:
    assert verify_webhook(BODY, signed(secret=OTHER), [SECRET, OTHER])
    both = signed()["webhook-signature"] + " " + signed(secret=OTHER)["webhook-signature"]
    for secret in (SECRET, OTHER):
        assert verify_webhook(BODY, {**signed(), "webhook-signature": both}, secret)


def test_signatures_of_other_kinds_are_passed_over() -> None:
    mixed = "v1a,abcd v2 nonsense v1,!!! v1,ä " + signed()["webhook-signature"]
    assert verify_webhook(BODY, {**signed(), "webhook-signature": mixed}, SECRET)


def without(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda headers: {key: value for key, value in headers.items() if key != name}


def with_header(name: str, value: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda headers: {**headers, name: value}


@pytest.mark.parametrize(
    "change",
    [
        without("webhook-id"),
        without("webhook-timestamp"),
        without("webhook-signature"),
        with_header("webhook-id", "msg_2"),
        with_header("webhook-timestamp", str(int(time.time()) + 1)),
        with_header("webhook-timestamp", "now"),
        with_header("webhook-timestamp", "9" * 5000),
        with_header("webhook-timestamp", "-1"),
        with_header("webhook-signature", ""),
        with_header("webhook-signature", "v1,"),
        with_header("webhook-signature", "v1," + base64.b64encode(b"x" * 32).decode()),
        with_header("webhook-signature", signed()["webhook-signature"].replace("v1,", "v1a,")),
    ],
)
def test_a_changed_header_does_not_pass(change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    with pytest.raises(InvalidWebhook):
        verify_webhook(BODY, change(signed()), SECRET)


def test_another_body_or_secret_does_not_pass() -> None:
    with pytest.raises(InvalidWebhook, match="No signature fits"):
        verify_webhook(BODY + b" ", signed(), SECRET)
    with pytest.raises(InvalidWebhook, match="No signature fits"):
        verify_webhook(BODY, signed(), OTHER)


@pytest.mark.parametrize(("late_s", "passes"), [(0, True), (290, True), (-290, True), (310, False), (-310, False)])
def test_an_old_message_or_one_from_the_future_does_not_pass(late_s: int, passes: bool) -> None:
    def read() -> Any:
        return verify_webhook(BODY, signed(), SECRET, now=time.time() + late_s)

    if passes:
        assert read()
    else:
        with pytest.raises(InvalidWebhook, match="within 300 s"):
            read()
    assert verify_webhook(BODY, signed(), SECRET, now=time.time() + late_s, tolerance_s=1000)


@pytest.mark.parametrize("body", [b"[]", b"no json", b'{"type": "edit.succeeded"}'])
def test_a_signed_message_of_somebody_else_is_told_apart(body: bytes) -> None:
    with pytest.raises(InvalidWebhook, match="not one that this client knows"):
        verify_webhook(body, signed(body), SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_ä", "not base64!"])
def test_a_secret_that_is_none_is_the_callers_mistake(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        verify_webhook(BODY, signed(), secret)


def test_the_error_is_one_of_the_clients() -> None:
    assert issubclass(InvalidWebhook, DialogPaintError)
