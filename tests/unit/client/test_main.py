"""The command line: where options may stand, what it refuses, with which status it ends."""

import importlib.util
import io
import subprocess
from pathlib import Path

import pytest

from dialogpaint.cli.exits import MEANINGS, Exit
from dialogpaint.cli.main import main, make_parser

NOWHERE = "http://127.0.0.1:9"  # nothing listens on the discard port


@pytest.mark.parametrize(
    "arguments", [["--json", "--server", "http://x", "queue"], ["queue", "--json", "--server", "http://x"]]
)
def test_options_may_stand_before_and_behind_the_command(arguments: list[str]) -> None:
    wanted = make_parser().parse_args(arguments)
    assert (wanted.json, wanted.server) == (True, "http://x")


def test_the_help_lists_every_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"{status.value:<4} {MEANINGS[status]}" in text for status in Exit)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--server", "nowhere", "queue"], "is no address"),
        (["edit", "missing.png", "make it night", "-o", "out.png"], "There is no file missing.png"),
        (["edit", "missing.png", "make it night", "-o", "out.jpg"], "must end in .png"),
        (["edit", "missing.png", "make it night", "-o", "no/such/folder/out.png"], "There is no folder"),
        (["edit", "missing.png", "make it night", "-o", "no/such", "--sweep-text", "3,5"], "There is no folder no"),
        (["edit", "missing.png", "make it night", "-o", __file__, "--sweep-image", "1,2"], "is a file"),
        (["chat", "missing.png"], "There is no file missing.png"),
    ],
)
def test_a_wrong_argument_is_told_before_anything_is_sent(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIALOGPAINT_URL", NOWHERE)
    assert main(arguments) == Exit.USAGE
    assert says in capsys.readouterr().err


def test_scales_that_are_no_numbers_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["edit", "a.png", "make it night", "-o", "b", "--sweep-text", "3;5"])
    assert ended.value.code == Exit.USAGE
    assert "such as 3,5,7.5" in capsys.readouterr().err


def test_a_missing_server_sends_to_the_doctor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["--server", NOWHERE, "queue"]) == Exit.NO_SERVER
    assert "dialogpaint doctor" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_can_complete_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == Exit.DONE
    script = capsys.readouterr().out
    assert all(command in script for command in ("chat", "edit", "study", "keys", "completion", "sweep-text"))


def test_bash_completes_a_command_and_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["completion", "bash"])
    (tmp_path / "script").write_text(capsys.readouterr().out)
    (tmp_path / "picture.png").touch()
    ask = """
        source ./script
        COMP_WORDS=({words}); COMP_CWORD={last}; _shtab_dialogpaint 2> /dev/null; echo "${{COMPREPLY[@]}}"
    """
    said = [
        subprocess.run(
            ["bash", "-c", ask.format(words=words, last=len(words.split()) - 1)],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        ).stdout.split()
        for words in ("dialogpaint comp", "dialogpaint edit --sweep-t", "dialogpaint edit pic")
    ]  # fmt: skip
    assert said == [["compare", "completion"], ["--sweep-text"], ["picture.png"]]


def test_completion_without_its_package_says_which(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert main(["completion", "bash"]) == Exit.USAGE
    assert "pip install 'dialogpaint-client[terminal]'" in capsys.readouterr().err


def test_keys_without_the_gateway_says_where_they_are_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert main(["keys", "list"]) == Exit.USAGE
    assert "where the gateway is installed" in capsys.readouterr().err
