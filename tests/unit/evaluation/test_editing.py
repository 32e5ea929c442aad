import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from editing_service.model import load_model
from evaluation.editing import drawn_triples, preserved_db, summarise
from evaluation.editor import Editor, EditSettings
from evaluation.guidance import Grid, measure
from evaluation.judging import judge
from evaluation.pixels import pixels_of
from tests.editing_models import save_pipeline
from training.datasets.changes import Change, Recolour, SetTime, apply
from training.datasets.edits import Triple
from training.datasets.world import Scene, Thing

SCENE = Scene("meadow", things=(Thing("house", "red", "left"),))
SOURCE = pixels_of(SCENE)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """A real, untrained editor."""
    editor = Editor(load_model(str(save_pipeline(tmp_path_factory.mktemp("editor"))), device="cpu"))
    yield editor
    editor.close()


def quick(editor: Editor) -> EditSettings:
    """The model's own settings, in two steps."""
    return replace(editor.settings(), steps=2)


def triple(change: Change) -> Triple:
    return Triple(SCENE, change, apply(SCENE, change))


def test_a_summary_counts_by_family() -> None:
    blue, night = triple(Recolour("house", "blue")), triple(SetTime("night"))
    results = [judge(blue, SOURCE, SOURCE), judge(night, SOURCE, pixels_of(night.after))]
    report = summarise([*results, judge(blue, SOURCE, pixels_of(blue.after))])
    assert report.success == pytest.approx(200 / 3)
    assert report.by_family == {"recolour": 50.0, "time": 100.0}
    assert report.counts == {"recolour": 2, "time": 1}
    assert set(report.detail_by_family) == {"recolour"}


def test_nothing_is_said_of_preservation_where_nothing_was_to_be_kept() -> None:
    assert math.isnan(preserved_db([]))


def test_the_same_triples_are_drawn_again() -> None:
    assert drawn_triples(3) == drawn_triples(3) != drawn_triples(3, seed=1)


def test_no_instruction_leaves_a_picture_as_it_is_and_two_are_carried_out_in_one_run(editor: Editor) -> None:
    untouched, twice = editor.follow_all([SOURCE, SOURCE], [[], ["make it night", "make it sepia"]], quick(editor))
    assert np.array_equal(untouched, SOURCE)
    assert np.array_equal(twice, editor.follow_all([SOURCE], [["make it night", "make it sepia"]], quick(editor))[0])
    assert not np.array_equal(twice, editor.edit(SOURCE, "make it sepia", quick(editor)))


def test_guidance_is_measured_at_every_setting_on_the_same_edits(editor: Editor) -> None:
    grid = Grid(text=(1.0, 3.0), image=(1.0,), steps=(1, 2))
    report = measure(editor, 2, quick(editor), grid)
    assert [(point.text, point.image) for point in report.scales] == [(1.0, 1.0), (3.0, 1.0)]
    assert [point.steps for point in report.steps] == [1, 2]
    assert {point.success.count for point in [*report.scales, *report.steps]} == {2}
