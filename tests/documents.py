"""The examples in a page of the documentation, run as they are printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

from services.local.process import ROOT

PRINTED_URL = "http://127.0.0.1:8000"


def examples(page: Path, language: str, url: str = PRINTED_URL) -> str:
    """All examples of a page in one language, one after the other, for the server at `url`."""
    found = re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return "\n".join(found).replace(PRINTED_URL, url)


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


def run_python(page: Path, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    """Run all Python of a page as one script, to which any warning is an error."""
    script = folder / "example.py"
    script.write_text(examples(page, "python", url))
    return run([sys.executable, "-W", "error", str(script)], folder, url)


def type_check(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What a user's own strict type checker says of a script."""
    file = folder / "example.py"
    file.write_text(script)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, file.name]
    return run(command, folder, "")
