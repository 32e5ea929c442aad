"""The command `dialogpaint` against the running stack, as a shell runs it."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dialogpaint.cli.exits import Exit
from services.local.api import Api, Json
from services.local.process import ROOT
from tests.e2e.conftest import Sample

COMMAND = [sys.executable, "-m", "dialogpaint"]
PATIENCE_S = 120


@pytest.fixture
def environment(api: Api) -> dict[str, str]:
    """The shell's environment."""
    ours = {"PYTHONPATH": str(ROOT / "client"), "DIALOGPAINT_URL": str(api.http.base_url).rstrip("/")}
    return {**os.environ, **ours, "DIALOGPAINT_KEY": os.environ.get("API_KEY", ""), "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def folder(api: Api, sample: Sample, tmp_path: Path) -> Path:
    """A folder with a picture that the models know."""
    (tmp_path / "picture.png").write_bytes(api.picture(f"/v1/images/{sample.image_id}"))
    return tmp_path


def run(
    environment: dict[str, str], folder: Path, *arguments: str, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_an_edit_is_written_and_told_to_scripts(environment: dict[str, str], folder: Path) -> None:
    ran = run(environment, folder, "--json", "edit", "picture.png", "make it night", "-o", "night.png", "--steps", "3")
    assert ran.returncode == Exit.DONE, ran.stderr
    edit = json.loads(ran.stdout)
    assert (edit["status"], edit["files"], edit["parameters"]["steps"]) == ("succeeded", ["night.png"], 3)
    assert (folder / "night.png").read_bytes() != (folder / "picture.png").read_bytes()

    watched = run(environment, folder, "watch", edit["id"], "--json")
    assert watched.returncode == Exit.DONE
    assert [json.loads(line)["event"] for line in watched.stdout.splitlines()][-1] == "edit.succeeded"


def test_several_pictures_get_numbers(environment: dict[str, str], folder: Path) -> None:
    ran = run(
        environment, folder, "edit", "picture.png", "make it sepia", "-o", "s.png", "--steps", "2", "--count", "2"
    )
    assert ran.returncode == Exit.DONE, ran.stderr
    assert sorted(file.name for file in folder.glob("s*.png")) == ["s-1.png", "s-2.png"]


def test_a_chat_asks_edits_undoes_and_saves(environment: dict[str, str], folder: Path, sample: Sample) -> None:
    lines = ["make it more fun", "make it night", "/undo", "/redo", "/save night.png", "/tree", "/quit", "never said"]
    ran = run(environment, folder, "chat", "picture.png", "--caption", sample.caption, "--json", typed="\n".join(lines))
    assert ran.returncode == Exit.DONE, ran.stderr
    asked, night, undone, redone, saved, tree = map(json.loads, ran.stdout.splitlines())
    assert (asked["reply"]["kind"], asked["edit"]) == ("clarification", None)
    assert night["edit"]["status"] == "succeeded"
    assert (undone["parent_id"], redone["edit_id"]) == (None, night["edit"]["id"])
    assert (saved["saved"], (folder / "night.png").exists()) == ("night.png", True)
    assert tree["head_revision_id"] == redone["id"]

    drawn = run(environment, folder, "tree", night["edit"]["conversation_id"])
    assert "● make it night" in drawn.stdout
    again = run(environment, folder, "chat", night["edit"]["conversation_id"], typed="/undo\n/undo\n")
    assert again.returncode == Exit.FAILED  # nobody was there to read that nothing was left to undo
    assert "the conversation began with" in again.stdout


def test_a_terminal_gets_pictures_and_a_bar(environment: dict[str, str], folder: Path) -> None:
    ours, theirs = pty.openpty()
    terminal = {**environment, "COLORTERM": "truecolor", "TERM": "xterm-256color", "NO_COLOR": ""}
    process = subprocess.Popen(
        [*COMMAND, "chat", "picture.png", "--steps", "12"],
        cwd=folder, env=terminal, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, b"make it night\n/quit\n")
    shown = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # the other end is gone
            break
        if not data:
            break
        shown += data
    os.close(ours)
    assert process.wait(timeout=PATIENCE_S) == Exit.DONE
    text = shown.decode()
    assert text.count("▀") > 2 * 48 * 20
    assert "of 12" in text


def test_ctrl_c_cancels_the_edit(api: Api, environment: dict[str, str], folder: Path) -> None:
    seed = time.time_ns()
    process = subprocess.Popen(
        [*COMMAND, "edit", "picture.png", "make it night", "-o", "never.png", "--steps", "100", "--seed", str(seed)],
        cwd=folder,
        env=environment,
    )
    edit = running(api, seed)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE_S) == Exit.INTERRUPTED
    assert api.finished(edit["id"])["status"] == "canceled"
    assert not (folder / "never.png").exists()


def test_an_edit_that_takes_too_long_goes_on(api: Api, environment: dict[str, str], folder: Path) -> None:
    seed = time.time_ns()
    ran = run(
        environment, folder,
        "edit", "picture.png", "make it sepia", "-o", "n.png", "--steps", "100", "--seed", str(seed), "--wait", "0.1",
    )  # fmt: skip
    edit = running(api, seed)
    assert (ran.returncode, edit["id"] in ran.stderr) == (Exit.STILL_RUNNING, True)
    api.cancel(edit["id"])


def test_the_operator_sees_the_queue_and_the_doctor_is_content(environment: dict[str, str], folder: Path) -> None:
    queue = json.loads(run(environment, folder, "queue", "--json").stdout)
    assert queue["workers"]
    assert "slots busy" in run(environment, folder, "queue").stdout
    doctor = run(environment, folder, "doctor", "--json")
    assert (doctor.returncode, json.loads(doctor.stdout)["well"]) == (Exit.DONE, True)
    assert "sample:snowy-cat" in run(environment, folder, "samples").stdout


def test_what_is_not_there_fails(environment: dict[str, str], folder: Path) -> None:
    assert run(environment, folder, "watch", "edit_unknown").returncode == Exit.FAILED
    assert run(environment, folder, "edit", "sample:none", "x", "-o", "x.png").returncode == Exit.USAGE


def running(api: Api, seed: int) -> Json:
    """The edit with this seed, once a worker runs it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = [each for each in api.http.get("/v1/edits").json()["items"] if each["parameters"]["seed"] == seed]
        if found and found[0]["status"] == "running":
            edit: Json = found[0]
            return edit
        time.sleep(0.1)
    raise TimeoutError(f"no worker runs the edit with seed {seed}")
