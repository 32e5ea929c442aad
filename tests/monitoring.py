"""The queries of dashboard and alerts, to be held against what is really exposed."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from services.local.process import ROOT

FOLDER = ROOT / "services" / "monitoring"
NAMES = re.compile(r"\b(?:dialogpaint_|process_)\w+|\bup\b(?=\{)")


def alerts() -> list[dict[str, Any]]:
    """Every alert rule."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana reads it."""
    read: dict[str, Any] = json.loads((FOLDER / "grafana" / "dashboards" / "dialogpaint.json").read_text())
    return read


def queries() -> list[str]:
    """Every query, with the ranges that Grafana would put in."""
    drawn = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]
    return [query.replace("$__rate_interval", "1m") for query in [*drawn, *(rule["expr"] for rule in alerts())]]


def names_in(query: str) -> set[str]:
    """The series that a query asks for."""
    return set(NAMES.findall(query))
