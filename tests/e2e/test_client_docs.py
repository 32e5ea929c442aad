"""What docs/client.md shows is what the client does, and it passes a user's type checker."""

import os
import re
import subprocess
import sys
from pathlib import Path

from services.local.api import Api
from services.local.process import ROOT

PAGE = ROOT / "docs" / "client.md"


def blocks(language: str) -> str:
    """All examples of the page in one language, one after the other."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE))


def run(command: list[str], folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder in which `dialogpaint` is the client of this checkout."""
    shim = folder / "bin" / "dialogpaint"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m dialogpaint "$@"\n')
    shim.chmod(0o755)
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "client"),
        "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}",
        "DIALOGPAINT_URL": url,
        "DIALOGPAINT_KEY": os.environ.get("API_KEY", ""),
    }
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=240)


def test_the_examples_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    script = tmp_path / "example.py"
    script.write_text(blocks("python").replace("http://127.0.0.1:8000", url))
    ran = run([sys.executable, "-W", "error", str(script)], tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert "edit.succeeded" in ran.stdout
    pictures = {name: (tmp_path / f"{name}.png").read_bytes() for name in ("picture", "night", "wish-0", "wish-1")}
    assert len(set(pictures.values())) == len(pictures)


def test_the_commands_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    (tmp_path / "picture.png").write_bytes(api.picture(api.samples()[0]["url"]))
    ran = run(["bash", "-euo", "pipefail", "-c", blocks("bash")], tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert all((tmp_path / f"{name}.png").stat().st_size for name in ("dark", "sepia", "talked", "range/sheet"))
    assert "← head" in ran.stdout


def test_the_examples_pass_a_strict_type_checker(tmp_path: Path) -> None:
    def check(script: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "example.py"
        file.write_text(script)
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, file.name]
        return run(command, tmp_path, "")

    checked = check(blocks("python"))
    assert checked.returncode == 0, checked.stdout
    wrong = 'from dialogpaint import DialogPaint\nDialogPaint().conversation("c").say("x", sed=7).question.upper()\n'
    checked = check(wrong)
    assert 'Unexpected keyword argument "sed"' in checked.stdout
    assert 'has no attribute "upper"' in checked.stdout
