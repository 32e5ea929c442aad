"""What a receiver of webhooks needs: whether a message is the server's, and what it says (standardwebhooks.com)."""

import base64
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from dialogpaint.errors import InvalidWebhook
from dialogpaint.models import Answer, Edit

TOLERANCE_S = 300.0
PREFIX = "whsec_"
UNIX_TIME = re.compile(r"[0-9]{1,15}")


class WebhookMessage(Answer):
    """An edit came to its end: `type` is edit.succeeded, edit.failed or edit.canceled.

    `id` is the same each time a message is sent again: do what it asks for once.
    """

    id: str
    type: str
    timestamp: datetime
    edit: Edit


def verify_webhook(
    payload: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance_s: float = TOLERANCE_S,
    now: float | None = None,
) -> WebhookMessage:
    """Return what a webhook says, once it is sure that the server sent it, and lately.

    `payload` is the request's body exactly as it came; `headers` may be written in any case; `secret` is what the
    server signs with, or several while it is changed. `tolerance_s` is how old the message may be, or how far ahead,
    at `now` (a Unix time; by default it is now). Raises InvalidWebhook, and ValueError for a secret that is none.
    """
    body = payload.encode() if isinstance(payload, str) else payload
    keys = [_key(each) for each in ([secret] if isinstance(secret, str) else secret)]
    message_id, timestamp, signatures = _read_headers(headers)
    _check_time(timestamp, tolerance_s, time.time() if now is None else now)
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [hmac.digest(key, signed, "sha256") for key in keys]
    given = [digest for digest in map(_digest, signatures.split()) if digest]
    # All of them, whichever fits, so that the time it takes says nothing.
    if not sum(hmac.compare_digest(ours, theirs) for ours in expected for theirs in given):
        raise InvalidWebhook("No signature fits: another secret, or a body that is not exactly what was sent.")
    return _read(message_id, body)


def _key(secret: str) -> bytes:
    key = _decoded(secret.removeprefix(PREFIX))
    if not key:
        raise ValueError(f"A webhook secret is {PREFIX} and some bytes in base64.")
    return key


def _read_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Return id, timestamp and signatures."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        return lower["webhook-id"], lower["webhook-timestamp"], lower["webhook-signature"]
    except KeyError as error:
        raise InvalidWebhook(f"The header {error.args[0]} is missing.") from None


def _check_time(timestamp: str, tolerance_s: float, now: float) -> None:
    if UNIX_TIME.fullmatch(timestamp) is None:
        raise InvalidWebhook("The header webhook-timestamp is no Unix time.")
    if abs(now - int(timestamp)) > tolerance_s:
        raise InvalidWebhook(f"The message was not sent within {tolerance_s:g} s of now; is this clock right?")


def _digest(signature: str) -> bytes | None:
    """Return the digest of a `v1,…` signature, None for one of another kind."""
    version, _, encoded = signature.partition(",")
    return _decoded(encoded) if version == "v1" else None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _read(message_id: str, body: bytes) -> WebhookMessage:
    try:
        said = _Body.model_validate_json(body)
    except ValidationError as error:
        raise InvalidWebhook("The message is signed, but not one that this client knows.") from error
    return WebhookMessage(id=message_id, type=said.type, timestamp=said.timestamp, edit=said.data)


class _Body(Answer):
    type: str
    timestamp: datetime
    data: Edit
