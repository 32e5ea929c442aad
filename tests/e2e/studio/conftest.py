"""A browser, and the studio in it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.local.api import Api
from tests.e2e.studio.page import ARGS, CHROMIUM, PATIENCE_MS, bring_key, saying


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)


@pytest.fixture
def page(browser: Browser, api: Api) -> Iterator[Page]:
    """The studio, in a browser that nobody has used; a script error or a request to elsewhere fails the test."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    bring_key(context)
    page = context.new_page()
    home = str(api.http.base_url)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if "Content Security Policy" in told.text else None)
    page.on("request", lambda sent: None if sent.url.startswith((home, "blob:", "data:")) else wrong.append(sent.url))
    page.goto(home)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def talking(page: Page) -> Page:
    """The studio with a sample opened."""
    page.get_by_role("button", name=re.compile("^a big red house")).click()
    expect(saying(page)).to_be_focused()
    return page
