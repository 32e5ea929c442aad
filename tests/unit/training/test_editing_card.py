import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from training.editing_card import Lessons, card

REPORT = {
    "edits": {
        "count": 12,
        "success": 83.333,
        "by_family": {"recolour": 100.0, "place": 50.0},
        "counts": {"recolour": 8, "place": 4},
        "preserved_db": 28.04,
        "detail_db": 18.0,
    },
    "decay_db": [24.0, 26.0],
    "guidance": {
        "steps": [{"text": 1.5, "image": 1.0, "steps": 2, "success": {"right": 5, "count": 6}, "preserved_db": 30.04}],
        "scales": [
            {"text": 2.0, "image": 1.0, "steps": 3, "success": {"right": 6, "count": 6}, "preserved_db": 29.0},
            {"text": 2.0, "image": 1.6, "steps": 3, "success": {"right": 1, "count": 6}, "preserved_db": 20.0},
        ],
    },
    "any_pictures": {"photographs": True, "pictures": 10, "styles": {"right": 46, "count": 50}},
}

STUDY = {
    "steps": 600,
    "batch": 16,
    "found": [{"variant": "no copier", "success": 12.4, "detail_db": 10.04, "kept_db": 20.0}],
}


def test_the_card_tells_sizes_defaults_what_was_measured_and_what_is_weak(tmp_path: Path) -> None:
    for part, weights in (("unet", 2_000_000), ("vae", 500_000), ("text_encoder", 250_000)):
        (tmp_path / part).mkdir()
        save_file({"weight": torch.zeros(weights // 10, 10)}, tmp_path / part / "model.safetensors")
    defaults = {"steps": 3, "text_guidance_scale": 1.5, "image_guidance_scale": 1.0}
    (tmp_path / "dialogpaint.json").write_text(json.dumps(defaults))
    text = card(tmp_path, REPORT, Lessons(steps=6300, anywhere=4200, minutes=200), STUDY)
    for fact in (
        "2.8 million",
        "U-Net 2.0",
        "6,300 steps of 32",
        "3 steps, s_T 1.5, s_I 1.0",
        "83.3 % of 12",
        "25.0 dB",
        "| 2 steps | 5 of 6 | 30.0 dB |\n| s_T 2 | 6 of 6 | 29.0 dB |\n\n",
        "| styles of 10 photographs | 92.0 % of 50 |",
        "then 4,200 more in",
        "took 3 h 20 min of one core",
        "600 steps of 16 from nothing",
        "| no copier | 12 % | 10.0 dB | 20.0 dB |",
    ):
        assert fact in text
    assert "place (50 %)" in text
