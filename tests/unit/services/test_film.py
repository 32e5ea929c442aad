"""The film of a conversation shows what its transcript tells, in order."""

from pathlib import Path

import pytest
from PIL import Image

from services.local.film import ANSWERED_MS, END_MS, FILM, PAINTED_MS, Said, draw_film, scenes_of

TRANSCRIPT = [
    "![a house](0-a-house.png)",
    "**you** make it more fun",
    "**DialogPaint** What shall I change?",
    "**you** make it night",
    "**DialogPaint** I'll make it night.",
    "`make it night` · 20 steps · 1.2 s",
    "![make it night](1-night.png)",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The pictures of a demo."""
    Image.new("RGB", (8, 8), "white").save(tmp_path / "0-a-house.png")
    Image.new("RGB", (8, 8), "navy").save(tmp_path / "1-night.png")
    return tmp_path


def test_you_type_and_are_answered_and_then_the_picture_changes(folder: Path) -> None:
    scenes = list(scenes_of(TRANSCRIPT, folder))
    assert scenes[0].said == ()
    assert [scene.said[0].text for scene in scenes[1:5]] == [
        "make ",
        "make it mo",
        "make it more fu",
        "make it more fun",
    ]
    answers = [scene.said[-1].text for scene in scenes if scene.shown_ms == ANSWERED_MS]
    assert answers == ["What shall I change?", "I'll make it night."]
    first, second = (scene for scene in scenes if scene.shown_ms == PAINTED_MS)
    assert (first.picture, first.note) == (folder / "0-a-house.png", "")
    assert (second.picture, second.note) == (folder / "1-night.png", "make it night  ·  20 steps · 1.2 s")
    assert (scenes[-1].said[-1], scenes[-1].shown_ms) == (Said("I'll make it night.", by_you=False), END_MS)


def test_it_moves_and_its_picture_changes(folder: Path) -> None:
    draw_film(TRANSCRIPT, folder, folder / "film.webp")
    with Image.open(folder / "film.webp") as film:
        corner = (film.width - 40, 40)
        before = film.convert("RGB").getpixel(corner)
        film.seek(getattr(film, "n_frames", 1) - 1)
        after = film.convert("RGB").getpixel(corner)
    assert before == pytest.approx((255, 255, 255), abs=8)
    assert after == pytest.approx((0, 0, 128), abs=8)


def test_the_film_of_the_docs_is_one_and_small_enough() -> None:
    assert FILM.stat().st_size < 1_000_000
    with Image.open(FILM) as film:
        assert getattr(film, "n_frames", 1) > 20
