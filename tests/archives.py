"""Archives of conversations as they are exported, and as nobody would export them."""

import copy
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from PIL import Image

Json = dict[str, Any]

AT = "2026-03-01T09:30:0{}Z"
PARAMETERS: Json = {"steps": 4, "text_guidance_scale": 7.5, "image_guidance_scale": 1.5, "seed": 7}


def png(colour: str) -> bytes:
    """A small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


PICTURES = {"img_a": png("red"), "img_b": png("orange")}


def described(image_id: str, data: bytes) -> Json:
    """What `conversation.json` tells of a picture."""
    sha256 = hashlib.sha256(data).hexdigest()
    size = {"width": 16, "height": 8, "size": len(data)}
    return {"id": image_id, "media_type": "image/png", "sha256": sha256, **size}


DOCUMENT: Json = {
    "schema_version": 1,
    "conversation": {
        "id": "conv_a",
        "title": "the house",
        "head_revision_id": "rev_b",
        "root_revision_id": "rev_a",
        "root_image_id": "img_a",
        "created_at": AT.format(0),
        "updated_at": AT.format(5),
    },
    "images": [described(image_id, data) for image_id, data in PICTURES.items()],
    "revisions": [
        {"id": "rev_a", "image_id": "img_a", "created_at": AT.format(0)},
        {
            "id": "rev_b",
            "parent_id": "rev_a",
            "image_id": "img_b",
            "instruction": "paint the house orange",
            "edit_id": "edit_a",
            "created_at": AT.format(4),
        },
    ],
    "edits": [
        {
            "id": "edit_a",
            "status": "succeeded",
            "instruction": "paint the house orange",
            "source_image_id": "img_a",
            "image_ids": ["img_b"],
            "parameters": PARAMETERS,
            "progress": {"step": 4, "steps": 4},
            "conversation_id": "conv_a",
            "turn": 1,
            "base_revision_id": "rev_a",
            "revision_ids": ["rev_b"],
            "created_at": AT.format(1),
        }
    ],
    "turns": [
        {
            "number": 1,
            "text": "the house, in orange",
            "reply": {"kind": "edit", "text": "I'll paint the house orange."},
            "instruction": "paint the house orange",
            "edit_id": "edit_a",
            "base_revision_id": "rev_a",
            "created_at": AT.format(1),
        }
    ],
}


def archive(
    change: Callable[[Json], object] | None = None, files: dict[str, bytes] | None = None, packed: bool = False
) -> bytes:
    """An archive, with its document changed and these files in it beside or instead of the usual ones."""
    document = copy.deepcopy(DOCUMENT)
    if change:
        change(document)
    pictures = {f"images/{image_id}.png": data for image_id, data in PICTURES.items()}
    contents = {"conversation.json": json.dumps(document).encode(), **pictures, **(files or {})}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as made:
        for name, data in contents.items():
            made.writestr(zipfile.ZipInfo(name), data, made.compression)  # of no time, so that it is always the same
    return buffer.getvalue()
