import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from training.datasets.changes import FAMILIES, Recolour, apply, family_of, possible_changes
from training.datasets.drawing import SIZE, change_mask, render
from training.datasets.edits import SPLIT_SHARES, Triple, change_between, family, row, scene_rng, triples, write
from training.datasets.instructions import parse
from training.datasets.world import Scene, Thing, sample_scene

SCENE = Scene("meadow", things=(Thing("house", "red", "left"), Thing("tree", "green", "right", "big")))


def test_every_change_is_found_again_between_the_two_scenes() -> None:
    for change in possible_changes(SCENE):
        assert change_between(SCENE, apply(SCENE, change)) == change


def test_scenes_two_changes_apart_are_no_pair() -> None:
    twice = apply(apply(SCENE, Recolour("house", "blue")), Recolour("tree", "blue"))
    assert change_between(SCENE, twice) is None
    assert change_between(SCENE, SCENE) is None


def test_every_family_has_its_reverse() -> None:
    found = {
        family_of(triple.change) for index in range(200) for triple in triples(family(scene_rng("train", 0, index)))
    }
    assert found == set(FAMILIES)
    before = Scene("meadow", things=(Thing("house", "red", "left"),))
    for change in possible_changes(before):
        assert change_between(apply(before, change), before) is not None


def test_splits_draw_different_scenes() -> None:
    drawn = {split: [sample_scene(scene_rng(split, 0, index)) for index in range(20)] for split in SPLIT_SHARES}
    assert drawn["train"] != drawn["test"]


def test_the_mask_covers_what_changes_and_nothing_else() -> None:
    after = apply(SCENE, Recolour("house", "blue"))
    mask = change_mask(render(SCENE), render(after))
    assert mask[:, : SIZE // 2].any()
    assert not mask[:, SIZE // 2 :].any()


def test_the_same_record_draws_the_same_pixels() -> None:
    assert np.array_equal(np.asarray(render(SCENE)), np.asarray(render(SCENE)))
    assert render(SCENE).size == (SIZE, SIZE)


def test_a_row_holds_pictures_words_and_records() -> None:
    found = row(Triple(SCENE, Recolour("house", "blue"), apply(SCENE, Recolour("house", "blue"))), "blue house")
    assert found["canonical"] == "paint the house blue"
    assert Scene.from_json(json.loads(str(found["edited_scene"]))).things[0].colour == "blue"
    picture = found["edited_image"]
    assert isinstance(picture, dict)
    assert Image.open(io.BytesIO(picture["bytes"])).size == (SIZE, SIZE)


def test_the_written_set_loads_with_hugging_face_datasets(tmp_path: Path) -> None:
    from datasets import load_dataset

    write(tmp_path, 40, seed=0)
    loaded = load_dataset("parquet", data_files=str(tmp_path / "train.parquet"), cache_dir=str(tmp_path / "cache"))[
        "train"
    ]
    assert len(loaded) == 36
    assert parse(loaded[0]["canonical"]) is not None
    assert loaded[0]["original_image"].size == (SIZE, SIZE)
