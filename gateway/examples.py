"""The examples that /docs shows of every body that is sent and every thing that is answered."""

from typing import Any

from fastapi import Body
from fastapi.openapi.models import Example
from fastapi.params import Body as BodyParameter

Json = dict[str, Any]

CREATED, LATER = "2026-03-01T09:30:00Z", "2026-03-01T09:30:04Z"
REQUEST_ID = "req_Qm3pZ0dYx1mJkq0v9tTzUA"
PARAMETERS: Json = {
    "steps": 20,
    "text_guidance_scale": 7.5,
    "image_guidance_scale": 1.5,
    "count": 1,
    "preview_every": 0,
    "quality": "exact",
    "seed": 7,
}
IMAGE: Json = {
    "id": "img_4rVd2mXw",
    "media_type": "image/png",
    "width": 128,
    "height": 128,
    "size": 9214,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": CREATED,
    "urls": {"self": "/v1/images/img_4rVd2mXw"},
}
PROVENANCE: Json = {
    "image_id": "img_9sKe",
    "origin": "uploaded",
    "steps": [
        {
            "instruction": "paint the house orange",
            "prior_instructions": [],
            "parameters": {
                name: PARAMETERS[name]
                for name in ("steps", "text_guidance_scale", "image_guidance_scale", "quality", "seed")
            },
            "model": "mini-editor@0f343b093112",
            "model_digest": "0f343b0931126a20f133d67c2b018a3b0f343b0931126a20f133d67c2b018a3b",
            "source_sha256": IMAGE["sha256"],
            "mask_sha256": None,
            "claimed": False,
            "image_id": "img_9sKe",
            "source_image_id": "img_4rVd2mXw",
            "edit_id": "edit_5bO1",
            "conversation_id": "conv_7Hq1",
            "turn": 2,
            "made_at": LATER,
        }
    ],
}
DIFFERENCE: Json = {
    "image_id": "img_4rVd2mXw",
    "to": "img_9sKe",
    "width": 128,
    "height": 128,
    "changed_share": 0.21,
    "mean_change": 11.4,
    "largest_change": 203,
    "psnr_db": 19.3,
    "box": {"left": 12, "top": 40, "width": 61, "height": 70},
    "urls": {"picture": "/v1/images/img_4rVd2mXw/difference.png?to=img_9sKe"},
}
SAMPLE: Json = {
    "name": "house-and-tree",
    "image_id": "img_sample-house-and-tree",
    "caption": "a red house on the left and a green tree on the right, in a meadow",
    "width": 128,
    "height": 128,
    "url": "/v1/images/img_sample-house-and-tree",
}
CONVERSATION: Json = {
    "id": "conv_7Hq1",
    "title": "the house by the tree",
    "caption": SAMPLE["caption"],
    "head_revision_id": "rev_a2",
    "root_revision_id": "rev_a1",
    "root_image_id": "img_4rVd2mXw",
    "defaults": {"steps": 20},
    "turn_count": 2,
    "unfinished_edit_id": None,
    "version": 12,
    "created_at": CREATED,
    "updated_at": LATER,
    "urls": {
        "self": "/v1/conversations/conv_7Hq1",
        "turns": "/v1/conversations/conv_7Hq1/turns",
        "revisions": "/v1/conversations/conv_7Hq1/revisions",
        "head": "/v1/conversations/conv_7Hq1/head",
        "events": "/v1/conversations/conv_7Hq1/events",
        "export": "/v1/conversations/conv_7Hq1/export",
        "root_image": "/v1/images/img_4rVd2mXw",
    },
}
REVISION: Json = {
    "id": "rev_a2",
    "parent_id": "rev_a1",
    "image_id": "img_9sKe",
    "instruction": "paint the house orange",
    "edit_id": "edit_5bO1",
    "created_at": LATER,
}
MADE_WITH: Json = {name: PARAMETERS[name] for name in ("seed", "text_guidance_scale", "image_guidance_scale")}
EDIT: Json = {
    "id": "edit_5bO1",
    "status": "succeeded",
    "instruction": "paint the house orange",
    "source_image_id": "img_4rVd2mXw",
    "image_ids": ["img_9sKe"],
    "parameters": PARAMETERS,
    "progress": {"step": 20, "steps": 20},
    "queue_position": None,
    "attempt": 1,
    "conversation_id": "conv_7Hq1",
    "turn": 2,
    "base_revision_id": "rev_a1",
    "revision_ids": ["rev_a2"],
    "cells": [{**MADE_WITH, "image_id": "img_9sKe", "revision_id": "rev_a2", "url": "/v1/images/img_9sKe"}],
    "created_at": CREATED,
    "started_at": CREATED,
    "finished_at": LATER,
    "timings": {"queue_s": 0.02, "encode_s": 0.03, "denoise_s": 3.1, "decode_s": 0.04},
    "model": "mini-editor",
    "rating": {"image_quality": 5, "satisfaction": 4, "comment": None},
    "urls": {
        "self": "/v1/edits/edit_5bO1",
        "events": "/v1/edits/edit_5bO1/events",
        "cancel": "/v1/edits/edit_5bO1/cancel",
        "rerun": "/v1/edits/edit_5bO1/rerun",
        "rating": "/v1/edits/edit_5bO1/rating",
        "source_image": "/v1/images/img_4rVd2mXw",
        "images": ["/v1/images/img_9sKe"],
    },
}
UNBORN: Json = {"image_ids": [], "revision_ids": [], "finished_at": None, "model": None, "rating": None}
UNBORN["urls"] = {**EDIT["urls"], "images": []}
UNBORN["cells"] = [{**MADE_WITH, "image_id": None, "revision_id": None, "url": None}]
EDIT_QUEUED: Json = {
    **EDIT,
    **UNBORN,
    "status": "queued",
    "progress": {"step": 0, "steps": 20},
    "queue_position": 1,
    "attempt": 0,
    "started_at": None,
    "timings": {"queue_s": None, "encode_s": None, "denoise_s": None, "decode_s": None},
}
EDIT_CANCELED: Json = {
    **EDIT,
    **UNBORN,
    "status": "canceled",
    "progress": {"step": 8, "steps": 20},
    "finished_at": LATER,
}
TURN: Json = {
    "number": 2,
    "text": "the house, in orange please",
    "reply": {"kind": "edit", "text": "I'll paint the house orange."},
    "instruction": "paint the house orange",
    "edit": EDIT,
    "base_revision_id": "rev_a1",
    "created_at": CREATED,
}
TURN_QUESTION: Json = {
    "number": 1,
    "text": "make it more fun",
    "reply": {"kind": "clarification", "text": "What should I change, the house or the tree?"},
    "instruction": None,
    "edit": None,
    "base_revision_id": "rev_a1",
    "created_at": CREATED,
}
TURN_ADJUSTING: Json = {
    **TURN,
    "number": 3,
    "text": "a bit less of that",
    "reply": {"kind": "edit", "text": "I'll do it again, less strongly."},
    "edit": {**EDIT, "turn": 3, "parameters": {**EDIT["parameters"], "text_guidance_scale": 5.36}},
    "adjust": {
        "text_guidance": "lower",
        "image_guidance": None,
        "revision_id": "rev_a2",
        "mask_image_id": None,
        "parameters": {**EDIT["parameters"], "text_guidance_scale": 5.36},
    },
}
TURN_QUEUED: Json = {**TURN, "edit": EDIT_QUEUED}
EDITING_MODEL: Json = {
    "name": "mini-editor",
    "digest": "0f343b0931126a20f133d67c2b018a3b",
    "parameter_count": 24_000_000,
    "device": "cpu",
    "dtype": "float32",
    "limits": {"max_side": 256, "multiple_of": 8},
    "defaults": {name: value for name, value in PARAMETERS.items() if name != "seed"},
}
DIALOGUE_MODEL: Json = {
    "name": "mini-dialogue",
    "digest": "6b86b273ff34fce19d6b804eff5a3f57",
    "parameter_count": 12_000_000,
    "device": "cpu",
    "dtype": "float32",
    "limits": {"max_input_tokens": 128, "max_reply_tokens": 32},
}
MODELS: Json = {"dialogue": DIALOGUE_MODEL, "editing": EDITING_MODEL}
QUEUE: Json = {
    "depth": 3,
    "running": 8,
    "oldest_age_s": 1.4,
    "max_depth": 200,
    "free_slots": 0,
    "workers": [{"id": "worker-1", "slots": 8, "busy": 8, "warm": True, "seen_at": LATER, "model": EDITING_MODEL}],
}
ALIVE: Json = {"alive": True}
READY: Json = {"ready": True, "missing": []}
CONVERSATION_EVENTS = (
    f'id: 1\nevent: turn.created\ndata: {{"at": "{CREATED}", "number": 1, "reply_kind": "edit"}}\n\n'
    f'id: 2\nevent: edit.queued\ndata: {{"at": "{CREATED}", "edit_id": "edit_5bO1", "attempt": 0}}\n\n: heartbeat\n\n'
)
EDIT_EVENTS = (
    f'id: 4\nevent: edit.progress\ndata: {{"at": "{LATER}", "edit_id": "edit_5bO1", "step": 19, "steps": 20}}\n\n'
    f'id: 5\nevent: edit.succeeded\ndata: {{"at": "{LATER}", "edit_id": "edit_5bO1", "image_ids": ["img_9sKe"]}}\n\n'
)
EVENT: Json = {  # the schema of one event of a stream
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("id", "event", "data")},
    "required": ["event", "data"],
}
METRICS = "# TYPE dialogpaint_queue_depth gauge\ndialogpaint_queue_depth 3.0\n"


