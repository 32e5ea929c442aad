"""What the schemas take, refuse and fill in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.conversation import ConversationPatch, ConversationRequest
from shared.schemas.dialogue import DialogueReply, DialogueRequest
from shared.schemas.edit import NEXT, Edit, EditRequest, EditStatus, Progress, Rating
from shared.schemas.parameters import EditDefaults, EditParameters, ResolvedParameters
from shared.schemas.turn import TurnRequest

DEFAULTS = EditDefaults(steps=20, text_guidance_scale=7.5, image_guidance_scale=1.5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"steps": 101},
        {"steps": 5.0},
        {"steps": "5"},
        {"steps": True},
        {"text_guidance_scale": 0.5},
        {"text_guidance_scale": float("nan")},
        {"text_guidance_scale": "7.5"},
        {"image_guidance_scale": 10.1},
        {"image_guidance_scale": float("inf")},
        {"seed": -1},
        {"seed": 2**63},
        {"count": 9},
        {"steps": 3, "preview_every": 4},
        {"preview_every": -1},
        {"strength": 0.8},
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EditParameters.model_validate(wrong)


def test_the_outermost_right_parameters_are_taken() -> None:
    given = {"steps": 100, "text_guidance_scale": 30, "image_guidance_scale": 0, "seed": 2**63 - 1, "count": 8}
    assert EditParameters.model_validate(given).model_dump(exclude_none=True) == given


def test_parameters_come_from_the_request_then_the_conversation_then_the_model() -> None:
    asked = EditParameters(steps=5).over(EditParameters(steps=9, count=2))
    assert asked.resolve(DEFAULTS, seed=42) == ResolvedParameters(
        steps=5, text_guidance_scale=7.5, image_guidance_scale=1.5, count=2, preview_every=0, seed=42
    )


def test_a_seed_that_was_asked_for_is_kept() -> None:
    assert EditParameters(seed=7).resolve(DEFAULTS, seed=42).seed == 7


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"sweep": {}}, "at least two values"),
        ({"sweep": {"text_guidance_scale": [3]}}, "at least two values"),
        ({"sweep": {"text_guidance_scale": [3, 3]}}, "names a value twice"),
        ({"sweep": {"text_guidance_scale": [1, 2, 3, 4], "image_guidance_scale": [1, 2, 3]}}, "4 × 3 pictures"),
        ({"sweep": {"text_guidance_scale": [1, 2, 3, 4, 5]}}, "at most 4"),
        ({"sweep": {"text_guidance_scale": [], "image_guidance_scale": [1, 2]}}, "at least 1"),
        ({"sweep": {"text_guidance_scale": [0.5, 2]}}, "greater than or equal to 1"),
        ({"sweep": {"image_guidance_scale": [1, 10.1]}}, "less than or equal to 10"),
        ({"sweep": {"text_guidance_scale": ["3", "4"]}}, "valid number"),
        ({"sweep": {"text_guidance_scale": [True, 4]}}, "valid number"),
        ({"sweep": {"text_guidance_scale": [float("nan"), 4]}}, "finite number"),
        ({"sweep": {"steps": [3, 4]}}, "not permitted"),
        ({"sweep": {"text_guidance_scale": [1, 2]}, "count": 2}, "leave count out"),
        ({"sweep": {"text_guidance_scale": [1, 2]}, "text_guidance_scale": 3}, "leave the plain one out"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused_in_words(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        EditParameters.model_validate(wrong)


def test_a_sweep_makes_its_pictures_row_by_row_from_one_seed_and_counts_as_so_many() -> None:
    sweep = {"text_guidance_scale": [3, 5, 7.5], "image_guidance_scale": [1.2, 1.6]}
    resolved = EditParameters.model_validate({"sweep": sweep, "count": 1}).resolve(DEFAULTS, seed=42)
    made_with = [(each.text_guidance_scale, each.image_guidance_scale) for each in resolved.each_picture()]
    assert made_with == [(3, 1.2), (3, 1.6), (5, 1.2), (5, 1.6), (7.5, 1.2), (7.5, 1.6)]
    assert {each.seed for each in resolved.each_picture()} == {42}
    assert (resolved.count, resolved.text_guidance_scale, resolved.image_guidance_scale) == (6, 3, 1.2)
    assert ResolvedParameters.model_validate_json(resolved.model_dump_json()) == resolved


def test_a_sweep_of_one_scale_takes_the_other_from_wherever_it_would_come_from() -> None:
    asked = EditParameters.model_validate({"sweep": {"text_guidance_scale": [3, 5]}})
    wider = EditParameters(count=4, text_guidance_scale=9, image_guidance_scale=1.1)
    sweep = asked.over(wider).resolve(DEFAULTS, seed=0).sweep
    assert sweep is not None
    assert (sweep.text_guidance_scale, sweep.image_guidance_scale) == ([3, 5], [1.1])


def test_a_conversation_has_no_sweep_among_its_defaults() -> None:
    defaults = {"sweep": {"text_guidance_scale": [3, 5]}}
    for schema, body in ((ConversationRequest, {"image_id": "img_1"}), (ConversationPatch, {})):
        with pytest.raises(ValidationError, match="leave it out of the defaults"):
            schema.model_validate({**body, "defaults": EditParameters.model_validate(defaults)})


def test_pictures_of_one_edit_have_seeds_one_after_the_other() -> None:
    edit = an_edit(count=3, seed=2**63 - 2, image_ids=["img_2"])
    assert [cell.seed for cell in edit.cells] == [2**63 - 2, 2**63 - 1, 0]
    assert [cell.url for cell in edit.cells] == ["/v1/images/img_2", None, None]


def test_previews_must_fit_the_steps_that_the_model_decides() -> None:
    with pytest.raises(ValidationError):
        EditParameters(preview_every=21).resolve(DEFAULTS, seed=0)


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, 7, None, "\ud800"])
def test_text_is_neither_empty_nor_too_long_nor_broken(text: Any) -> None:
    with pytest.raises(ValidationError):
        TurnRequest.model_validate({"text": text})


@pytest.mark.parametrize("base", ["", "rev_", "head ", "img_1", "rev_a/../b", "Root"])
def test_a_base_is_head_root_or_a_revision(base: str) -> None:
    with pytest.raises(ValidationError):
        TurnRequest(text="hello", base=base)


@pytest.mark.parametrize(
    "wrong",
    [
        {"instruction": "paint it red"},
        {"image_id": "img_1", "instruction": "paint it red", "base_revision_id": "rev_1"},
        {"image_id": "../etc/passwd", "instruction": "paint it red"},
        {"image_id": "img_1", "instruction": ""},
        {"image_id": "img_1", "instruction": "paint it red", "unknown": 1},
    ],
)
def test_an_edit_needs_a_source_and_an_instruction(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EditRequest.model_validate(wrong)


def test_a_patch_tells_what_is_absent_from_what_is_null() -> None:
    assert ConversationPatch.model_validate({"title": None}).model_fields_set == {"title"}


def test_unknown_fields_of_requests_are_refused() -> None:
    with pytest.raises(ValidationError):
        ConversationRequest.model_validate({"image_id": "img_1", "color": "red"})


@pytest.mark.parametrize("rating", [{"image_quality": 0, "satisfaction": 3}, {"image_quality": 6, "satisfaction": 3}])
def test_ratings_go_from_one_to_five(rating: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Rating.model_validate(rating)


def test_a_reply_has_an_instruction_exactly_when_its_kind_is_edit() -> None:
    said = {"text": "Sure.", "model": "mini"}
    assert DialogueReply.model_validate({**said, "kind": "edit", "instruction": "remove the tree"}).instruction
    for wrong in ({"kind": "edit"}, {"kind": "chat", "instruction": "remove the tree"}):
        with pytest.raises(ValidationError):
            DialogueReply.model_validate({**said, **wrong})


def test_a_dialogue_request_survives_the_way_through_json() -> None:
    turn = {"user": "hi", "reply_kind": "chat", "reply": "hello"}
    request = DialogueRequest.model_validate({"text": "hi again", "turns": [turn]})
    assert DialogueRequest.model_validate(request.model_dump(mode="json")) == request


def test_terminal_states_are_those_without_a_way_out() -> None:
    assert {status for status in EditStatus if status.is_terminal} == {
        EditStatus.SUCCEEDED,
        EditStatus.FAILED,
        EditStatus.CANCELED,
    }
    assert set(NEXT) == set(EditStatus)


def an_edit(count: int = 1, seed: int = 1, image_ids: list[str] | None = None) -> Edit:
    scales = {"text_guidance_scale": 7.5, "image_guidance_scale": 1.5}
    return Edit(
        id="edit_1",
        status=EditStatus.SUCCEEDED,
        instruction="remove the tree",
        source_image_id="img_1",
        image_ids=image_ids or [],
        parameters=ResolvedParameters(steps=3, count=count, seed=seed, **scales),
        progress=Progress(step=3, steps=3),
        created_at=datetime(2025, 1, 1, tzinfo=UTC),
    )


def test_an_edit_carries_the_urls_to_follow_it() -> None:
    edit = an_edit(image_ids=["img_2"])
    assert edit.urls.events == "/v1/edits/edit_1/events"
    assert edit.urls.images == ["/v1/images/img_2"]
    assert Edit.model_validate_json(edit.model_dump_json()) == edit
    assert '"created_at":"2025-01-01T00:00:00Z"' in edit.model_dump_json()


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("HTTPS://Example.COM", "https://example.com/"),
        ("http://münchen.example/ä", "http://xn--mnchen-3ya.example/%C3%A4"),
        ("http://0x7f.1:8080/a?b=c", "http://127.0.0.1:8080/a?b=c"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
    ],
)
def test_a_webhook_url_is_kept_in_the_form_that_everybody_reads_alike(url: str, read: str) -> None:
    assert TurnRequest(text="night", webhook_url=url).webhook_url == read


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.com", "//example.com", "example.com", "http://", "http:///x", "javascript:alert(1)", ""),
        *("https://user@example.com", "https://:secret@example.com", "http://10.0.0.1\\@example.com/"),
        *("http://exa\nmple.com", "http://example.com/\t", "http://exa mple.com", "http://example.com/" + "x" * 2048),
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="webhook_url"):
        EditRequest(image_id="img_1", instruction="make it night", webhook_url=url)


def test_a_reader_skips_fields_that_a_newer_server_adds() -> None:
    assert Progress.model_validate({"step": 1, "steps": 2, "eta_s": 3}).step == 1
