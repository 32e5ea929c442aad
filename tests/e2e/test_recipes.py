"""The recipes, the notebook and docs/study.md do what they say, on the running stack."""

import io
import json
import os
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.local.api import Api
from services.local.process import ROOT

DOCS = ROOT / "docs"
CAPTION = "an orange cat and a yellow star, in the snow"


@pytest.fixture
def url(api: Api, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the stack is; the environment says so too."""
    url = str(api.http.base_url).rstrip("/")
    monkeypatch.setenv("DIALOGPAINT_URL", url)
    monkeypatch.setenv("DIALOGPAINT_KEY", os.environ.get("API_KEY", ""))
    return url


@pytest.fixture
def folder(api: Api, tmp_path: Path) -> Path:
    """A folder with two pictures in a folder of it."""
    (tmp_path / "in").mkdir()
    for sample in api.samples()[:2]:
        (tmp_path / "in" / f"{sample['name']}.png").write_bytes(api.picture(sample["url"]))
    return tmp_path


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a script as the shell does: its status, and what it wrote to stdout and stderr."""
    monkeypatch.chdir(folder)

    def run(script: str, *arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [script, *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(DOCS / "recipes" / script), run_name="__main__")
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


@pytest.mark.usefixtures("url")
def test_a_batch_a_bot_and_a_shop_do_what_their_pages_say(run: Run, folder: Path) -> None:
    (folder / "in" / "broken.png").write_text("no picture")
    status, _out, wrong = run("batch_folder.py", "in", "make it night", "out")
    assert (status, "broken.png" in wrong) == (1, True)
    (folder / "in" / "broken.png").unlink()
    assert run("batch_folder.py", "in", "make it night", "out") == (0, "0 of 2 pictures to edit\n", "")
    assert sorted(file.name for file in (folder / "out").iterdir()) == ["beach-ball.png", "snowy-cat.png"]

    assert run("colour_variants.py", "in/snowy-cat.png", "cat", "blue", "pink")[0] == 0
    with Image.open(folder / "variants" / "sheet.png") as sheet:
        assert sheet.size == (12 + 3 * 204, 12 + 228)
    assert (folder / "variants" / "snowy-cat-blue.png").read_bytes() != (folder / "in" / "snowy-cat.png").read_bytes()

    said: list[dict[str, str]] = [
        {"room": "bob", "text": "hello"},
        {"room": "ann", "picture": "in/snowy-cat.png", "text": CAPTION},
        {"room": "ann", "text": "make it more fun"},
        {"room": "ann", "text": "make it night"},
    ]
    status, heard, _wrong = run("chat_bot.py", "bot", typed="\n".join(map(json.dumps, said)))
    assert status == 0
    first, _begun, question, night = map(json.loads, heard.splitlines())
    assert first == {"room": "bob", "say": "Send me a picture first."}
    assert (question["say"][-1], "picture" in question) == ("?", False)
    _status, back, _wrong = run("chat_bot.py", "bot", typed='{"room": "ann", "text": "no, put it back as it was"}')
    before = json.loads(back)["picture"]  # another run of the bot still knows the room
    assert (folder / before).read_bytes() != (folder / night["picture"]).read_bytes()


@pytest.mark.usefixtures("url")
def test_the_notebook_runs_from_top_to_bottom() -> None:
    cells = json.loads((DOCS / "notebook.ipynb").read_text())["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
    with names["client"]:
        tree = names["conversation"].revisions()
        drawn = [(revision.instruction, len(tree.path(revision)) - 1) for revision in tree]
        assert drawn == [(None, 0), ("paint the star purple", 1), ("make it night", 1), ("make it night", 2)]
        assert names["both"].picture.data != names["night"].picture.data


def test_the_study_of_the_docs_can_be_held(api: Api, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / "study.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec("\n".join(blocks).replace("http://127.0.0.1:8000", url), names)
    told = capsys.readouterr().out.splitlines()
    with names["client"]:
        assert told[0] == f"{url}/#{names['study'].id}?invitation={names['study'].invitation}"
        assert told[-2].startswith("2,make it night,")
        assert names["results"].votes == 2
        names["client"].studies.delete(names["study"])
    assert api.http.get(names["study"].urls.self).status_code == 404
