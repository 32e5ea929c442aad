"""The studio in a real browser: what a person sees and does, by pointer, by keyboard, and when things go wrong."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

from gateway.auth import hash_key
from services.local.api import Api, Json
from services.local.process import Process
from services.local.stack import Stack, free_port

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = ["--no-sandbox", "--disable-background-networking"]
AXE = Path(__file__).parent / "assets/axe.min.js"
PATIENCE_MS = 15_000
MANY_STEPS = 90
SERIOUS = ("serious", "critical")
CHOICES = {
    "Shall I make the house bigger or smaller?": ["bigger", "smaller"],
    "Which time of day: day, sunset or night?": ["day", "sunset", "night"],
    "Which style: black and white, sepia or pixel art?": ["black and white", "sepia", "pixel art"],
    "There is no cat. Which one shall I paint: the house or the tree?": ["the house", "the tree"],
    "What should I change, the house or the tree?": ["the house", "the tree"],
    "What shall I add, for example a cat, a star or a ball?": ["a cat", "a star", "a ball"],
    "I have no teal. Shall I paint it blue?": ["yes", "no"],
    "What shall I put there?": [],
    "I know red, orange and blue.": [],
}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")


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


def test_a_sample_a_wish_a_picture(talking: Page, api: Api) -> None:
    say(talking, "make it night")
    see_finished(talking)
    record = api.conversation(conversation_id(talking))
    newest = api.revisions(record["id"])[-1]
    assert record["head_revision_id"] == newest["id"]
    expect(talking.get_by_role("heading", name="Picture 1: make it night")).to_be_visible()
    expect(talking.locator("#stage img.after")).to_have_attribute("src", f"/v1/images/{newest['image_id']}")
    expect(talking.get_by_role("status")).to_have_text("Finished: make it night.")


def test_a_picture_of_ones_own_with_a_caption(page: Page, api: Api) -> None:
    picture = api.picture(api.samples()[3]["url"])
    page.locator("#file").set_input_files({"name": "car.png", "mimeType": "image/png", "buffer": picture})
    page.get_by_label("What does it show?").fill("a yellow car in a city")
    page.get_by_role("button", name="Start").click()
    expect(saying(page)).to_be_visible()
    assert api.conversation(conversation_id(page))["caption"] == "a yellow car in a city"


def test_a_file_that_is_no_picture_is_refused_in_words(page: Page) -> None:
    page.locator("#file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"})
    expect(page.get_by_role("alert")).to_have_text("That is no PNG, JPEG or WebP picture; choose another file.")


def test_a_conversation_can_be_taken_along_and_brought_back(talking: Page, api: Api, tmp_path: Path) -> None:
    with talking.expect_download() as downloading:
        talking.get_by_role("button", name="Export conversation").click()
    first = conversation_id(talking)
    assert downloading.value.suggested_filename == f"{first}.zip"
    downloading.value.save_as(tmp_path / "talk.zip")
    talking.get_by_role("link", name="New picture").click()
    talking.locator("#file").set_input_files(tmp_path / "talk.zip")
    expect(saying(talking)).to_be_visible()
    assert conversation_id(talking) != first
    assert len(api.revisions(conversation_id(talking))) == 1


def test_a_question_can_be_answered_by_a_tap(talking: Page, api: Api) -> None:
    say(talking, "make it more fun")
    answers = talking.get_by_role("group", name="Possible answers").get_by_role("button")
    expect(answers).not_to_have_count(0)
    chosen = answers.last.inner_text()
    answers.last.click()
    expect(talking.locator(".said").nth(1)).to_contain_text(chosen)
    expect(talking.locator(".is-thinking")).to_have_count(0)
    turns = api.http.get(f"/v1/conversations/{conversation_id(talking)}/turns").json()["items"]
    assert [turn["text"] for turn in turns] == ["make it more fun", chosen]


def test_choices_are_read_from_the_question(page: Page) -> None:
    read = "async (question) => (await import('/studio/js/choices.js')).choicesOf(question)"
    assert {question: page.evaluate(read, question) for question in CHOICES} == CHOICES


def test_the_instruction_is_shown_and_run_in_other_words(talking: Page, api: Api) -> None:
    talking.get_by_text("Show me the instruction first").click()
    say(talking, "make it night")
    instruction = talking.get_by_role("textbox", name="The instruction")
    expect(instruction).to_have_value("make it night")
    assert len(api.revisions(conversation_id(talking))) == 1
    instruction.fill("make it sepia")
    talking.get_by_role("button", name="Run it").click()
    see_finished(talking)
    assert api.revisions(conversation_id(talking))[-1]["instruction"] == "make it sepia"
    talking.reload()
    see_finished(talking)
    expect(talking.get_by_text("Proposed: make it night")).to_be_visible()


def test_only_the_marked_area_changes(talking: Page, api: Api) -> None:
    talking.get_by_role("button", name="Area").click()
    talking.get_by_role("button", name="Left", exact=True).click()
    say(talking, "make it night")
    see_finished(talking)
    edit_id = api.revisions(conversation_id(talking))[-1]["edit_id"]
    assert api.edit(edit_id)["mask_image_id"] is not None


def test_an_edit_can_be_watched_and_stopped(talking: Page, api: Api) -> None:
    set_steps(talking, MANY_STEPS)
    say(talking, "make it night")
    stage = talking.get_by_role("region", name="Original")
    expect(stage.get_by_text(re.compile(rf"Step [1-9]\d* of {MANY_STEPS}"))).to_be_visible()
    expect(talking.get_by_role("button", name="Send")).to_be_disabled()
    stage.get_by_role("button", name="Stop").click()
    expect(talking.get_by_text("Stopped before it was finished.")).to_be_visible()
    assert api.conversation(conversation_id(talking))["unfinished_edit_id"] is None
    expect(saying(talking)).to_be_focused()


def test_a_long_edit_that_was_stopped_is_run_after_all(talking: Page, api: Api) -> None:
    conversation = conversation_id(talking)
    three = {"instruction": "make it night; make it sunset; make it night", "parameters": {"steps": 1}}
    done = api.http.post("/v1/edits", json={"conversation_id": conversation, **three}).raise_for_status().json()
    api.finished(done["id"])
    stopped = api.say(conversation, "make it sepia", base="root", parameters={"steps": 10})["edit"]
    api.cancel(stopped["id"])
    talking.get_by_role("button", name="Run it after all").click()
    see_finished(talking, edits=2)
    again = api.edit(api.revisions(conversation)[-1]["edit_id"])
    assert again["rerun_of"] == stopped["id"]
    assert (again["prior_instructions"], again["parameters"]) == (stopped["prior_instructions"], stopped["parameters"])
    assert len(again["prior_instructions"]) == 3


def test_undo_redo_and_a_branch(talking: Page, api: Api) -> None:
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_role("button", name="Undo").click()
    expect(talking.get_by_role("heading", name="Original")).to_be_visible()
    talking.get_by_role("button", name="Redo").click()
    expect(talking.get_by_role("heading", name="Picture 1")).to_be_visible()
    revisions(talking).first.click()
    talking.get_by_role("button", name="Continue from here").click()
    expect(revisions(talking).first).to_have_accessible_name("Original, the present picture")
    say(talking, "make it sepia")
    see_finished(talking, edits=2)
    root, *branches = api.revisions(conversation_id(talking))
    assert [branch["parent_id"] for branch in branches] == [root["id"], root["id"]]


def test_two_pictures_are_compared_by_pointer_and_keyboard(talking: Page) -> None:
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_role("button", name="Compare").click()
    slider = talking.get_by_role("slider", name="Before and after")
    expect(slider).to_have_value("50")
    slider.press("ArrowRight")
    expect(slider).to_have_value("51")
    box = slider.bounding_box()
    assert box is not None
    talking.mouse.click(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2)
    expect(slider).to_have_value("20")
    before = talking.locator("#stage img.before").evaluate("image => getComputedStyle(image).clipPath")
    assert "80%" in before


def choices(page: Page) -> Locator:
    """The pictures of the newest edit that has several."""
    return page.get_by_role("group", name=re.compile("^Pictures to choose from")).last.get_by_role("button")


def test_a_range_is_tried_and_one_of_its_pictures_chosen(talking: Page, api: Api) -> None:
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_text("More", exact=True).click()
    talking.get_by_role("button", name="Try a range").click()
    expect(choices(talking)).to_have_count(9, timeout=PATIENCE_MS)
    expect(choices(talking).first).to_have_attribute("aria-pressed", "true")
    first, swept = (api.edit(edit_id) for edit_id in edits_of(api, conversation_id(talking)))
    cell, asked = swept["cells"][4], first["parameters"]
    assert all(cell[name] == asked[name] for name in ("seed", "text_guidance_scale", "image_guidance_scale"))
    middle = choices(talking).nth(4)
    scales = f"follow the words {cell['text_guidance_scale']:g}, keep the picture {cell['image_guidance_scale']:g}"
    expect(middle).to_have_accessible_name(scales)
    middle.press("Enter")
    expect(middle).to_have_attribute("aria-pressed", "true")
    expect(middle).to_be_focused()
    expect(talking.locator("#stage img.after")).to_have_attribute("src", cell["url"])
    assert api.conversation(conversation_id(talking))["head_revision_id"] == cell["revision_id"]
    expect(revisions(talking)).to_have_count(3)  # what was not chosen is not in the way
    for width in (1280, 390):
        talking.set_viewport_size({"width": width, "height": 800})
        assert talking.evaluate("document.documentElement.scrollWidth") == width
        assert findings(talking) == []


def test_variations_lie_side_by_side(talking: Page) -> None:
    talking.get_by_text("More", exact=True).click()
    expect(talking.get_by_role("button", name="Try a range")).to_be_disabled()
    talking.get_by_role("group", name="Variations").get_by_text("4", exact=True).click()
    saying(talking).click()
    say(talking, "make it night")
    expect(choices(talking)).to_have_count(4, timeout=PATIENCE_MS)
    choices(talking).last.click()
    expect(choices(talking).last).to_have_attribute("aria-pressed", "true")
    expect(talking.get_by_role("heading", name="Picture 4: make it night")).to_be_visible()
    talking.get_by_role("button", name="Undo").click()
    talking.get_by_role("button", name="Redo").click()
    expect(talking.get_by_role("heading", name="Picture 4: make it night")).to_be_visible()


def edits_of(api: Api, conversation: str) -> list[str]:
    """The edits that made the revisions of a conversation, the oldest first."""
    return list(dict.fromkeys(each["edit_id"] for each in api.revisions(conversation)[1:]))


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


def test_a_rating_reaches_the_edit(talking: Page, api: Api) -> None:
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_text("Rate it").click()
    for question, mark in (("Is the picture good?", "4"), ("Is it what you wanted?", "5")):
        talking.get_by_role("group", name=re.compile(re.escape(question))).get_by_text(mark, exact=True).click()
    talking.locator(".rating").get_by_role("button", name="Send").click()
    expect(talking.get_by_text("You rated it 4 and 5 of 5.")).to_be_visible()
    edit = api.edit(api.revisions(conversation_id(talking))[-1]["edit_id"])
    assert (edit["rating"]["image_quality"], edit["rating"]["satisfaction"]) == (4, 5)


def test_a_conversation_that_is_gone_leads_to_the_start(page: Page, api: Api) -> None:
    page.goto(f"{api.http.base_url}/#conv_gone")
    expect(page.get_by_text("This conversation does not exist any more.")).to_be_visible()
    expect(page.get_by_role("heading", name="Change a picture by talking about it")).to_be_visible()


def test_everything_works_by_keyboard_alone(page: Page, api: Api) -> None:
    expect(page.get_by_role("button", name=re.compile("^a big red house"))).to_be_visible()
    tab_to(page, "a big red house")
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


def tab_to(page: Page, name: str, backwards: bool = False, role: str | None = None) -> None:
    """Press Tab until what has this name is focused; it must show that it is."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused = page.locator(":focus")
        if not focused.count() or (role and focused.get_attribute("role") != role):
            continue
        told = focused.get_attribute("aria-label") or focused.inner_text()
        if name.lower() in told.lower():
            assert focused.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
            return
    raise AssertionError(f"{name} can't be reached with Tab")


def findings(page: Page) -> list[str]:
    """What axe finds to be seriously wrong."""
    page.evaluate(AXE.read_text())
    found: list[Json] = page.evaluate("async () => (await axe.run()).violations")
    return [f"{f['id']}: {f['nodes'][0]['html']}" for f in found if f["impact"] in SERIOUS]


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


def test_the_documentation_needs_no_other_host(page: Page, api: Api) -> None:
    page.goto(f"{api.http.base_url}/docs")
    expect(page.locator("#operations-turns-create_turn")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#operations-turns-create_turn").click()
    expect(page.get_by_text("Idempotency-Key").first).to_be_visible()
