"""docs/api.md: every example runs as it is printed, with curl and from Python."""

import shutil
from pathlib import Path

import pytest

from services.local.api import Api
from services.local.process import ROOT
from tests.documents import examples, run, run_python

PAGE = ROOT / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="these examples use curl")
def test_the_calls_run_with_curl(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    ran = run(["bash", "-eu", "-c", examples(PAGE, "bash", url)], tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert "event: head.moved" in ran.stdout
    assert "event: edit.succeeded" in ran.stdout
    assert (tmp_path / "night.png").read_bytes() != (tmp_path / "picture.png").read_bytes()


def test_the_calls_run_from_python(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    ran = run_python(PAGE, tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "night-0.png").read_bytes() != (tmp_path / "night-1.png").read_bytes()
