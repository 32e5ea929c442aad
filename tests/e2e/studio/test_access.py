"""The studio in a real browser for everybody: keyboard, narrow windows, both colour schemes, no other host."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.local.api import Api
from tests.e2e.studio.page import CHROMIUM, PATIENCE_MS, conversation_id, findings, revisions, say, saying, see_finished

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")


def test_everything_works_by_keyboard_alone(page: Page, api: Api) -> None:
    expect(page.get_by_role("button", name=re.compile("^a big red house"))).to_be_visible()
    tab_to(page, "a big red house", tag="button")  # of the samples: conversations about it are links
    page.keyboard.press("Enter")
    expect(saying(page)).to_be_focused()
    page.keyboard.type("make it night")
    page.keyboard.press("Enter")
    see_finished(page)
    tab_to(page, "Undo", backwards=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Original")).to_be_visible()
    tab_to(page, "Original", role="treeitem")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Picture 1")).to_be_visible()
    tab_to(page, "Continue from here", backwards=True)
    page.keyboard.press("Enter")
    expect(saying(page)).to_be_focused()
    record = api.conversation(conversation_id(page))
    assert record["head_revision_id"] != record["root_revision_id"]


def tab_to(page: Page, name: str, backwards: bool = False, role: str | None = None, tag: str | None = None) -> None:
    """Press Tab until what has this name is focused; it must show that it is."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused = page.locator(":focus")
        if not focused.count() or (role and focused.get_attribute("role") != role):
            continue
        if tag and focused.evaluate("element => element.localName") != tag:
            continue
        told = focused.get_attribute("aria-label") or focused.inner_text()
        if told.lower().startswith(name.lower()):  # not "Delete: …", which is about it
            assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
            return
    raise AssertionError(f"{name} can't be reached with Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(talking: Page, scheme: Any) -> None:
    talking.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    say(talking, "make it more fun")
    expect(talking.get_by_role("group", name="Possible answers")).to_be_visible()
    assert findings(talking) == []
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_role("button", name="Compare").click()
    talking.get_by_text("More", exact=True).click()
    assert findings(talking) == []
    talking.get_by_role("link", name="New picture").click()
    expect(talking.get_by_role("link", name=re.compile("big red house")).first).to_be_visible()
    assert findings(talking) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_of_the_window(talking: Page, width: int) -> None:
    talking.set_viewport_size({"width": width, "height": 800})
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_role("button", name="Compare").click()
    revisions(talking).first.click()
    for _view in ("the conversation", "the start"):
        assert talking.evaluate("document.documentElement.scrollWidth") == width
        talking.goto(talking.url.partition("#")[0])


def test_the_documentation_needs_no_other_host(page: Page, api: Api) -> None:
    page.goto(f"{api.http.base_url}/docs")
    expect(page.locator("#operations-turns-create_turn")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#operations-turns-create_turn").click()
    expect(page.get_by_text("Idempotency-Key").first).to_be_visible()
