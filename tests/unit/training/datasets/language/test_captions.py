"""Real captions: the things they name, and which images are held out."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training.datasets.dialogues import simulate_captioned
from training.datasets.language.captions import Captions, things_in

BUS = "a red bus parked next to a tall tree"
COCO = [(11, "A red bus parked next to a tall tree."), (17, "A cat on the green sofa"), (23, "A dog with a ball")]


@pytest.mark.parametrize(
    ("caption", "things"),
    [
        (BUS, [("red", "bus"), ("", "tree")]),
        ("a man riding a wave on a yellow surfboard", [("", "man"), ("", "wave"), ("yellow", "surfboard")]),
        ("two dogs and a group of people", []),
        ("a dog looks at a dog", []),
    ],
)
def test_things_follow_an_article(caption: str, things: list[tuple[str, str]]) -> None:
    assert [(thing.colour, thing.kind) for thing in things_in(caption)] == things


def test_words_that_belong_together_name_one_thing() -> None:
    assert [thing.kind for thing in things_in("a fire hydrant", frozenset(("fire hydrant",)))] == ["fire hydrant"]


def test_a_name_ends_with_its_last_noun() -> None:
    nouns = frozenset(("dog", "armchair"))
    assert [thing.kind for thing in things_in("a dog relaxes on an armchair", nouns=nouns)] == ["dog", "armchair"]
    assert things_in("the wooden", nouns=nouns) == ()


def test_many_captions_tell_which_words_are_nouns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.datasets.language.captions.ENOUGH", 4)
    told = ("a dog in a kennel", "a dog relaxes on a wooden bench", "a bench with a dog", "the wooden fence and a cat")
    captions = Captions((10 * number, text) for number, text in enumerate(told))
    named = {thing.kind for captioned in captions.of("train") for thing in captioned.things}
    assert named == {"dog", "kennel", "bench", "cat"}


def test_images_whose_id_ends_in_seven_are_held_out_for_testing() -> None:
    captions = Captions(COCO)
    assert [captioned.text for captioned in captions.of("test")] == ["a cat on the green sofa"]
    assert [captioned.text for captioned in captions.of("validation")] == ["a dog with a ball"]
    assert [captioned.text for captioned in captions.of("train")] == [BUS]


def test_a_dialogue_speaks_about_the_caption(tmp_path: Path) -> None:
    path = tmp_path / "captions.json"
    path.write_text(json.dumps({"annotations": [{"image_id": image, "caption": text} for image, text in COCO]}))
    captions = Captions.from_coco(path)
    dialogues = [simulate_captioned(random.Random(seed), "train", captions) for seed in range(40)]
    assert {dialogue["caption"] for dialogue in dialogues} == {BUS}
    said = " ".join(turn["instruction"] or "" for dialogue in dialogues for turn in dialogue["turns"])
    assert "the bus" in said


def test_things_of_several_words_can_be_put_into_a_photograph() -> None:
    captions = Captions(COCO)
    kinds = {kind for seed in range(20) for kind in captions.draw(random.Random(seed), "train").words.kinds}
    assert sum(" " in kind for kind in kinds) > 20
