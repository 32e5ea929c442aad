"""The studio in a real browser when things go wrong: reloads, lost connections, missing keys."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from gateway.auth import hash_key
from services.local.api import Api
from services.local.process import Process
from services.local.stack import Stack, free_port
from tests.e2e.studio.page import CHROMIUM, MANY_STEPS, conversation_id, say, saying, see_finished, set_steps

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")


def test_a_reload_restores_everything(talking: Page) -> None:
    say(talking, "make it more fun")
    expect(talking.locator(".reply.is-clarification")).to_be_visible()
    say(talking, "make it night")
    see_finished(talking)
    saying(talking).fill("half a thought")
    shown = talking.locator(".said, .reply, .edit-instruction").all_inner_texts()
    talking.reload()
    see_finished(talking)
    assert talking.locator(".said, .reply, .edit-instruction").all_inner_texts() == shown
    expect(saying(talking)).to_have_value("half a thought")


def test_what_happened_while_the_connection_was_lost_is_made_up_for(talking: Page, api: Api) -> None:
    asked: list[str | None] = []
    talking.on(
        "request", lambda sent: asked.append(sent.headers.get("last-event-id")) if "/events" in sent.url else None
    )
    set_steps(talking, MANY_STEPS)
    say(talking, "make it night")
    expect(talking.locator("#stage").get_by_text(re.compile(r"Step \d"))).to_be_visible()
    talking.context.set_offline(True)
    expect(talking.get_by_text("Connection lost")).to_be_visible()
    edit_id = api.conversation(conversation_id(talking))["unfinished_edit_id"]
    api.cancel(edit_id)
    api.finished(edit_id)
    api.say(conversation_id(talking), "make it sepia", wait_s=30)
    talking.context.set_offline(False)
    expect(talking.get_by_text("Connection lost")).to_be_hidden()
    expect(talking.get_by_text("Stopped before it was finished.")).to_be_visible()
    see_finished(talking)
    assert asked[-1] is not None


def test_what_could_not_be_sent_stays_and_is_sent_once(talking: Page, api: Api) -> None:
    def answer_gets_lost(route: Route) -> None:
        route.fetch()
        route.abort()

    talking.route("**/turns", answer_gets_lost, times=1)
    say(talking, "make it night")
    expect(talking.get_by_text("The gateway can't be reached.")).to_be_visible()
    expect(saying(talking)).to_have_value("make it night")
    see_finished(talking)
    talking.get_by_role("button", name="Try again").click()
    expect(talking.get_by_text("The gateway can't be reached.")).to_be_hidden()
    assert api.conversation(conversation_id(talking))["turn_count"] == 1


def test_a_conversation_that_is_gone_leads_to_the_start(page: Page, api: Api) -> None:
    page.goto(f"{api.http.base_url}/#conv_gone")
    expect(page.get_by_text("This conversation does not exist any more.")).to_be_visible()
    expect(page.get_by_role("heading", name="Change a picture by talking about it")).to_be_visible()


@contextmanager
def gateway_with_keys(stack: Stack, keys: str) -> Iterator[str]:
    """Another gateway on the same Redis, which wants a key."""
    port = free_port()
    env = {**stack.env, "GATEWAY_PORT": str(port), "API_KEYS": keys}
    gateway = Process("gateway", "exec python -m gateway", env, lambda _name, _line: None)
    gateway.start()
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/livez", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        gateway.stop(10)


def test_a_gateway_with_keys_asks_for_one(own_stack: Stack | None, browser: Browser) -> None:
    if own_stack is None:
        pytest.skip("starts another gateway beside a stack of its own")
    with gateway_with_keys(own_stack, f"ann:{hash_key('ann.secret')}") as url, browser.new_page() as page:
        page.goto(url)
        dialog = page.get_by_role("dialog", name="A key, please")
        dialog.get_by_label("API key").fill("ann.wrong")
        dialog.get_by_role("button").click()
        expect(dialog).to_contain_text("This key is unknown or was revoked.")
        dialog.get_by_label("API key").fill("ann.secret")
        dialog.get_by_role("button").click()
        page.get_by_role("button", name=re.compile("^a big red house")).click()
        picture = page.locator("#stage img.after")
        expect(picture).to_have_attribute("src", re.compile("^blob:"))
        assert picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
        say(page, "make it night")
        see_finished(page)
