"""The studio in a real browser: going back, comparing, choosing among several pictures, rating."""

import re

import pytest
from playwright.sync_api import Page, expect

from services.local.api import Api
from tests.e2e.studio.page import (
    CHROMIUM,
    PATIENCE_MS,
    choices,
    conversation_id,
    edits_of,
    findings,
    revisions,
    say,
    saying,
    see_finished,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)")


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
    expect(talking.locator("#stage img.after")).to_have_attribute("data-url", cell["url"])
    expect(talking.locator("#stage img.after")).not_to_have_js_property("naturalWidth", 0)
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


def test_people_are_asked_about_two_pictures_and_the_study_goes_again(talking: Page, api: Api) -> None:
    say(talking, "make it night")
    see_finished(talking)
    talking.get_by_role("button", name="Undo").click()
    say(talking, "make it night")
    see_finished(talking, edits=2)
    talking.get_by_role("button", name="Compare").click()
    talking.get_by_label("Compare with").select_option("Picture 1")
    talking.get_by_role("button", name="Ask people").click()
    form = talking.get_by_role("dialog", name="Ask people")
    expect(form.get_by_label("What was asked for")).to_have_value("make it night")
    assert findings(talking) == []
    form.get_by_label("Title").fill("Two nights")
    form.get_by_label("Second picture").fill("the later one")
    root, *nights = api.revisions(conversation_id(talking))
    form.get_by_role("button", name="Make the study").click()
    expect(talking.get_by_role("heading", name="Two nights")).to_be_visible()
    study = api.http.get(f"/v1/studies/{talking.url.partition('#')[2].partition('/')[0]}").json()
    [pair] = study["pairs"]
    assert (pair["instruction"], pair["source_image_id"]) == ("make it night", root["image_id"])
    assert [pair[side]["image_id"] for side in ("a", "b")] == [night["image_id"] for night in nights]
    assert [pair[side]["label"] for side in ("a", "b")] == ["Picture 1", "the later one"]

    talking.get_by_role("link", name="Studies").click()
    talking.get_by_role("button", name="Delete: Two nights").click()
    talking.get_by_role("dialog", name="Delete the study").get_by_role("button", name="Delete").click()
    expect(talking.get_by_role("link", name="Results: Two nights")).to_be_hidden()
    assert api.http.get(study["urls"]["self"]).status_code == 404
