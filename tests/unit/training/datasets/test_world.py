import random

import pytest

from training.datasets.world import COLOURS, KINDS, Scene, Thing, caption, sample_scene


def test_a_caption_says_what_stands_where() -> None:
    scene = Scene("meadow", things=(Thing("house", "red", "left"), Thing("tree", "green", "right")))
    assert caption(scene) == "a red house on the left and a green tree on the right, in a meadow"


@pytest.mark.parametrize(
    ("scene", "line"),
    [
        (Scene("beach", "sunset", things=(Thing("cat", "white", "middle"),)),
         "a white cat in the middle, on a beach at sunset"),
        (Scene("city", "night", "rain", (Thing("car", "blue", "left"),)),
         "a blue car on the left, in a city at night, raining"),
        (Scene("snow", things=(Thing("umbrella", "orange", "left", "big"),)),
         "a big orange umbrella on the left, in the snow"),
        (Scene("desert", things=(Thing("bird", "red", "left"),), style="sepia"),
         "a sepia picture of a red bird on the left, in a desert"),
        (Scene("forest", "night"), "an empty forest at night"),
    ],
)  # fmt: skip
def test_a_caption_tells_moment_size_and_style(scene: Scene, line: str) -> None:
    assert caption(scene) == line


def test_the_same_seed_draws_the_same_scene() -> None:
    assert sample_scene(random.Random(7)) == sample_scene(random.Random(7))


def test_sampled_scenes_survive_json() -> None:
    for seed in range(50):
        scene = sample_scene(random.Random(seed))
        assert Scene.from_json(scene.to_json()) == scene


def test_sampled_scenes_name_each_kind_and_side_once() -> None:
    for seed in range(200):
        scene = sample_scene(random.Random(seed))
        assert (
            len({thing.kind for thing in scene.things})
            == len({thing.side for thing in scene.things})
            == len(scene.things)
        )


@pytest.mark.parametrize(
    "record",
    [
        {"place": "moon"},
        {"weather": "hail"},
        {"things": [{"kind": "dragon", "colour": "red", "side": "left"}]},
        {"things": [{"kind": "cat", "colour": "plaid", "side": "left"}]},
        {"things": [{"kind": kind, "colour": COLOURS[0], "side": "left"} for kind in KINDS[:2]]},
        {"horizon": 2},
        {"sky": "blue"},
    ],
)
def test_a_record_of_another_world_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Scene.from_json(record)
