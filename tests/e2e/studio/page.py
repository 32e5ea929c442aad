"""What a person does in the studio and sees there, for its tests."""

import json
import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from services.local.api import Api, Json

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = ["--no-sandbox", "--disable-background-networking"]
AXE = Path(__file__).parents[1] / "assets/axe.min.js"
PATIENCE_MS = 15_000
MANY_STEPS = 90
SERIOUS = ("serious", "critical")


def bring_key(context: BrowserContext) -> None:
    """Let its pages have the key of a stack that asks for one; that they ask for it themselves has its own test."""
    if key := os.environ.get("API_KEY"):
        context.add_init_script(f"sessionStorage.setItem('dialogpaint.key', {json.dumps(key)})")


def saying(page: Page) -> Locator:
    """Where one says what shall change."""
    return page.get_by_role("textbox", name="Say what shall change")


def say(page: Page, text: str) -> None:
    """Say something."""
    saying(page).fill(text)
    page.get_by_role("button", name="Send").click()


def revisions(page: Page) -> Locator:
    """The thumbnails of the tree."""
    return page.get_by_role("treeitem")


def see_finished(page: Page, edits: int = 1) -> None:
    """Wait until so many edits have succeeded and are in the tree."""
    expect(page.locator(".edit.is-succeeded")).to_have_count(edits, timeout=PATIENCE_MS)
    expect(revisions(page)).to_have_count(edits + 1)


def set_steps(page: Page, steps: int) -> None:
    """Choose how many steps the next edits take."""
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Steps").fill(str(steps))
    page.get_by_label("Steps").press("Escape")


def conversation_id(page: Page) -> str:
    """The conversation that the address names."""
    return page.url.partition("#")[2]


def choices(page: Page) -> Locator:
    """The pictures of the newest edit that has several."""
    return page.get_by_role("group", name=re.compile("^Pictures to choose from")).last.get_by_role("button")


def edits_of(api: Api, conversation: str) -> list[str]:
    """The edits that made the revisions of a conversation, the oldest first."""
    return list(dict.fromkeys(each["edit_id"] for each in api.revisions(conversation)[1:]))


def findings(page: Page) -> list[str]:
    """What axe finds to be seriously wrong."""
    page.evaluate(AXE.read_text())
    found: list[Json] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{f['id']}: {f['nodes'][0]['html']}" for f in found if f["impact"] in SERIOUS]
