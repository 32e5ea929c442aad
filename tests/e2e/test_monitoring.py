"""A real Prometheus scrapes the running stack and is asked every query of dashboard and alerts."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.local.api import Api, Json
from services.local.stack import Stack, free_port
from tests.monitoring import FOLDER, alerts, names_in, queries

SCRAPED_WITHIN_S = 60


class Prometheus:
    """A running Prometheus."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False)

    def ask(self, path: str, **asked: str) -> Any:
        """The data of an answer that must be a success."""
        answer = self._http.get(f"/api/v1/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def has_scraped(self) -> bool:
        """Whether every target has answered; no while Prometheus itself still starts (it listens, and answers 503)."""
        try:
            if self._http.get("/-/ready").status_code != 200:
                return False
        except httpx.TransportError:
            return False
        targets = self.ask("targets")["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


@pytest.fixture(scope="module")
def prometheus(own_stack: Stack | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus with our rules, which scrapes the stack's processes each second."""
    if shutil.which("prometheus") is None:
        pytest.skip("no prometheus on the PATH (Debian: prometheus)")
    if own_stack is None:
        pytest.skip("the stack at --base-url may keep its other processes' metrics to itself")
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    (folder / "prometheus.yml").write_text(_configuration(own_stack.env))
    command = ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    command.append(f"--web.listen-address=127.0.0.1:{port}")
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        running = Prometheus(f"http://127.0.0.1:{port}")
        try:
            _until_scraped(running, folder)
            yield running
        finally:
            running.close()
            process.terminate()


def _configuration(env: dict[str, str]) -> str:
    ports = {
        "gateway": "GATEWAY_PORT",
        "dialogue": "DIALOGUE_PORT",
        "editing": "METRICS_PORT",
        "webhooks": "WEBHOOK_METRICS_PORT",
    }
    jobs = [
        {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{env[port]}"]}]} for job, port in ports.items()
    ]
    rules = [str(FOLDER / "alerts.yml")]
    told = {"global": {"scrape_interval": "1s"}, "rule_files": rules, "scrape_configs": jobs}
    return str(yaml.safe_dump(told))


def _until_scraped(prometheus: Prometheus, folder: Path) -> None:
    deadline = time.monotonic() + SCRAPED_WITHIN_S
    while not prometheus.has_scraped():
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.2)


def test_every_query_is_understood_and_every_series_it_names_is_there(
    api: Api, conversation: Json, prometheus: Prometheus
) -> None:
    turn = api.say(conversation["id"], "make it night", wait_s=60)
    assert turn["edit"]["status"] == "succeeded"
    asked = {name for query in queries() for name in names_in(query)}
    deadline = time.monotonic() + SCRAPED_WITHIN_S
    while missing := asked - set(prometheus.ask("label/__name__/values")):
        assert time.monotonic() < deadline, missing
        time.sleep(0.5)
    for query in queries():
        prometheus.ask("query", query=query)


def test_a_healthy_stack_raises_no_alert(prometheus: Prometheus) -> None:
    groups = prometheus.ask("rules")["groups"]
    assert sum(len(group["rules"]) for group in groups) == len(alerts())
    assert [rule["name"] for group in groups for rule in group["rules"] if rule.get("lastError")] == []
    raised = prometheus.ask("alerts")["alerts"]
    assert [alert["labels"]["alertname"] for alert in raised if alert["state"] == "firing"] == []
