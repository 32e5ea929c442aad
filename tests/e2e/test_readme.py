"""What the README says about the API is what the API does."""

import shutil
import subprocess
from pathlib import Path

import pytest

from services.local.api import Api
from services.local.process import ROOT
from tests.documents import examples


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's examples use curl")
def test_the_curl_examples_of_the_readme_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    script = examples(ROOT / "README.md", "bash", str(api.http.base_url).rstrip("/"))
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "night.png").read_bytes() != (tmp_path / "picture.png").read_bytes()
