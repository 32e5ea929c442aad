"""Dashboard and alerts ask for what is exposed, and every alert says what to do."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from services.local.process import ROOT
from shared.settings import Settings
from tests.exposed_metrics import exposed
from tests.monitoring import FOLDER, alerts, dashboard, names_in, queries

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool (Debian: prometheus)")
SERIES = {name for metric in exposed() for name in metric.series} | {"up"}


@pytest.mark.parametrize("query", queries())
def test_a_query_asks_for_series_that_are_exposed(query: str) -> None:
    assert names_in(query)
    assert names_in(query) - SERIES == set()


def test_every_metric_of_the_project_is_drawn() -> None:
    drawn = {name for query in queries() for name in names_in(query)}
    ours = [metric for metric in exposed() if metric.name.startswith("dialogpaint_")]
    assert [metric.name for metric in ours if drawn.isdisjoint(metric.series)] == []


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_names_a_heading_of_the_docs_that_says_what_to_do(alert: dict[str, Any]) -> None:
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert alert["annotations"]["summary"]
    assert alert["labels"]["severity"] in ("page", "ticket")


def test_every_alert_is_seen_to_come_in_promtools_tests() -> None:
    groups = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    seen = {check["alertname"] for group in groups for check in group["alert_rule_test"] if check["exp_alerts"]}
    assert seen == {alert["alert"] for alert in alerts()}


def test_no_two_panels_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_prometheus_looks_where_the_processes_listen() -> None:
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    ports = {job["job_name"]: job["dns_sd_configs"][0]["port"] for job in jobs}
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    monitored = yaml.safe_load((ROOT / "docker-compose.monitoring.yml").read_text())["services"]
    assert ports == {
        "gateway": int(compose["gateway"]["environment"]["GATEWAY_PORT"]),
        "dialogue": int(compose["dialogue"]["environment"]["DIALOGUE_PORT"]),
        "editing": int(monitored["editing"]["environment"]["METRICS_PORT"]),
        "webhooks": int(monitored["webhooks"]["environment"]["WEBHOOK_METRICS_PORT"]),
    }
    assert {name for job in jobs for name in job["dns_sd_configs"][0]["names"]} <= compose.keys()
    for service in monitored.values():
        assert {name.lower() for name in service.get("environment", {}) if not name.startswith("GF_")} <= set(
            Settings.model_fields
        )


@needs_promtool
@pytest.mark.parametrize("check", [["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]])
def test_promtool_has_nothing_to_say_against_it(check: list[str]) -> None:
    ran = subprocess.run(["promtool", *check], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
