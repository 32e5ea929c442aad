"""What operators can watch is one scheme of names, and all of it is in docs/operations.md."""

import pytest
from prometheus_client import generate_latest

from editing_service.metrics import WorkerMetrics
from gateway.metrics import GatewayMetrics
from services.local.process import ROOT
from shared.storage.records import Skip, Swept, Written
from tests.exposed_metrics import exposed, registries

LABELS = {
    *("method", "route", "status"),
    *("reply", "by", "act", "state", "reason", "kind", "result", "ending", "side"),
    *("model", "digest"),
}
"""All that may tell series apart: few values each, and none that names a person, a tenant or an edit."""


def test_the_table_in_the_docs_is_every_metric_of_the_registries() -> None:
    lines = (ROOT / "docs" / "operations.md").read_text().splitlines()
    told = [line for line in lines if line.startswith(("| `dialogpaint_", "| `process_"))]
    assert told == [metric.row for metric in exposed()]


def test_every_name_has_the_projects_prefix_or_is_prometheus_own_for_a_process() -> None:
    names = [metric.name for metric in exposed()]
    assert [name for name in names if not name.startswith(("dialogpaint_", "process_"))] == []


def test_no_metric_has_a_label_that_could_hold_an_id_or_a_tenant() -> None:
    assert {label for metric in exposed() for label in metric.labels} - LABELS == set()


@pytest.mark.parametrize("process", ["gateway", "dialogue", "editing"])
def test_each_process_tells_its_memory_and_descriptors(process: str) -> None:
    shown = b"".join(generate_latest(registry) for name, registry in registries() if name == process).decode()
    assert "process_resident_memory_bytes" in shown
    assert "process_open_fds" in shown


@pytest.mark.parametrize(
    ("ending", "reason", "written", "counted"),
    [
        ("succeeded", "", Written.OK, 1),
        ("failed", "out-of-memory", Written.REPLAY, 1),  # the first answer was lost, and not counted
        ("succeeded", "", Written.FENCED, None),
        ("released", "", Written.OK, None),
    ],
)
def test_an_edit_counts_as_finished_once_and_only_by_who_finished_it(
    ending: str, reason: str, written: Written, counted: float | None
) -> None:
    metrics = WorkerMetrics()
    metrics.ended(ending, reason, written)
    labels = {"state": ending, "reason": reason}
    assert metrics.registry.get_sample_value("dialogpaint_edits_finished_total", labels) == counted


def test_an_edit_given_up_counts_as_failed_whoever_gives_it_up() -> None:
    worker, gateway = WorkerMetrics(), GatewayMetrics()
    worker.claimed(Skip.POISON)
    gateway.count_swept(Swept(requeued=[], poisoned=["edit_1", "edit_2"], resent=[]))
    labels = {"state": "failed", "reason": "poison"}
    assert worker.registry.get_sample_value("dialogpaint_edits_finished_total", labels) == 1
    assert gateway.registry.get_sample_value("dialogpaint_edits_finished_total", labels) == 2


def test_sides_of_any_length_make_few_series() -> None:
    metrics = WorkerMetrics()
    for side in range(8, 513, 8):
        metrics.stepped(3, side, 0.1)
    sides = {sample.labels["side"] for family in metrics.registry.collect() for sample in family.samples
             if sample.name == "dialogpaint_step_seconds_count"}  # fmt: skip
    assert sides == {"8", "16", "32", "64", "128", "256", "512"}
