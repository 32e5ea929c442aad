"""The step engine: unlike edits share steps, and whatever happens to one leaves the others as they are."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from editing_service.engine import StepEngine
from editing_service.failures import DeviceLost, EditCanceled, EngineStopped, NotFinite
from editing_service.images import Pixels
from editing_service.model import EditingModel
from editing_service.runs import RunHandle, RunRequest, monotonic
from editing_service.streams import Coming
from shared.errors import EditOutOfMemory, EditTimedOut
from tests.editing_fakes import Tampered
from tests.editing_runs import furthest_level, request
from tests.unit.editing_service.conftest import StartEngine

UNLIKE = [
    request("paint the house orange", steps=3, text=1.5, image=1.0, seed=1, picture=1),
    request("remove the tree", steps=10, text=7.5, image=1.5, seed=2, picture=2),
    request("make it night", steps=20, text=2.0, image=2.0, seed=3, picture=3),
    request("make it rain", steps=7, text=1.0, image=1.0, seed=4, picture=1),
    request("make it sepia", steps=12, text=4.0, image=0.5, seed=5, picture=2),
    request("add a red ball", steps=5, text=0.5, image=1.2, seed=6, picture=3),
    request("invert the colours", steps=1, text=3.0, image=1.3, seed=7, picture=4),
    request("make it a sketch", steps=15, text=6.0, image=1.7, seed=8, picture=5),
]


class Gate:
    """Holds the device thread before each U-Net call until the test lets it through."""

    def __init__(self) -> None:
        self._arrived, self._go = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, _: Tensor) -> None:
        """Wait at the gate."""
        self._arrived.release()
        self._go.acquire(timeout=30)

    def wait(self) -> None:
        """Wait until the device thread stands before a call."""
        assert self._arrived.acquire(timeout=30)

    def open(self, times: int = 1) -> None:
        """Let it through so many calls."""
        self._go.release(times)


class Listener:
    """Remembers what a watcher hears."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []
        self.previews: list[Pixels] = []

    def stepped(self, step: int, steps: int) -> None:
        """Remember a step."""
        self.steps.append((step, steps))

    def previewed(self, pixels: Pixels, step: int) -> None:
        """Remember a preview."""
        self.previews.append(pixels)


def submit_all(engine: StepEngine, requests: Sequence[RunRequest]) -> list[RunHandle]:
    return [engine.submit(each) for each in requests]


@pytest.mark.parametrize("which", ["model", "ancestral_model"])
def test_an_edit_gives_the_same_picture_alone_and_among_eight_unlike_ones(
    which: str, request: pytest.FixtureRequest, start_engine: StartEngine
) -> None:
    chosen = request.getfixturevalue(which)
    alone = [start_engine(chosen).submit(each).result(60) for each in UNLIKE]
    together = [handle.result(60) for handle in submit_all(start_engine(chosen), UNLIKE)]
    assert [furthest_level(one, other) <= 1 for one, other in zip(alone, together, strict=True)] == [True] * 8


def test_an_edit_that_joins_late_gives_the_same_picture(
    ancestral_model: EditingModel, start_engine: StartEngine
) -> None:
    alone = start_engine(ancestral_model).submit(UNLIKE[1]).result(60)
    gate = Gate()
    engine = start_engine(Tampered(ancestral_model, gate))
    first = engine.submit(UNLIKE[2])
    gate.wait()
    gate.open(4)
    late = engine.submit(UNLIKE[1])
    gate.open(100)
    assert furthest_level(alone, late.result(60)) <= 1
    first.result(60)


def test_a_neighbours_cancel_changes_nothing(ancestral_model: EditingModel, start_engine: StartEngine) -> None:
    alone = start_engine(ancestral_model).submit(UNLIKE[1]).result(60)
    gate = Gate()
    engine = start_engine(Tampered(ancestral_model, gate))
    kept, canceled = submit_all(engine, [UNLIKE[1], UNLIKE[2]])
    gate.wait()
    canceled.cancel()
    gate.open(100)
    assert furthest_level(alone, kept.result(60)) <= 1
    with pytest.raises(EditCanceled):
        canceled.result(60)


def test_a_canceled_edits_rows_are_free_in_the_next_step(model: EditingModel, start_engine: StartEngine) -> None:
    gate = Gate()
    tampered = Tampered(model, gate)
    engine = start_engine(tampered)
    stays, leaves = submit_all(engine, [request(steps=4), request(steps=20, seed=8)])
    gate.wait()
    while tampered.row_counts[-1] != 6:  # the second may join one step later
        gate.open()
        gate.wait()
    leaves.cancel()
    gate.open()
    gate.wait()
    assert tampered.row_counts[-1] == 3
    gate.open(100)
    stays.result(60)


