"""The studio in a real browser: how a person begins, talks, agrees, marks an area, and stops."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.local.api import Api
from tests.e2e.studio.page import CHROMIUM, MANY_STEPS, conversation_id, say, saying, see_finished, set_steps

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


def test_a_sample_a_wish_a_picture(talking: Page, api: Api) -> None:
    say(talking, "make it night")
    see_finished(talking)
    record = api.conversation(conversation_id(talking))
    newest = api.revisions(record["id"])[-1]
    assert record["head_revision_id"] == newest["id"]
    expect(talking.get_by_role("heading", name="Picture 1: make it night")).to_be_visible()
    shown = talking.locator("#stage img.after")
    expect(shown).to_have_attribute("data-url", f"/v1/images/{newest['image_id']}")
    expect(shown).not_to_have_js_property("naturalWidth", 0)
    expect(talking.get_by_role("status")).to_have_text("Finished: make it night.")


def test_a_picture_of_ones_own_with_a_caption(page: Page, api: Api) -> None:
    picture = api.picture(api.samples()[3]["url"])
    page.locator("#file").set_input_files({"name": "car.png", "mimeType": "image/png", "buffer": picture})
    page.get_by_label("What does it show?").fill("a yellow car in a city")
    page.get_by_role("button", name="Start").click()
    expect(saying(page)).to_be_visible()
    assert api.conversation(conversation_id(page))["caption"] == "a yellow car in a city"


@pytest.mark.parametrize(("name", "kind"), [("a.txt", "text/plain"), ("a.png", "image/png")])
def test_a_file_that_is_no_picture_is_refused_in_words(page: Page, name: str, kind: str) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": b"words"})
    expect(page.get_by_role("alert")).to_have_text("That is no PNG, JPEG or WebP picture; choose another file.")


def test_earlier_conversations_are_shown_on_demand(page: Page, api: Api) -> None:
    image = api.samples()[0]["image_id"]
    made = [api.converse(image, caption=f"number {number}")["id"] for number in range(8)]
    page.reload()
    recent = page.get_by_role("region", name="Go on where you left off").get_by_role("link")
    expect(recent).to_have_count(6)
    page.get_by_role("button", name="Show earlier ones").click()
    expect(page.locator(f'#recent a[href="#{made[0]}"]')).to_be_visible()
    expect(recent.nth(6)).to_be_focused()


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
