"""The pages of docs/recipes quote the scripts that are run, and the notebook is one."""

import json
import re
from pathlib import Path

import pytest

from services.local.process import ROOT

RECIPES = ROOT / "docs" / "recipes"
SCRIPTS = sorted(RECIPES.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_a_page_quotes_its_script_as_it_is(script: Path) -> None:
    text = script.read_text()
    quoting = [page for page in RECIPES.glob("*.md") if f"```python\n{text}```" in page.read_text()]
    assert len(quoting) == 1


def test_the_index_names_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w.]+\.md)\)", (RECIPES / "README.md").read_text()))
    assert linked == {page.name for page in RECIPES.glob("*.md")} - {"README.md"}
    assert len(SCRIPTS) == len(linked) == 3


def test_the_notebook_is_one_and_was_run_from_top_to_bottom() -> None:
    notebook = json.loads((ROOT / "docs" / "notebook.ipynb").read_text())
    assert notebook["nbformat"] == 4
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 5
    assert not [output for output in outputs if output["output_type"] == "error"]
