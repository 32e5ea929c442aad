"""Logs are JSON events without secrets and without what users wrote."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from prometheus_client import CollectorRegistry

from shared.telemetry import HttpMetrics, configure_logging


@pytest.fixture(autouse=True)
def _undo() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The last line written, which must be JSON."""
    line: dict[str, object] = json.loads(capsys.readouterr().err.splitlines()[-1])
    return line


def test_an_event_is_one_json_line_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "gateway")
    structlog.get_logger("a").info("edit_finished", edit_id="edit_1", steps=3)
    line = last_line(capsys)
    assert (line["event"], line["edit_id"], line["steps"], line["process"]) == ("edit_finished", "edit_1", 3, "gateway")
    assert line["level"] == "info"


def test_a_librarys_line_looks_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "editing")
    logging.getLogger("celery.worker").warning("lost %s messages", 2)
    line = last_line(capsys)
    assert (line["event"], line["logger"], line["process"]) == ("lost 2 messages", "celery.worker", "editing")


def test_secrets_and_what_users_wrote_are_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "gateway")
    structlog.get_logger("a").info(
        "said", text="my house", api_key="abc", url="redis://me:geheim@host/0", header="Bearer abc.def"
    )
    line = last_line(capsys)
    assert (line["text"], line["api_key"]) == ("[hidden]", "[hidden]")
    assert line["url"] == "redis://me:[hidden]@host/0"
    assert line["header"] == "Bearer [hidden]"


def test_what_users_wrote_shows_at_debug_only(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug", "gateway")
    structlog.get_logger("a").debug("said", text="my house")
    assert last_line(capsys)["text"] == "my house"


def test_an_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "gateway")
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger("a").exception("request_failed")
    assert "RuntimeError: broken" in str(last_line(capsys)["exception"])


def test_requests_are_counted_by_route_and_status() -> None:
    registry = CollectorRegistry()
    HttpMetrics(registry).observe("GET", "/v1/edits/{edit_id}", 200, 0.01)
    labels = {"method": "GET", "route": "/v1/edits/{edit_id}", "status": "200"}
    assert registry.get_sample_value("dialogpaint_http_requests_total", labels) == 1
