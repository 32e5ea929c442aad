"""What remarks mean that do not say what to do."""

from __future__ import annotations

import random

import pytest

from training.datasets.language.body import load_body
from training.datasets.language.episodes import MOODS, meant_by
from training.datasets.language.picture import Picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.language.wish import Wish
from training.datasets.world import Scene, Thing


def test_every_mood_has_phrases_and_every_section_its_mood() -> None:
    sections = {section for section in load_body().sections if section.startswith("indirect.")}
    assert sections == {f"indirect.{mood}" for mood in MOODS}


@pytest.mark.parametrize(
    ("mood", "time", "weather", "place", "wish"),
    [
        ("gloomy", "night", "rain", "meadow", Wish("time", value="day")),
        ("gloomy", "day", "rain", "meadow", Wish("weather", value="clear")),
        ("gloomy", "day", "clear", "meadow", Wish("light", value="brighter")),
        ("cold", "day", "clear", "snow", Wish("place", value="beach")),
        ("hot", "day", "clear", "desert", Wish("place", value="snow")),
        ("bedtime", "day", "clear", "city", Wish("time", value="night")),
        ("thirsty", "day", "clear", "city", Wish("weather", value="rain")),
        ("western", "day", "clear", "city", Wish("place", value="desert")),
        ("noir", "day", "clear", "city", Wish("style", value="black and white")),
    ],
)
def test_a_mood_means_a_wish(mood: str, time: str, weather: str, place: str, wish: Wish) -> None:
    scene = Scene(things=(Thing("house", "red", "left"),), place=place, time=time, weather=weather)
    rng = random.Random(0)
    assert meant_by(Talk(rng, Speaker(rng, "train"), Picture(scene, "a red house")), mood) == wish