def test_rows_of_weight_zero_are_not_computed(model: EditingModel, start_engine: StartEngine) -> None:
    engine = start_engine(model)
    rows = {
        (text, image): engine.submit(request(steps=2, text=text, image=image)).result(60).rows
        for text, image in [(3.0, 1.5), (3.0, 1.0), (2.0, 2.0), (1.0, 1.0)]
    }
    assert rows == {(3.0, 1.5): 6, (3.0, 1.0): 4, (2.0, 2.0): 4, (1.0, 1.0): 2}


@pytest.mark.parametrize(("text", "image"), [(3.0, 0.5), (0.5, 1.5), (1.0, 1.0), (1.0, 0.0)])
def test_small_scales_follow_the_formula(
    model: EditingModel, start_engine: StartEngine, text: float, image: float
) -> None:
    """One step of sample prediction with zero terminal SNR ends at the combined prediction itself."""
    asked = request(steps=1, text=text, image=image)
    result = start_engine(model).submit(asked).result(60)
    with torch.inference_mode():
        seen = model.image_latents([(asked.picture_hash, asked.pixels)])[0]
        noise = torch.randn(1, *seen.shape, generator=torch.Generator().manual_seed(asked.seed))
        shown = torch.stack([seen, seen, torch.zeros_like(seen)])
        embeds = torch.stack([model.prompt_embeds(asked.instructions[0]), model.no_prompt, model.no_prompt])
        sample = torch.cat([noise.expand(3, -1, -1, -1), shown], dim=1)
        both, picture, neither = model.predict(sample, torch.full((3,), 999.0), embeds)
    expected = neither + image * (picture - neither) + text * (both - picture)
    torch.testing.assert_close(result.latents, expected, atol=1e-4, rtol=1e-4)


def test_instructions_are_carried_out_one_after_the_other(model: EditingModel, start_engine: StartEngine) -> None:
    engine, listener = start_engine(model), Listener()
    chained = replace(request(steps=3), instructions=("make it night", "remove the tree"))
    both = engine.submit(chained, listener).result(60)
    assert listener.steps == [(step, 6) for step in range(1, 7)]
    only_last = engine.submit(replace(chained, instructions=("remove the tree",))).result(60)
    assert furthest_level(both, only_last) > 1
    assert np.array_equal(both.pixels, engine.submit(chained).result(60).pixels)


def test_previews_come_as_often_as_asked_and_never_for_the_last_step(
    model: EditingModel, start_engine: StartEngine
) -> None:
    listener = Listener()
    asked = replace(request(steps=6), preview_every=2)
    finished = start_engine(model).submit(asked, listener).result(60)
    assert [preview.shape for preview in listener.previews] == [finished.pixels.shape] * 2


def test_a_failing_edit_does_not_hurt_its_neighbours(model: EditingModel, start_engine: StartEngine) -> None:
    poison = request(steps=5, seed=99, image=1.0, text=1.0)
    noise = torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(99))

    def fail_for_poison(sample: Tensor) -> None:
        if any(torch.allclose(row[:4], noise) for row in sample):
            raise ValueError("this edit can't be computed")

    expected = [start_engine(model).submit(each).result(60) for each in UNLIKE[:3]]
    engine = start_engine(Tampered(model, fail_for_poison))
    *good, bad = submit_all(engine, [*UNLIKE[:3], poison])
    with pytest.raises(ValueError, match="can't be computed"):
        bad.result(60)
    assert all(furthest_level(one, handle.result(60)) <= 1 for one, handle in zip(expected, good, strict=True))


def test_exhausted_memory_is_answered_with_smaller_batches(
    ancestral_model: EditingModel, start_engine: StartEngine
) -> None:
    def only_three_rows_fit(sample: Tensor) -> None:
        if sample.shape[0] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")

    expected = [start_engine(ancestral_model).submit(each).result(60) for each in UNLIKE[:4]]
    tampered = Tampered(ancestral_model, only_three_rows_fit)
    results = [handle.result(60) for handle in submit_all(start_engine(tampered), UNLIKE[:4])]
    assert all(furthest_level(one, other) <= 1 for one, other in zip(expected, results, strict=True))


def test_an_edit_that_does_not_even_fit_alone_fails_with_out_of_memory(
    model: EditingModel, start_engine: StartEngine
) -> None:
    def nothing_fits(_: Tensor) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")

    with pytest.raises(EditOutOfMemory):
        start_engine(Tampered(model, nothing_fits)).submit(request()).result(60)


def test_a_lost_device_stops_its_edits_and_takes_no_more(model: EditingModel, start_engine: StartEngine) -> None:
    def break_down(_: Tensor) -> None:
        raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")

    engine = start_engine(Tampered(model, break_down))
    with pytest.raises(DeviceLost):
        engine.submit(request()).result(60)
    assert engine.state().lost
    with pytest.raises(EngineStopped):
        engine.submit(request())


