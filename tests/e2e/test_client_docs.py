"""What docs/client.md shows is what the client does, and it passes a user's type checker."""

from pathlib import Path

from services.local.api import Api
from services.local.process import ROOT
from tests.documents import examples, run, run_python, type_check

PAGE = ROOT / "docs" / "client.md"


def test_the_examples_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    ran = run_python(PAGE, tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert "edit.succeeded" in ran.stdout
    pictures = {name: (tmp_path / f"{name}.png").read_bytes() for name in ("picture", "night", "wish-0", "wish-1")}
    assert len(set(pictures.values())) == len(pictures)


def test_the_commands_run_as_they_are_printed(api: Api, tmp_path: Path) -> None:
    url = str(api.http.base_url).rstrip("/")
    (tmp_path / "picture.png").write_bytes(api.picture(api.samples()[0]["url"]))
    ran = run(["bash", "-euo", "pipefail", "-c", examples(PAGE, "bash")], tmp_path, url)
    assert ran.returncode == 0, ran.stderr
    assert all((tmp_path / f"{name}.png").stat().st_size for name in ("dark", "sepia", "talked", "range/sheet"))
    assert "← head" in ran.stdout


def test_the_examples_pass_a_strict_type_checker(tmp_path: Path) -> None:
    checked = type_check(examples(PAGE, "python"), tmp_path)
    assert checked.returncode == 0, checked.stdout
    wrong = 'from dialogpaint import DialogPaint\nDialogPaint().conversation("c").say("x", sed=7).question.upper()\n'
    checked = type_check(wrong, tmp_path)
    assert 'Unexpected keyword argument "sed"' in checked.stdout
    assert 'has no attribute "upper"' in checked.stdout
