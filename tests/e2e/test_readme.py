"""What the README says about the API and the client is what they do."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from services.local.api import Api
from services.local.process import ROOT
from tests.documents import examples, run_python

README = ROOT / "README.md"


def is_of_the_first_sample_but_changed(file: Path, api: Api) -> bool:
    with Image.open(io.BytesIO(api.picture(api.samples()[0]["url"]))) as before, Image.open(file) as after:
        return (
            before.size == after.size
            and ImageChops.difference(before, after.convert(before.mode)).getbbox() is not None
        )


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's examples use curl")
def test_the_curl_examples_of_the_readme_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    script = examples(README, "bash", str(api.http.base_url).rstrip("/"))
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().endswith("?")  # the vague wish was answered by a question
    assert is_of_the_first_sample_but_changed(tmp_path / "night.png", api)


def test_the_lines_of_python_in_the_readme_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    ran = run_python(README, tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert is_of_the_first_sample_but_changed(tmp_path / "night.png", api)
