"""Signatures of the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass

from shared.settings import listed

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)  # what the specification allows


@dataclass(frozen=True)
class Signer:
    """Signs with every key, so that receivers may change from one to the next when they like."""

    keys: tuple[bytes, ...]

    def headers(self, webhook_id: str, at_s: int, body: bytes) -> dict[str, str]:
        """Return the three headers by which a receiver knows the message, its time and who sent it."""
        signed = f"{webhook_id}.{at_s}.".encode() + body
        digests = (hmac.digest(key, signed, "sha256") for key in self.keys)
        signatures = " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
        return {"webhook-id": webhook_id, "webhook-timestamp": str(at_s), "webhook-signature": signatures}


def read_secrets(text: str) -> tuple[bytes, ...]:
    """Read the setting WEBHOOK_SECRETS; raises ValueError that names the entry which can't be read."""
    return tuple(_key(number, entry) for number, entry in enumerate(listed(text), start=1))


def new_secret() -> str:
    """Return a fresh secret, as receivers and WEBHOOK_SECRETS take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _key(number: int, entry: str) -> bytes:
    try:
        key = base64.b64decode(entry.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not entry.startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise ValueError(
            f"WEBHOOK_SECRETS: entry {number} is not whsec_ and 24 to 64 bytes in base64; "
            "`python -m gateway.webhooks secret` makes one"
        )
    return key
