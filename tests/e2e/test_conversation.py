"""A conversation changes a picture, turn by turn."""

import httpx
import pytest

from services.local.api import Api, Json
from tests.e2e.conftest import Sample

FEW_STEPS = {"steps": 4, "seed": 7}
MANY_STEPS = {"steps": 100, "seed": 7}


def problem_of(error: pytest.ExceptionInfo[httpx.HTTPStatusError]) -> tuple[int, str]:
    """Status and code of a problem+json answer."""
    answer = error.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def test_a_vague_wish_gets_a_question_and_no_edit(api: Api, conversation: Json) -> None:
    turn = api.say(conversation["id"], "make it more fun")
    assert (turn["reply"]["kind"], turn["instruction"], turn["edit"]) == ("clarification", None, None)


def test_an_explicit_wish_becomes_an_edit_and_the_new_head(api: Api, conversation: Json, sample: Sample) -> None:
    turn = api.say(conversation["id"], f"paint the {sample.things[0]} green", wait_s=60, parameters=FEW_STEPS)
    assert turn["instruction"] == f"paint the {sample.things[0]} green"
    assert turn["edit"]["status"] == "succeeded"
    now = api.conversation(conversation["id"])
    head = next(r for r in api.revisions(conversation["id"]) if r["id"] == now["head_revision_id"])
    assert (head["edit_id"], head["parent_id"]) == (turn["edit"]["id"], conversation["head_revision_id"])
    assert api.picture(f"/v1/images/{head['image_id']}").startswith(b"\x89PNG")


def test_the_answer_to_a_question_reaches_the_instruction(api: Api, conversation: Json, sample: Sample) -> None:
    asked = api.say(conversation["id"], f"can you paint the {sample.things[1]}?")
    assert asked["reply"]["kind"] == "clarification"
    turn = api.say(conversation["id"], "make it purple", run=False)
    assert turn["instruction"] == f"paint the {sample.things[1]} purple"


def test_an_instruction_can_be_held_back_for_approval(api: Api, conversation: Json) -> None:
    turn = api.say(conversation["id"], "make it night", run=False)
    assert (turn["instruction"], turn["edit"]) == ("make it night", None)


def test_thanks_change_nothing(api: Api, conversation: Json) -> None:
    turn = api.say(conversation["id"], "thank you!")
    assert (turn["reply"]["kind"], turn["edit"]) == ("chat", None)


def test_after_an_undo_the_next_edit_starts_from_the_older_revision(api: Api, conversation: Json) -> None:
    root = conversation["head_revision_id"]
    api.say(conversation["id"], "make it black and white", wait_s=60, parameters=FEW_STEPS)
    assert api.move_head(conversation["id"], root)["head_revision_id"] == root
    turn = api.say(conversation["id"], "make it night", wait_s=60, parameters=FEW_STEPS)
    assert turn["base_revision_id"] == root
    assert [r["parent_id"] for r in api.revisions(conversation["id"])] == [None, root, root]


def test_undo_in_words_leads_back_without_an_edit(api: Api, conversation: Json) -> None:
    root = conversation["head_revision_id"]
    api.say(conversation["id"], "make it black and white", wait_s=60, parameters=FEW_STEPS)
    turn = api.say(conversation["id"], "undo that")
    assert (turn["reply"]["kind"], turn["instruction"], turn["edit"]) == ("chat", None, None)
    assert api.conversation(conversation["id"])["head_revision_id"] == root


def test_stronger_does_the_last_edit_again_beside_it(api: Api, conversation: Json) -> None:
    first = api.say(conversation["id"], "make it black and white", wait_s=60, parameters=FEW_STEPS)
    turn = api.say(conversation["id"], "a bit stronger please", wait_s=60)
    before, after = first["edit"]["parameters"], turn["edit"]["parameters"]
    assert after.pop("text_guidance_scale") > before.pop("text_guidance_scale")
    assert after == before
    assert (turn["instruction"], turn["adjust"]["text_guidance"]) == ("make it black and white", "higher")
    root, weaker, stronger = api.revisions(conversation["id"])
    assert (weaker["parent_id"], stronger["parent_id"]) == (root["id"], root["id"])
    assert api.picture(f"/v1/images/{stronger['image_id']}") != api.picture(f"/v1/images/{weaker['image_id']}")
    assert api.conversation(conversation["id"])["head_revision_id"] == stronger["id"]
    api.say(conversation["id"], "undo that")
    assert api.conversation(conversation["id"])["head_revision_id"] == weaker["id"]


def test_what_the_editor_was_never_taught_is_said_instead_of_tried(api: Api, conversation: Json) -> None:
    api.http.patch(conversation["urls"]["self"], json={"caption": "a red motorcycle on a road"}).raise_for_status()
    turn = api.say(conversation["id"], "paint the motorcycle turquoise")
    assert (turn["reply"]["kind"], turn["edit"]) == ("chat", None)
    assert "motorcycle" in turn["reply"]["text"]
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.submit(conversation["root_image_id"], "paint the motorcycle turquoise")
    assert problem_of(refused) == (422, "unknown-words")


def test_two_wishes_in_one_turn_are_carried_out_together(api: Api, conversation: Json, sample: Sample) -> None:
    said = f"paint the {sample.things[0]} green and make it night"
    turn = api.say(conversation["id"], said, wait_s=60, parameters=FEW_STEPS)
    assert turn["instruction"] == f"paint the {sample.things[0]} green; make it night"
    assert turn["edit"]["prior_instructions"] == [f"paint the {sample.things[0]} green"]
    assert turn["edit"]["status"] == "succeeded"
    assert len(api.revisions(conversation["id"])) == 2


def test_a_turn_during_an_unfinished_edit_is_refused(api: Api, conversation: Json) -> None:
    edit = api.say(conversation["id"], "make it night", parameters=MANY_STEPS)["edit"]
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.say(conversation["id"], "make it sepia")
    assert problem_of(refused) == (409, "edit-in-progress")
    api.cancel(edit["id"])
    assert api.finished(edit["id"])["status"] == "canceled"


def test_a_repeated_turn_with_the_same_key_is_answered_once(api: Api, conversation: Json) -> None:
    key = {"Idempotency-Key": f"key-of-{conversation['id']}"}
    first = api.say(conversation["id"], "make it night", headers=key, parameters=FEW_STEPS)
    again = api.say(conversation["id"], "make it night", headers=key, parameters=FEW_STEPS)
    assert again["edit"]["id"] == first["edit"]["id"]
    with pytest.raises(httpx.HTTPStatusError) as other_body:
        api.say(conversation["id"], "make it sepia", headers=key)
    assert other_body.value.response.status_code == 422
    assert api.finished(first["edit"]["id"])["status"] == "succeeded"
    assert api.conversation(conversation["id"])["turn_count"] == 1


def test_a_stale_if_match_is_refused(api: Api, conversation: Json) -> None:
    with pytest.raises(httpx.HTTPStatusError) as stale:
        api.say(conversation["id"], "make it night", headers={"If-Match": '"999"'})
    assert stale.value.response.status_code == 412
    assert api.conversation(conversation["id"])["turn_count"] == 0


def test_a_deleted_conversation_is_gone(api: Api, conversation: Json) -> None:
    assert api.http.delete(conversation["urls"]["self"]).status_code == 204
    with pytest.raises(httpx.HTTPStatusError) as gone:
        api.conversation(conversation["id"])
    assert gone.value.response.status_code == 404