def body(**examples: Json) -> Any:
    """Return the parameter of a route that takes a JSON body, with examples of it by their names."""
    named: dict[str, Example] = {
        name: {"summary": name.replace("_", " "), "value": value} for name, value in examples.items()
    }
    parameter: BodyParameter = Body(openapi_examples=named)
    return parameter


CONVERSATION_BODY = body(
    about_a_sample={"image_id": SAMPLE["image_id"]},
    about_an_upload={"image_id": IMAGE["id"], "caption": SAMPLE["caption"], "defaults": {"steps": 20}},
)
CONVERSATION_PATCH_BODY = body(a_new_title={"title": "the orange house"})
HEAD_BODY = body(undo={"revision_id": "rev_a1"})
TURN_BODY = body(
    a_vague_wish={"text": "make it more fun"},
    a_plain_wish={"text": "paint the house orange", "parameters": {"seed": 7}},
    from_the_original={"text": "and make it night", "base": "root"},
    the_last_edit_again_but_weaker={"text": "a bit less of that"},
    only_say_what_you_would_do={"text": "remove the tree", "run": False},
)
EDIT_BODY = body(
    of_a_picture={"image_id": IMAGE["id"], "instruction": "paint the house orange", "parameters": {"seed": 7}},
    in_a_conversation={"conversation_id": CONVERSATION["id"], "instruction": "make it night"},
    a_sweep_of_both_scales={
        "conversation_id": CONVERSATION["id"],
        "instruction": "make it night",
        "parameters": {
            "seed": 7,
            "sweep": {"text_guidance_scale": [3, 5, 7.5], "image_guidance_scale": [1.2, 1.6]},
        },
    },
)
RATING_BODY = body(a_good_one={"image_quality": 5, "satisfaction": 4, "comment": "lovely colour"})
