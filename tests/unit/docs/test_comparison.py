"""docs/comparison.md claims nothing of ours without a test, and nothing of others without a page."""

import re

from services.local.process import ROOT

PAGE = ROOT / "docs" / "comparison.md"
TEXT = PAGE.read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("|") and not line.startswith(("| |", "|---"))
]
OURS, OTHERS = 1, slice(2, None)
# Of hosted services by their nature, or no claim at all.
PLAIN = ("n/d", "no", "–", "by model", "accounts", "yes", "no, hosted", "yes, it is theirs")
YES = re.compile(r"\[yes\]\(\.\./(tests/[\w/.]+\.py)\)")


def test_each_yes_of_ours_is_a_link_to_a_test_that_is_there() -> None:
    assert len(ROWS) > 25
    for name, cell in ((row[0], row[OURS]) for row in ROWS):
        linked = YES.fullmatch(cell)
        assert linked or cell.startswith("no"), name
        assert linked is None or "def test_" in (ROOT / linked[1]).read_text(), name


def test_each_claim_about_others_names_a_page_or_says_nothing_that_needs_one() -> None:
    for row in ROWS:
        for cell in row[OTHERS]:
            assert cell in PLAIN or re.search(r"\[\d+\]", cell), (row[0], cell)


def test_each_number_is_a_page_and_each_page_is_used() -> None:
    table, _, listed = TEXT.partition("## Pages that were read")
    pages = dict(re.findall(r"^(\d+)\. .*?<(https://[^>]+)>", listed, flags=re.MULTILINE))
    assert set(re.findall(r"\[(\d+)\]", table)) == set(pages)


def test_it_says_when_that_was() -> None:
    assert re.search(r"As of \d+ \w+ 20\d\d\.", TEXT)
