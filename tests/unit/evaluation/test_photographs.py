"""Edits of any picture are judged against the true results."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editing_service.images import Pixels
from evaluation.editor import EditSettings
from evaluation.photographs import STYLES, generated, measure, photographs, summarise
from training.datasets.instructions import parse
from training.datasets.textures import ANYWHERE, after

SETTINGS = EditSettings(1, None)  # type: ignore[arg-type]  # the editors here look at no settings


class Exact:
    """Makes exactly what is asked for, or leaves the picture as it is for instructions with `lazy` in them."""

    def __init__(self, lazy: str = "none") -> None:
        self._lazy = lazy

    def edit_all(self, pictures: list[Pixels], instructions: list[str], _: EditSettings) -> list[Pixels]:
        return [self._edit(picture, said) for picture, said in zip(pictures, instructions, strict=True)]

    def _edit(self, picture: Pixels, said: str) -> Pixels:
        change = parse(said)
        assert change is not None
        return picture if self._lazy in said else np.asarray(after(Image.fromarray(picture), change))


def test_true_results_succeed_and_untouched_pictures_do_not() -> None:
    report = summarise(measure(Exact("sepia"), SETTINGS, generated(2)), of_photographs=False)  # type: ignore[arg-type]
    assert (report.pictures, report.same_size.right, report.same_size.count) == (2, 14, 14)
    assert (report.styles.right, report.styles.count) == (8, 10)
    assert report.by_edit["sepia"].right == 0
    assert report.by_edit["brighter"].right == 2
    assert report.detail_db["negative"] > 59


def test_results_of_another_size_are_counted_and_not_compared() -> None:
    class Shrinking(Exact):
        def edit_all(self, pictures: list[Pixels], instructions: list[str], _: EditSettings) -> list[Pixels]:
            return [picture[:-1] for picture in pictures]

    report = summarise(measure(Shrinking(), SETTINGS, generated(1)), of_photographs=False)  # type: ignore[arg-type]
    assert (report.same_size.right, report.styles.right) == (0, 0)
    assert all(map(math.isnan, report.detail_db.values()))


def test_photographs_are_read_upright_and_in_the_order_of_their_names(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (40, 20), "blue").save(tmp_path / "b.jpg", exif=turned)
    Image.new("RGB", (30, 30), "red").save(tmp_path / "a.png")
    (tmp_path / "notes.md").write_text("no picture")
    found = photographs(tmp_path, 5)
    assert list(found) == ["a.png", "b.jpg"]
    assert found["b.jpg"].shape == (40, 20, 3)
    with pytest.raises(ValueError, match="no pictures"):
        photographs(_empty(tmp_path), 1)


def test_generated_pictures_have_several_shapes() -> None:
    assert len({picture.shape for picture in generated(5).values()}) == 5
    assert len(STYLES) == 5 < len(ANYWHERE)


def _empty(folder: Path) -> Path:
    empty = folder / "empty"
    empty.mkdir()
    return empty
