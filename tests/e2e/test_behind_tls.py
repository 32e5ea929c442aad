"""A stack with keys behind the nginx of services/tls: what docs/operations.md says about TLS."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.auth import hash_key, make_key
from services.local.process import ROOT
from services.local.stack import Stack, free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
CONFIGURATION = ROOT / "services" / "tls" / "nginx.conf"
STARTS_WITHIN_S = 10

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx is installed")


@dataclass(frozen=True)
class Front:
    """Where clients call, what they trust, and the gateway behind."""

    https: str
    http: str
    trusted: ssl.SSLContext
    behind: str
    key: str

    def client(self, key: str | None) -> httpx.Client:
        """A client from outside."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.https, headers=headers, verify=self.trusted, trust_env=False, timeout=75)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A stack with one key, and nginx before it with the project's own configuration."""
    folder, key = tmp_path_factory.mktemp("tls"), make_key("studio")
    certificate, private = self_signed(folder)
    stack = Stack(folder, lambda *_: None, settings={"API_KEYS": f"studio:{hash_key(key)}"})
    http, https = free_port(), free_port()
    written = configured(stack.url.removeprefix("http://"), http, https, certificate, private)
    (folder / "nginx.conf").write_text(written)
    with stack, nginx(folder, https):
        trusted = ssl.create_default_context(cafile=str(certificate))
        yield Front(f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http}", trusted, stack.url, key)


def configured(gateway: str, http: int, https: int, certificate: Path, private: Path) -> str:
    """The project's configuration with the addresses and files of this test, and nothing else changed."""
    text = CONFIGURATION.read_text()
    for found, instead in (
        (r"127\.0\.0\.1:8000", gateway),
        (r"listen 80;", f"listen 127.0.0.1:{http};"),
        (r"listen 443 ", f"listen 127.0.0.1:{https} "),
        (r"/etc/ssl/dialogpaint/fullchain\.pem", str(certificate)),
        (r"/etc/ssl/dialogpaint/privkey\.pem", str(private)),
    ):
        text, times = re.subn(found, instead, text)
        assert times == 1, found
    return text


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as files."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test of dialogpaint")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "private.pem"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


class nginx:
    """Nginx in the foreground for as long as the block runs."""

    def __init__(self, folder: Path, port: int) -> None:
        self._port, prefix = port, ["-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "error.log")]
        quiet = f"daemon off; pid {folder / 'nginx.pid'};"
        self._process = subprocess.Popen([str(NGINX), *prefix, "-g", quiet], stdout=subprocess.DEVNULL)

    def __enter__(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "nginx ended"
            try:
                httpx.get(f"https://127.0.0.1:{self._port}/livez", verify=False, trust_env=False)
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("nginx does not answer")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(STARTS_WITHIN_S)


def test_plain_http_is_sent_to_https(front: Front) -> None:
    answer = httpx.get(f"{front.http}/v1/models", trust_env=False)
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/v1/models"


def test_without_a_key_nobody_is_let_in(front: Front) -> None:
    with front.client(key=None) as client:
        assert client.get("/v1/conversations").status_code == 401
        assert client.get("/").status_code == 200  # the studio, which asks for the key
    assert (
        "max-age" in httpx.get(front.https, verify=front.trusted, trust_env=False).headers["Strict-Transport-Security"]
    )


def test_a_turn_its_progress_and_its_picture_come_through(front: Front) -> None:
    with front.client(front.key) as client:
        sample = client.get("/v1/samples").json()["items"][0]
        begun = client.post("/v1/conversations", json={"image_id": sample["image_id"], "caption": sample["caption"]})
        turns = begun.json()["urls"]["turns"]
        slow = {"text": "make it night", "parameters": {"steps": 40}}
        edit = client.post(turns, json=slow).raise_for_status().json()["edit"]
        seen = list(events(client, edit["urls"]["events"]))
        began, ended = (next(at for name, at in seen if name == f"edit.{each}") for each in ("progress", "succeeded"))
        assert ended - began > 0.1, "progress was held back until the end"
        done = client.get(edit["urls"]["self"]).json()
        picture = client.get(done["urls"]["images"][0])
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")


def test_what_a_gateway_says_is_too_large_is_said_by_the_gateway(front: Front) -> None:
    with front.client(front.key) as client:
        answer = client.post("/v1/images", content=b"\x89PNG" + b"\0" * 2**25, headers={"Content-Type": "image/png"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def events(client: httpx.Client, url: str) -> Iterator[tuple[str, float]]:
    """The names of an edit's events, and when each came."""
    with client.stream("GET", url, headers={"Accept": "text/event-stream"}) as stream:
        for line in stream.iter_lines():
            if line.startswith("event: "):
                yield line.removeprefix("event: "), time.monotonic()
