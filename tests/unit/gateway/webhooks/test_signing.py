"""Signatures, against the specification's own vector and its official library."""

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.webhooks.signing import Signer, new_secret, read_secrets

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type":"edit.succeeded","data":"\xc3\xa4"}'


def test_the_vector_of_the_specification() -> None:
    signed = Signer(read_secrets(SECRET)).headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_the_official_library_verifies_what_we_sign() -> None:
    secret = new_secret()
    headers = Signer(read_secrets(secret)).headers("msg_1", int(time.time()), BODY)
    assert Webhook(secret).verify(BODY, headers)["data"] == "ä"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers)


def test_while_a_secret_is_changed_either_one_verifies() -> None:
    old, new = new_secret(), new_secret()
    headers = Signer(read_secrets(f"{new}, {old}")).headers("msg_1", int(time.time()), BODY)
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, headers)


def test_a_new_secret_is_fresh_and_long_enough() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(key) for secret in secrets for key in read_secrets(secret)} == {32}


@pytest.mark.parametrize(
    "entry",
    [
        "secret",
        "whsec_",
        "whsec_not base64",
        SECRET.removeprefix("whsec_"),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ],
)
def test_an_entry_that_is_no_secret_is_named_but_not_shown(entry: str) -> None:
    with pytest.raises(ValueError, match="WEBHOOK_SECRETS: entry 2") as refused:
        read_secrets(f"{SECRET},{entry}")
    assert len(entry) < 10 or entry not in str(refused.value)


def test_no_secret_is_no_error() -> None:
    assert read_secrets("") == ()
