"""One edit's life: every way it can end is written down once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from editing_service.canvas import Canvas
from editing_service.edit import EditRunner, WorkerLimits
from editing_service.engine import StepEngine
from editing_service.images import Pixels, read_picture, write_png
from editing_service.metrics import WorkerMetrics
from editing_service.model import EditingModel
from editing_service.ports import Outside
from editing_service.progress import ProgressPump
from shared.provenance import history_in
from shared.schemas.parameters import EditDefaults, EditParameters, ResolvedParameters
from shared.schemas.provenance import History, Making
from shared.storage.records import Renewal, Skip, Verdict, Written, describe_image
from tests.editing_fakes import SOURCE, FakeClaims, FakeFiles, Tampered, make_claim
from tests.editing_models import SIDE, make_picture

AS_MADE = {"steps": 4, "text_guidance_scale": 3.0, "image_guidance_scale": 1.5, "quality": "exact"}


class Bench:
    """A runner on a tiny model with stores in memory."""

    def __init__(self, model: EditingModel, max_edit_s: float = 60, slots: int = 8) -> None:
        self.claims, self.files = FakeClaims(), FakeFiles()
        self.pump = ProgressPump(self.claims, lease_s=20)
        self.engine = StepEngine(model, slots=slots, after_step=self.pump.wake)
        canvas = Canvas(SIDE, model.multiple, "tiny")
        outside = Outside(self.claims, self.files, WorkerMetrics(), "worker_1")
        self.runner = EditRunner(self.engine, self.pump, outside, canvas, WorkerLimits(20, max_edit_s))

    def run(self, **parameters: float) -> list[str]:
        """Run one edit and say how it ended."""
        return self.run_with(make_claim("edit_1", **parameters).parameters)

    def run_with(self, parameters: ResolvedParameters) -> list[str]:
        """Run one edit with exactly these and say how it ended."""
        self.claims.waiting["edit_1"] = replace(make_claim("edit_1"), parameters=parameters)
        self.runner.run("edit_1")
        return [how for _, how in self.claims.endings]

    def pictures(self) -> list[Pixels]:
        """Give the pixels that the last edit stored."""
        return [np.asarray(read_picture(self.files.data[image.file])) for image in self.claims.images]


def raising(error: Exception) -> Callable[[Tensor], None]:
    """Make something that raises."""

    def call(_: Tensor) -> None:
        raise error

    return call


@contextmanager
def running(bench: Bench) -> Iterator[Bench]:
    """Let the bench's threads run."""
    bench.pump.start()
    bench.engine.start()
    try:
        yield bench
    finally:
        bench.engine.stop()
        bench.pump.stop()


@pytest.fixture
def bench(model: EditingModel) -> Iterator[Bench]:
    """A bench whose threads run for the length of the test."""
    with running(Bench(model)) as bench:
        yield bench


def test_an_edit_ends_with_its_picture_stored_under_the_fence(bench: Bench) -> None:
    assert bench.run() == ["succeeded tiny"]
    (image,) = bench.claims.images
    assert image.file == "local/edit_1-1-0.png"
    assert read_picture(bench.files.data[image.file]).size == (image.width, image.height) == (SIDE, SIDE)
    assert bench.claims.timings is not None
    assert bench.claims.timings.denoise_s is not None


def test_the_same_seed_gives_the_same_bytes(bench: Bench) -> None:
    bench.run(seed=5)
    first = bench.claims.images[0].sha256
    pixels = read_picture(bench.files.data[bench.claims.images[0].file])
    bench.run(seed=5)
    assert bench.claims.images[0].sha256 == first
    bench.run(seed=6)
    assert read_picture(bench.files.data[bench.claims.images[0].file]) != pixels


def test_several_pictures_come_from_seeds_one_after_the_other(bench: Bench) -> None:
    bench.run(seed=5, count=3)
    together = [read_picture(bench.files.data[image.file]).tobytes() for image in bench.claims.images]
    alone = []
    for seed in (5, 6, 7):
        bench.run(seed=seed)
        alone.append(read_picture(bench.files.data[bench.claims.images[0].file]))
    assert len(set(together)) == 3
    pictures = [read_picture(bench.files.data[f"local/edit_1-1-{index}.png"]) for index in (1, 2)]
    for one, other in zip(pictures, alone[1:], strict=True):
        assert np.abs(np.asarray(one).astype(int) - np.asarray(other)).max() <= 1


@pytest.mark.parametrize(("slots", "furthest"), [(1, 0), (8, 1)])  # rows of one batch may round unlike those of another
def test_a_cell_of_a_sweep_is_the_picture_that_the_plain_edit_makes(
    model: EditingModel, slots: int, furthest: int
) -> None:
    axes = {"text_guidance_scale": [1.0, 3.0], "image_guidance_scale": [1.2, 1.6]}  # at 1.0 a row less is computed
    asked = EditParameters.model_validate({"seed": 5, "steps": 4, "sweep": axes})
    with running(Bench(model, slots=slots)) as bench:
        bench.run_with(asked.resolve(EditDefaults(steps=4, text_guidance_scale=7.5, image_guidance_scale=1.5), seed=0))
        cells = bench.pictures()
        plain = []
        for text, image in itertools.product(*axes.values()):
            bench.run(seed=5, text_guidance_scale=text, image_guidance_scale=image)
            plain += bench.pictures()
    assert len({cell.tobytes() for cell in cells}) == 4
    for cell, picture in zip(cells, plain, strict=True):
        assert np.abs(cell.astype(int) - picture).max() <= furthest


