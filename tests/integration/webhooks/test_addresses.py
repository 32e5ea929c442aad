"""No webhook reaches an address that is not public: not by name, not by redirect, not by rebinding."""

import ssl
import subprocess
from pathlib import Path
from shutil import which

import pytest

from gateway.webhooks.acceptance import WebhookAcceptance
from gateway.webhooks.addresses import Allowed
from gateway.webhooks.targets import Targets
from shared.errors import InvalidRequest
from shared.storage.webhooks import WebhookStore
from tests.integration.webhooks.conftest import Deliver, Delivering, ended, until_counts, until_tried
from tests.storage_world import World
from tests.webhook_receiver import Receiver

NAME = "hooks.example"


class Names:
    """A name server that gives its answers one after the other, the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> list[str]:
        """Answer one question."""
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"])
async def test_this_machine_is_never_called(world: World, webhooks: WebhookStore, deliver: Deliver, host: str) -> None:
    how = Delivering(allowed="", retry_scale=0.00001)
    async with Receiver() as receiver, deliver(how):
        await ended(world, f"http://{host}:{receiver.port}/")
        await until_counts(webhooks, 0, 1)
        assert receiver.connections == 0
    [dead] = await webhooks.dead(1)
    assert dead.why == "the host does not lead to a public address"


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], []])
async def test_a_name_that_leads_here_is_not_called(
    world: World, webhooks: WebhookStore, deliver: Deliver, answer: list[str]
) -> None:
    names = Names(answer)
    async with Receiver() as receiver, deliver(Delivering(allowed="", resolve=names, retry_scale=0.00001)):
        await ended(world, f"http://{NAME}:{receiver.port}/")
        await until_counts(webhooks, 0, 1)
        assert receiver.connections == 0
    assert names.asked == [NAME] * 10  # looked up anew at every try


async def test_a_name_that_is_bound_anew_after_it_was_accepted_is_not_called(world: World, deliver: Deliver) -> None:
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    how = Delivering(allowed="", resolve=names)
    async with Receiver() as receiver:
        url = f"http://{NAME}:{receiver.port}/"
        await WebhookAcceptance(Targets(Allowed(), names), can_sign=True).check(url)
        async with deliver(how):
            await ended(world, url)
            await until_tried(how.metrics, "failed", 1)
        assert receiver.connections == 0
        with pytest.raises(InvalidRequest):
            await WebhookAcceptance(Targets(Allowed(), names), can_sign=True).check(url)


async def test_what_was_looked_at_is_what_is_connected_to(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    names = Names(["127.0.0.1"], ["10.255.255.1"])  # a second question would lead elsewhere
    async with Receiver() as receiver, deliver(Delivering(resolve=names)):
        await ended(world, f"http://{NAME}:{receiver.port}/")
        [received] = await receiver.until(1)
        await until_counts(webhooks, 0, 0)
    assert received.headers["host"] == f"{NAME}:{receiver.port}"
    assert names.asked == [NAME]


async def test_an_address_that_does_not_answer_leads_to_the_next(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    async with Receiver() as receiver, deliver(Delivering(resolve=Names(["127.0.0.2", "127.0.0.1"]))):
        await ended(world, f"http://{NAME}:{receiver.port}/")
        await receiver.until(1)
        await until_counts(webhooks, 0, 0)


async def test_an_operator_may_permit_a_name(world: World, webhooks: WebhookStore, deliver: Deliver) -> None:
    async with Receiver() as receiver, deliver(Delivering(allowed=NAME, resolve=Names(["127.0.0.1"]))):
        await ended(world, f"http://{NAME}:{receiver.port}/")
        await receiver.until(1)
        await until_counts(webhooks, 0, 0)


class TestTls:
    """With a certificate for one name, made by the openssl command."""

    @pytest.fixture
    def tls(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
        """A receiver's context; what it shows is trusted."""
        if which("openssl") is None:
            pytest.skip("needs the openssl command to make a certificate")
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        return context

    async def test_the_certificate_is_checked_against_the_name_not_the_address(
        self, world: World, webhooks: WebhookStore, deliver: Deliver, tls: ssl.SSLContext
    ) -> None:
        asked_for: list[str | None] = []
        tls.sni_callback = lambda _socket, name, _context: asked_for.append(name)
        async with Receiver(tls=tls) as receiver, deliver(Delivering(resolve=Names(["127.0.0.1"]))):
            await ended(world, f"https://{NAME}:{receiver.port}/")
            await receiver.until(1)
            await until_counts(webhooks, 0, 0)
        assert asked_for == [NAME]

    async def test_a_certificate_of_another_name_gets_no_message(
        self, world: World, webhooks: WebhookStore, deliver: Deliver, tls: ssl.SSLContext
    ) -> None:
        how = Delivering(resolve=Names(["127.0.0.1"]))
        async with Receiver(tls=tls) as receiver, deliver(how):
            await ended(world, f"https://other.example:{receiver.port}/")
            await until_tried(how.metrics, "failed", 1)
            assert receiver.received == []
