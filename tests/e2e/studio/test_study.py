"""A user study in a real browser: a person judges by keys and by pointer, and the results are drawn."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from services.local.api import Api, Json
from tests.e2e.studio.page import CHROMIUM, PATIENCE_MS, bring_key, findings

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A dark phone; a script error fails the test."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    bring_key(context)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if "Content Security Policy" in told.text else None)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def study(api: Api) -> Iterator[Json]:
    """A study of three pairs, in each the first sample is called good and the second bad."""
    good, bad = (sample["image_id"] for sample in api.samples()[:2])
    pair = {"instruction": "make it night", "source_image_id": good, "a": {"image_id": good, "label": "good"}}
    wanted = {"title": "Two samples", "pairs": [{**pair, "b": {"image_id": bad, "label": "bad"}}] * 3}
    made: Json = api.http.post("/v1/studies", json=wanted).raise_for_status().json()
    yield made
    api.http.delete(made["urls"]["self"]).raise_for_status()


def test_a_person_judges_pairs_and_the_results_are_drawn(phone: Page, api: Api, study: Json) -> None:
    good = study["pairs"][0]["a"]["url"]
    phone.goto(f"{api.http.base_url}{study['urls']['page']}")
    told, choices = phone.locator("#study"), phone.locator(".study-choice:enabled")
    expect(choices).to_have_count(2)
    assert "good" not in told.inner_text()
    assert findings(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 390

    choices.filter(has=phone.locator(f'img[data-url="{good}"]')).click()
    expect(told.get_by_text("2 of 3", exact=True)).to_be_visible()
    expect(choices).to_have_count(2)
    phone.keyboard.press("1" if good in (choices.first.locator("img").get_attribute("data-url") or "") else "2")
    expect(told.get_by_text("3 of 3", exact=True)).to_be_visible()
    expect(choices).to_have_count(2)
    phone.reload()
    expect(told.get_by_text("3 of 3", exact=True)).to_be_visible()  # the page knows who it is
    expect(choices).to_have_count(2)
    phone.keyboard.press("2")
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    phone.get_by_role("button", name="Change my last answer").click()
    expect(choices).to_have_count(2)
    phone.get_by_role("button", name="No difference").click()
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()

    phone.goto(f"{api.http.base_url}/#studies")
    phone.get_by_role("link", name="Results: Two samples").click()
    expect(phone.get_by_text("3 votes of 1 person")).to_be_visible()
    expect(phone.locator(".chart-item").filter(has_text=re.compile("^good"))).to_contain_text("2 : 0, 1 the same")
    assert findings(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    with phone.expect_download() as download:
        phone.get_by_role("button", name="Votes as CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 4


def test_who_is_invited_needs_no_key_and_asks_for_nothing_else(phone: Page, api: Api, study: Json) -> None:
    sent: list[tuple[str, str | None]] = []
    phone.on(
        "request",
        lambda request: (
            sent.append((request.url, request.all_headers().get("authorization"))) if "/v1/" in request.url else None
        ),
    )
    phone.goto(f"{api.http.base_url}{study['urls']['invitation']}")
    told, choices = phone.locator("#study"), phone.locator(".study-choice:enabled")
    expect(choices).to_have_count(2)
    phone.keyboard.press("1")
    expect(told.get_by_text("2 of 3", exact=True)).to_be_visible()
    assert {key for _, key in sent} == {f"Bearer {study['invitation']}"}
    assert all("/v1/studies/" in url or "/v1/images/" in url for url, _ in sent)


def test_an_invitation_that_is_not_known_is_told_and_no_key_is_asked_for(phone: Page, api: Api, study: Json) -> None:
    phone.goto(f"{api.http.base_url}{study['urls']['invitation'][:-4]}0000")
    expect(phone.get_by_role("heading", name="The study can't be shown now")).to_be_visible()
    expect(phone.get_by_text("This invitation is not known")).to_be_visible()
    expect(phone.get_by_role("dialog")).to_have_count(0)
