"""The receiver that docs/webhooks.md shows takes what we sign, and nothing else."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.webhooks.signing import Signer, read_secrets
from services.local.process import ROOT
from services.local.stack import free_port
from shared.storage.webhooks import Webhook, WebhookStore
from tests.integration.webhooks.conftest import ended
from tests.patience import eventually
from tests.storage_world import World

PAGE = ROOT / "docs" / "webhooks.md"
SECRET = "whsec_ZWFzaWx5IGd1ZXNzZWQsIGZvciB0ZXN0cyBvbmx5"


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Its URL and its process, as printed but on another port."""
    [code] = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
    port = free_port()
    script = tmp_path / "receiver.py"
    script.write_text(code.replace("8900", str(port)))
    env = {**os.environ, "PYTHONPATH": str(ROOT / "client")}
    with subprocess.Popen([sys.executable, script], env=env, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{port}", process
        process.kill()


async def test_the_receiver_of_the_docs_works(
    receiver: tuple[str, "subprocess.Popen[str]"], world: World, webhooks: WebhookStore
) -> None:
    url, process = receiver
    edit = await ended(world, url)
    [webhook] = (await webhooks.take(1, 60, 10)).webhooks
    async with httpx.AsyncClient(trust_env=False) as client:

        async def listens() -> bool:
            try:
                return (await client.get(url)).status_code == 501  # it knows POST alone
            except httpx.ConnectError:
                return False

        await eventually(listens, within_s=60)
        assert (await client.post(url, content=webhook.body(), headers=signed(webhook))).status_code == 204
        assert (await client.post(url, content=b"{}", headers=signed(webhook))).status_code == 400
    assert process.stdout is not None
    assert process.stdout.readline().split() == [webhook.id, "edit.succeeded", edit.id]


def signed(webhook: Webhook) -> dict[str, str]:
    """The headers with which it is sent now."""
    return Signer(read_secrets(SECRET)).headers(webhook.id, int(time.time()), webhook.body())
