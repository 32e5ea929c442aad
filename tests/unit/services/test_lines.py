"""What `make up` shows of what its processes say."""

import json
from pathlib import Path

import pytest

from services.local.lines import Files, kept_and_shown, readable


def told(event: str, level: str = "info", logger: str = "gateway", **more: object) -> str:
    """A line as our processes log it."""
    return json.dumps(
        {"process": "gateway", "timestamp": "2026", "logger": logger, "level": level, "event": event, **more}
    )


@pytest.mark.parametrize(
    ("process", "line"),
    [
        ("redis", "1:C # WARNING Memory overcommit must be enabled!"),
        ("gateway", told("Application startup complete.", logger="uvicorn.error")),
        ("gateway", told("http_request", status=404, method="GET")),
    ],
)
def test_what_goes_well_is_not_shown(process: str, line: str) -> None:
    assert readable(process, line) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (told("http_request", level="error", status=503), "[error] http_request status=503"),
        (told("http_request", status=500), "[info] http_request status=500"),
        (told("model_ready", model="mini", threads=2), "[info] model_ready model=mini threads=2"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ("[1, 2]", "[1, 2]"),
    ],
)
def test_the_rest_is_shown_in_words(line: str, words: str) -> None:
    assert " ".join(str(readable("gateway", line)).split()) == words


def test_an_exception_is_shown_with_its_traceback() -> None:
    words = readable("editing", told("edit_failed", level="error", exception="Traceback …\nValueError: no"))
    assert words is not None
    assert words.endswith("ValueError: no")


def test_every_line_is_kept_as_it_is_and_anew_at_each_start(tmp_path: Path) -> None:
    for _ in range(2):
        shown: list[str] = []
        say = kept_and_shown(Files(tmp_path / "log"), lambda _name, line, shown=shown: shown.append(line))  # type: ignore[misc]
        for line in ("plain", told("http_request", status=200)):
            say("gateway", line)
    assert shown == ["plain"]
    assert (tmp_path / "log" / "gateway.log").read_text() == f"plain\n{told('http_request', status=200)}\n"