def test_a_pictures_file_tells_how_it_was_made_with_its_own_seed_and_what_its_source_told(bench: Bench) -> None:
    earlier = Making.model_validate({"instruction": "make it day", "parameters": {**AS_MADE, "seed": 1}})
    data = write_png(make_picture(1), History().then(earlier))
    source = replace(describe_image("img_source", "local/told.png", data, "image/png", (SIDE, SIDE)), made_here=1)
    bench.files.data[source.file] = data
    bench.claims.waiting["edit_1"] = replace(make_claim("edit_1", count=2), source=source, prior_instructions=("a",))
    bench.runner.run("edit_1")
    second = bench.claims.images[1]
    written = bench.files.data[second.file]
    latest, oldest = history_in(written).steps
    assert (latest.prior_instructions, latest.instruction) == (["a"], "paint the house")
    assert latest.parameters.model_dump(mode="json") == {**AS_MADE, "seed": 8}
    assert (latest.model, latest.source_sha256) == ("tiny", source.sha256)
    assert (oldest, second.made_here) == (earlier, 2)
    assert b"edit_1" not in written
    assert b"local" not in written


def test_the_highest_seed_can_be_asked_for_twice(bench: Bench) -> None:
    assert bench.run(seed=2**63 - 1, count=2) == ["succeeded tiny"]


def test_agreed_instructions_are_carried_out_first_and_counted(bench: Bench) -> None:
    claim = replace(make_claim("edit_1"), prior_instructions=("make it night", "remove the tree"))
    bench.claims.waiting["edit_1"] = claim
    bench.runner.run("edit_1")
    steps = [(renewal.step, renewal.steps) for renewals in bench.claims.renewals for renewal in renewals]
    assert bench.claims.endings == [("edit_1", "succeeded tiny")]
    assert {total for _, total in steps if total != 4} == {12}


def test_a_mask_keeps_the_rest_of_the_picture(bench: Bench) -> None:
    mask = read_picture(bench.files.data[SOURCE.file]).convert("L").point(lambda _: 0)
    bench.files.data["mask.png"] = write_png(mask)
    bench.claims.waiting["edit_1"] = replace(make_claim("edit_1"), mask=replace(SOURCE, file="mask.png"))
    bench.runner.run("edit_1")
    before, after = (read_picture(bench.files.data[key]) for key in (SOURCE.file, "local/edit_1-1-0.png"))
    assert np.array_equal(np.asarray(before), np.asarray(after))


def test_previews_are_stored_and_told_of(bench: Bench) -> None:
    bench.run(steps=6, preview_every=2)
    assert [(image.file, step) for image, step in bench.claims.previews] == [
        ("local/edit_1-1-preview-2.jpg", 2),
        ("local/edit_1-1-preview-4.jpg", 4),
    ]


def test_a_canceled_edit_ends_as_canceled_and_stores_nothing(bench: Bench) -> None:
    bench.claims.verdict = lambda renewal: Verdict.CANCEL if renewal.step else Verdict.CONTINUE
    assert bench.run(steps=100) == ["canceled"]
    assert list(bench.files.data) == [SOURCE.file]


def test_a_delivery_of_an_edit_that_is_not_to_be_had_does_nothing(bench: Bench) -> None:
    for skip in Skip:
        bench.claims.waiting["edit_1"] = skip
        bench.runner.run("edit_1")
    assert bench.claims.endings == []


def test_a_stale_workers_files_are_removed(bench: Bench) -> None:
    bench.claims.written = Written.FENCED
    bench.run(steps=4, preview_every=2)
    assert list(bench.files.data) == [SOURCE.file]


def test_the_ending_is_written_again_until_redis_is_back(bench: Bench) -> None:
    bench.claims.failures = 2
    assert bench.run(steps=1) == ["succeeded tiny"]


def test_a_source_that_is_gone_fails_the_edit(bench: Bench) -> None:
    bench.files.data.clear()
    assert bench.run() == ["failed not-found"]


def test_a_source_that_is_no_picture_fails_the_edit(bench: Bench) -> None:
    bench.files.data[SOURCE.file] = b"no picture"
    assert bench.run() == ["failed picture-unreadable"]


def test_an_edit_whose_files_stay_away_goes_back_and_counts_as_tried(model: EditingModel) -> None:
    bench = Bench(model, max_edit_s=0)
    bench.files.away = True
    assert bench.run() == ["released True"]


def test_an_edit_waits_for_files_that_come_back(bench: Bench) -> None:
    bench.files.away = True
    threading.Timer(0.2, setattr, (bench.files, "away", False)).start()
    assert bench.run() == ["succeeded tiny"]


def test_an_edit_that_may_bring_processes_down_is_claimed_again_alone(bench: Bench) -> None:
    bench.claims.suspects.add("edit_1")
    assert bench.run() == ["succeeded tiny"]
    assert bench.claims.companies == [True, False]


def test_an_edit_that_takes_too_long_fails_with_timeout(model: EditingModel) -> None:
    bench = Bench(model, max_edit_s=0)
    bench.engine.start()
    assert bench.run() == ["failed timeout"]
    bench.engine.stop()


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), "failed out-of-memory"),
        (ValueError("something nobody thought of"), "failed edit-failed"),
    ],
)
def test_an_edit_that_raises_fails_with_its_code(model: EditingModel, error: Exception, how: str) -> None:
    bench = Bench(Tampered(model, raising(error)))
    bench.engine.start()
    assert bench.run(count=2) == [how]
    bench.engine.stop()


def test_an_edit_that_comes_while_the_worker_goes_down_goes_back(model: EditingModel) -> None:
    bench = Bench(model)
    bench.engine.start()
    bench.engine.stop()
    assert bench.run() == ["released False"]


def test_each_renewal_tells_steps_in_order(bench: Bench) -> None:
    bench.run(steps=30)
    told: list[Renewal] = [renewal for renewals in bench.claims.renewals for renewal in renewals]
    assert [renewal.step for renewal in told] == sorted(renewal.step for renewal in told)
