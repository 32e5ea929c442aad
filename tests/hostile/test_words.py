"""Words that try to be more than words: nothing typed becomes a control id, and no turn fails on our side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from dialogue_service.history import HistoryEncoder, normalised
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind
from tests.hostile.gateway_process import SAMPLE, Json, problem_of
from tests.hostile.words import PERSONA, SURROGATES, TEXTS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    """That of the dialogue model that is served by default."""
    from transformers import AutoTokenizer

    loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained("checkpoints/mini-dialogue", local_files_only=True)
    return loaded


def test_no_text_becomes_a_control_id_wherever_it_stands(tokenizer: PreTrainedTokenizerBase) -> None:
    encoder = HistoryEncoder(tokenizer)
    control, end = encoder.control, tokenizer.eos_token_id
    special = {*tokenizer.all_special_ids, *control.all} - {tokenizer.unk_token_id}
    asked = control.kinds[ReplyKind.CLARIFICATION]
    for text in TEXTS:
        past = DialogueTurn(user=text, reply_kind=ReplyKind.CLARIFICATION, reply=text)
        for request, expected in (
            (DialogueRequest(text=text), [control.user, control.scene, end]),
            (DialogueRequest(text="?", caption=text), [control.user, control.scene, end]),  # "?" points at nothing
            (DialogueRequest(text="?", turns=[past]), [control.user, control.scene, control.user, asked, end]),
        ):
            assert [index for index in encoder.encode(request) if index in special] == expected, (text, request)


def test_an_instruction_becomes_at_most_the_one_control_id_that_marks_it(tokenizer: PreTrainedTokenizerBase) -> None:
    encoder = HistoryEncoder(tokenizer)
    marks = {encoder.control.undo, encoder.control.done}
    frame = {encoder.control.user, encoder.control.scene, tokenizer.eos_token_id}
    special = {*tokenizer.all_special_ids, *encoder.control.all} - {tokenizer.unk_token_id} - frame
    for text in TEXTS:
        ids = encoder.encode(DialogueRequest(text="x", instructions=[text]))
        assert len(found := [index for index in ids if index in special]) <= 1, text
        assert marks.issuperset(found), text


@pytest.mark.parametrize("text", PERSONA)
def test_nobody_writes_a_persona_for_the_model(text: str) -> None:
    assert "persona:" not in normalised(text).lower()


def test_every_text_is_said_or_refused(api: httpx.Client) -> None:
    conversation = begin(api)
    for text in TEXTS:
        answer = api.post(conversation["urls"]["turns"], json={"text": text, "run": False})
        if answer.status_code != 200:
            problem_of(answer, text)
    turns = all_turns(api, conversation)
    assert [turn["number"] for turn in turns] == list(range(1, len(turns) + 1))
    assert all("\x00" not in turn["text"] for turn in turns)


def test_every_text_is_a_title_a_caption_and_an_instruction_or_refused(api: httpx.Client) -> None:
    conversation = begin(api)
    for text in TEXTS:
        for method, path, body in (
            ("PATCH", conversation["urls"]["self"], {"title": text}),
            ("PATCH", conversation["urls"]["self"], {"caption": text}),
            ("POST", "/v1/conversations", {"image_id": SAMPLE, "title": "x", "caption": text}),
        ):
            answer = api.request(method, path, json=body)
            if answer.status_code not in (200, 201):
                problem_of(answer, (path, text))
    assert api.get(conversation["urls"]["self"]).status_code == 200


def test_half_characters_are_refused_wherever_they_stand(api: httpx.Client) -> None:
    conversation = begin(api)
    urls, headers = conversation["urls"], {"Content-Type": "application/json"}
    for half in SURROGATES:
        for method, path, body in (
            ("POST", urls["turns"], f'{{"text": "{half}"}}'),
            ("POST", urls["turns"], f'{{"text": "x", "{half}": 1}}'),
            ("POST", urls["turns"], f'{{"text": "x", "base": "{half}"}}'),
            ("POST", urls["turns"], f'{{"text": "x", "parameters": {{"{half}": 1}}}}'),
            ("PATCH", urls["self"], f'{{"title": "{half}"}}'),
            ("PUT", urls["head"], f'{{"revision_id": "{half}"}}'),
            ("POST", "/v1/conversations", f'{{"image_id": "{half}"}}'),
            ("POST", "/v1/edits", f'{{"image_id": "{SAMPLE}", "instruction": "{half}"}}'),
            ("PUT", "/v1/edits/edit_x/rating", f'{{"image_quality": 1, "satisfaction": 1, "comment": "{half}"}}'),
        ):
            for key in ({}, {"Idempotency-Key": f"half-{hash((path, body)) & 0xFFFFFF}"}):
                answer = api.request(method, path, content=body, headers={**headers, **key})
                assert problem_of(answer, (path, body))["status"] == 422, (path, body)


def begin(api: httpx.Client) -> Json:
    """Begin a conversation about a sample."""
    begun: Json = api.post("/v1/conversations", json={"image_id": SAMPLE}).raise_for_status().json()
    return begun


def all_turns(api: httpx.Client, conversation: Json) -> list[Json]:
    """Read all turns of a conversation."""
    turns: list[Json] = []
    params: dict[str, str] = {"limit": "100"}
    while True:
        page = api.get(conversation["urls"]["turns"], params=params).raise_for_status()
        turns += json.loads(page.text)["items"]
        if (cursor := page.json()["next_cursor"]) is None:
            return turns
        params["cursor"] = cursor
