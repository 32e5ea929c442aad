"""Caption files in the layouts in which they are published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.datasets.caption_files import read_captions
from training.datasets.dialogue_examples import read_dialogues
from training.datasets.dialogues import main


def texts(*sources: str, split: Any = "train") -> set[str]:
    """The captions of a split."""
    return {captioned.text for captioned in read_captions(sources).of(split)}


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """COCO's `captions_*.json`."""
    path = tmp_path / "captions_val2017.json"
    captions = [(11, "A red bus next to a tree."), (17, "A cat on the sofa")]
    annotations = [{"image_id": image, "id": 1, "caption": text} for image, text in captions]
    path.write_text(json.dumps({"info": {}, "images": [], "annotations": annotations}))
    return path


@pytest.fixture
def cub(tmp_path: Path) -> Path:
    """The ten captions a picture of CUB-200-2011 (two of them here)."""
    folder = tmp_path / "text_c10" / "001.Black_footed_Albatross"
    folder.mkdir(parents=True)
    for name, lines in {
        "Black_Footed_Albatross_0001_796111": [
            "the bird has a black crown.",
            "a bird with a white belly and a long bill",
        ],
        "Black_Footed_Albatross_0002_55": ["the bird has a brown wing"],
        "Black_Footed_Albatross_0046_17": ["a bird on the water"],
    }.items():
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")
        (folder / f"{name}.h5").write_bytes(b"features")
    return folder.parent


@pytest.fixture
def deepfashion(tmp_path: Path) -> Path:
    """The `captions.json` of DeepFashion-MultiModal: several sentences, several views of one garment."""
    path = tmp_path / "captions.json"
    text = "The lady wears a red dress. The neckline of the dress is round."
    views = {f"WOMEN-Dresses-id_00000002-02_{view}.jpg": text for view in ("1_front", "2_side", "4_full")}
    path.write_text(json.dumps({**views, "MEN-Denim-id_00000080-01_7_additional.jpg": "The man has a blue shirt."}))
    return path


def test_coco_goes_by_the_image_id(coco: Path) -> None:
    assert texts(f"coco:{coco}") == {"a red bus next to a tree"}
    assert texts(f"coco:{coco}", split="test") == {"a cat on the sofa"}


def test_cub_goes_by_the_last_number_of_the_name(cub: Path) -> None:
    shown = {"the bird has a black crown", "a bird with a white belly and a long bill", "the bird has a brown wing"}
    assert texts(f"cub:{cub}") == shown
    assert texts(f"cub:{cub}", split="test") == {"a bird on the water"}


def test_all_views_of_a_garment_share_a_split(deepfashion: Path) -> None:
    captions = read_captions([f"deepfashion:{deepfashion}"])
    splits = [{captioned.text for captioned in captions.of(split)} for split in ("train", "validation", "test")]
    (dress,) = [found for found in splits if "the lady wears a red dress" in found]
    assert "the neckline of the dress is round" in dress
    assert {text for found in splits for text in found} >= {"the man has a blue shirt"}


def test_ffhq_captions_come_as_a_folder_or_as_json(tmp_path: Path) -> None:
    folder = tmp_path / "ffhq" / "00000"
    folder.mkdir(parents=True)
    (folder / "00012.txt").write_text("A woman with a red hat. She has a wide smile.\n")
    assert texts(f"ffhq:{folder.parent}") == {"a woman with a red hat", "she has a wide smile"}
    path = tmp_path / "ffhq.json"
    path.write_text(json.dumps({"00027.png": ["A man with a beard"], "00028.png": "A child in a blue coat"}))
    assert texts(f"ffhq:{path}", split="test") == {"a man with a beard"}
    assert texts(f"ffhq:{path}") == {"a child in a blue coat"}


def test_several_sources_are_joined(coco: Path, cub: Path) -> None:
    assert {"a red bus next to a tree", "the bird has a brown wing"} <= texts(f"coco:{coco}", f"cub:{cub}")


@pytest.mark.parametrize(
    ("source", "message"),
    [("flickr:x", "no source of captions"), ("coco", "no source of captions"), ("cub:{}", "holds no cub captions")],
)
def test_what_is_no_source_says_so(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_captions([source.format(tmp_path)])


def test_another_layout_is_named(tmp_path: Path, deepfashion: Path) -> None:
    with pytest.raises(ValueError, match="not laid out as coco captions are"):
        read_captions([f"coco:{deepfashion}"])
    (tmp_path / "nameless.txt").write_text("a man in a coat")
    with pytest.raises(ValueError, match="has no number"):
        read_captions([f"ffhq:{tmp_path}"])


def test_dialogues_speak_about_every_kind_of_caption(cub: Path, tmp_path: Path) -> None:
    assert main(["--output", str(tmp_path / "out"), "--count", "60", "--captions", f"cub:{cub}"]) == 0
    captions = {
        one["caption"] for one in read_dialogues(tmp_path / "out" / "train.jsonl") if one["source"] == "captions"
    }
    assert captions <= texts(f"cub:{cub}")
    assert captions
