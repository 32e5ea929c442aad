"""A history that a picture of ours may tell."""

from shared.schemas.provenance import History, Making

STEP = Making.model_validate(
    {
        "instruction": "paint the house orange",
        "prior_instructions": ["remove the tree"],
        "parameters": {
            "steps": 4,
            "text_guidance_scale": 7.5,
            "image_guidance_scale": 1.5,
            "quality": "exact",
            "seed": 2**63 - 1,
        },
        "model": "mini-editor@0123456789ab",
        "model_digest": "0" * 64,
        "source_sha256": "1" * 64,
    }
)
MADE = History().then(STEP)