def test_numbers_that_are_no_picture_fail_the_edit(model: EditingModel, start_engine: StartEngine) -> None:
    with pytest.raises(NotFinite):
        start_engine(model).submit(request(text=float("nan"))).result(60)


def test_an_edit_over_its_deadline_stops(model: EditingModel, start_engine: StartEngine) -> None:
    late = replace(request(steps=50), deadline=monotonic() - 1)
    with pytest.raises(EditTimedOut, match="of 50 steps"):
        start_engine(model).submit(late).result(60)


def test_more_edits_than_slots_wait_their_turn(model: EditingModel, start_engine: StartEngine) -> None:
    tampered = Tampered(model, lambda _: None)
    handles = submit_all(start_engine(tampered, slots=2), [request(steps=2, seed=seed) for seed in range(5)])
    for handle in handles:
        handle.result(60)
    assert max(tampered.row_counts) == 6


def test_pictures_of_unlike_sizes_are_in_flight_together(model: EditingModel, start_engine: StartEngine) -> None:
    wide = replace(request(steps=4), pixels=np.zeros((16, 32, 3), np.uint8), picture_hash="wide")
    square, landscape = submit_all(start_engine(model), [request(steps=4), wide])
    assert square.result(60).pixels.shape == (32, 32, 3)
    assert landscape.result(60).pixels.shape == (16, 32, 3)


def test_stopping_lets_the_submitted_finish_and_takes_no_more(model: EditingModel) -> None:
    engine = StepEngine(model, slots=8)
    engine.start()
    handle = engine.submit(request(steps=10))
    engine.stop()
    assert handle.result(0).rows == 30
    with pytest.raises(EngineStopped):
        engine.submit(request())


def test_a_watcher_that_raises_stops_nothing(model: EditingModel, start_engine: StartEngine) -> None:
    class Faulty(Listener):
        def stepped(self, step: int, steps: int) -> None:
            raise OSError(f"nobody listens to step {step} of {steps}")

    finished = start_engine(model).submit(request(), Faulty()).result(60)
    assert furthest_level(finished, start_engine(model).submit(request()).result(60)) == 0


def test_a_run_that_compares_also_gets_its_source_as_the_autoencoder_renders_it(
    model: EditingModel, start_engine: StartEngine
) -> None:
    engine = start_engine(model)
    plain, compared = request(steps=2), replace(request(steps=2), compare=True)
    handles = [engine.submit(plain), engine.submit(compared)]
    alone, with_source = (handle.result(30) for handle in handles)
    assert alone.untouched is None
    assert furthest_level(alone, with_source) <= 1
    assert with_source.untouched is not None
    latents = model.image_latents([(compared.picture_hash, compared.pixels)])[0] * model.scaling_factor
    rendered = model.decode(latents[None]).result()[0]
    assert np.abs(with_source.untouched.astype(int) - rendered).max() <= 1


def test_many_edits_of_one_picture_render_it_once(model: EditingModel, start_engine: StartEngine) -> None:
    decoded = []

    class Counting(Tampered):
        def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
            decoded.append(len(latents))
            return super().decode(latents)

    engine = start_engine(Counting(model, lambda _: None))
    first = [replace(request(steps=2, seed=seed), compare=True) for seed in range(3)]
    results = [handle.result(30) for handle in submit_all(engine, first)]
    again = engine.submit(replace(request(steps=2, seed=9), compare=True)).result(30)
    other = engine.submit(replace(request(steps=2, picture=1), compare=True)).result(30)
    assert sum(decoded) == len(first) + 1 + 1 + 2
    assert again.untouched is not None
    assert other.untouched is not None
    assert all(result.untouched is not None and (result.untouched == again.untouched).all() for result in results)
    assert (other.untouched != again.untouched).any()


def order_of_endings(model: EditingModel, requests: Sequence[RunRequest]) -> list[int]:
    """Give the step counts of runs that wait for one slot, in the order in which they end."""
    engine, ended = StepEngine(model, slots=1), []
    for each in requests:
        engine.submit(each).on_done(lambda steps=each.steps: ended.append(steps))  # type: ignore[misc]
    engine.start()
    engine.stop()
    return ended


def test_short_runs_overtake_long_ones_that_have_not_waited_for_long(
    model: EditingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [request(steps=steps) for steps in (6, 2, 4)]
    assert order_of_endings(model, waiting) == [2, 4, 6]
    monkeypatch.setattr("editing_service.engine.OVERTAKEN_S", -1)
    assert order_of_endings(model, waiting) == [6, 2, 4]
