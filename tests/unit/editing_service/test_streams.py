"""Pictures that come from the device while the steps go on, as a GPU's second stream lets them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor

from editing_service.engine import StepEngine
from editing_service.failures import DeviceLost, NotFinite
from editing_service.images import Pixels
from editing_service.model import EditingModel, load_model
from editing_service.streams import AtOnce, Coming, SideStream, place_beside
from tests.editing_fakes import Tampered
from tests.editing_runs import furthest_level, request
from tests.unit.editing_service.conftest import StartEngine

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@dataclass
class Late:
    """Pictures that have come once the test says so; whoever waits for them gets them at once."""

    make: Callable[[], list[Pixels]]
    come: threading.Event
    waited_for: bool = False

    def ready(self) -> bool:
        """As told."""
        return self.come.is_set()

    def result(self) -> list[Pixels]:
        """What fails, fails here, as on a GPU."""
        self.waited_for = not self.come.is_set()
        return self.make()


class WithStream(Tampered):
    """A model whose pictures take their time, with something done before each step."""

    def __init__(self, model: EditingModel, before: Callable[[Tensor], None] = lambda _: None) -> None:
        super().__init__(model, before)
        self.under_way: list[Late] = []

    def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
        """Begin, and give what comes later."""
        late = Late(lambda: super(WithStream, self).decode(latents).result(), threading.Event())
        self.under_way.append(late)
        return late


class AfterSteps:
    """Lets the pictures under way come after so many more U-Net calls."""

    def __init__(self, calls: int) -> None:
        self.calls, self.seen = calls, 0
        self.model: WithStream | None = None

    def __call__(self, _: Tensor) -> None:
        """Count a call, if there is something to wait for."""
        if self.model is not None and self.model.under_way:
            self.seen += 1
            if self.seen == self.calls:
                self.model.under_way[0].come.set()


def test_others_go_on_while_a_picture_is_on_its_way(model: EditingModel, start_engine: StartEngine) -> None:
    after = AfterSteps(calls=4)
    slow = after.model = WithStream(model, after)
    engine = StepEngine(slow, slots=8)  # not started, so that both join at once
    order: list[str] = []
    long, short = engine.submit(request(steps=12)), engine.submit(request(steps=2, seed=3))
    long.on_done(lambda: order.append("long"))
    short.on_done(lambda: order.append("short"))
    engine.start()
    engine.stop()
    assert furthest_level(short.result(30), start_engine(model).submit(request(steps=2, seed=3)).result(30)) <= 1
    assert furthest_level(long.result(30), start_engine(model).submit(request(steps=12)).result(30)) <= 1
    assert order == ["short", "long"]
    assert after.seen == 12 - 2
    assert not slow.under_way[0].waited_for
    assert slow.under_way[1].waited_for, "with nothing else to do the engine waits"


def test_a_slot_is_free_as_soon_as_a_run_is_denoised(model: EditingModel) -> None:
    after = AfterSteps(calls=3)
    slow = after.model = WithStream(model, after)
    engine = StepEngine(slow, slots=1)
    first, second = engine.submit(request(steps=2)), engine.submit(request(steps=6, seed=3))
    beside: list[int] = []
    first.on_done(lambda: beside.append(engine.state().in_flight))
    engine.start()
    engine.stop()
    assert beside == [1], "the second was let in while the first one's picture was on its way"
    assert second.result(0).rows > 0


def test_of_many_runs_that_end_together_the_first_do_not_wait_for_the_last(model: EditingModel) -> None:
    class Telling(Tampered):
        def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
            happened.append(f"{len(latents)} decoded")
            return super().decode(latents)

    happened: list[str] = []
    engine = StepEngine(Telling(model, lambda _: None), slots=8)
    for seed in range(3):
        handle = engine.submit(replace(request(steps=2, seed=seed, picture=seed), compare=True))
        handle.on_done(lambda: happened.append("given"))
    engine.start()
    engine.stop()
    assert happened == ["4 decoded", "given", "given", "2 decoded", "given"]


def test_of_pictures_that_come_together_only_the_bad_one_fails(model: EditingModel) -> None:
    engine = StepEngine(WithStream(model), slots=8)
    good, bad = request(steps=3), request(steps=3, text=float("nan"), seed=5)
    handles = [engine.submit(good), engine.submit(bad), engine.submit(replace(good, seed=6))]
    engine.start()
    engine.stop()
    handles[0].result(30)
    with pytest.raises(NotFinite):
        handles[1].result(30)
    handles[2].result(30)
    assert engine.state().in_flight == 0


def test_a_device_that_breaks_while_pictures_are_on_their_way_is_lost(
    model: EditingModel, start_engine: StartEngine
) -> None:
    class Breaking(WithStream):
        def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
            def broken() -> list[Pixels]:
                raise torch.AcceleratorError(f"an illegal access among {len(latents)} pictures")

            return Late(broken, threading.Event())

    engine = start_engine(Breaking(model))
    handles = [engine.submit(request(steps=2, seed=seed)) for seed in range(2)]
    for handle in handles:
        with pytest.raises(DeviceLost):
            handle.result(30)
    assert engine.state().lost


def test_previews_are_shown_when_they_have_come_and_not_behind_the_picture(
    model: EditingModel, start_engine: StartEngine
) -> None:
    class Shown:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def stepped(self, step: int, steps: int) -> None:
            self.heard.append(f"{step}/{steps}")

        def previewed(self, pixels: Pixels, step: int) -> None:
            self.heard.append(f"preview of step {step}, {pixels.shape[0]} high")

    after = AfterSteps(calls=3)
    slow = after.model = WithStream(model, after)
    engine, watcher = start_engine(slow), Shown()
    engine.submit(replace(request(steps=6), preview_every=2), watcher).result(30)
    engine.submit(request(steps=1)).result(30)
    assert watcher.heard == ["1/6", "2/6", "3/6", "4/6", "5/6", "preview of step 2, 32 high", "6/6"]
    assert len(slow.under_way) == 1 + 2, "no second preview was begun while the first was on its way"


def test_a_cpu_has_no_second_place() -> None:
    place = place_beside(torch.device("cpu"), side_stream=True)
    assert isinstance(place, AtOnce)
    doubled = place.compute(lambda: place.upload(torch.ones(2)) * 2)
    coming = place.fetch(lambda: (doubled + 1,), lambda fetched: fetched[0].tolist(), doubled)
    assert coming.ready()
    assert coming.result() == [3.0, 3.0]


@needs_cuda
def test_a_second_stream_gives_the_same_pictures(model_folder: object, start_engine: StartEngine) -> None:
    plain = load_model(str(model_folder), "cuda", "float32", side_stream=False)
    beside = load_model(str(model_folder), "cuda", "float32")
    asked = [replace(request(steps=2 + seed, seed=seed), compare=True) for seed in range(6)]
    expected = [handle.result(60) for handle in [start_engine(plain).submit(each) for each in asked]]
    engine = start_engine(beside)
    found = [handle.result(60) for handle in [engine.submit(each) for each in asked]]
    assert [furthest_level(*pair) <= 1 for pair in zip(found, expected, strict=True)] == [True] * len(asked)


@needs_cuda
def test_a_stream_reads_what_the_steps_gave_and_steps_what_it_gave() -> None:
    place = SideStream(torch.device("cuda"))
    started = []
    for number in range(50):  # nothing is waited for, and whatever was used may be given out again at once
        made = place.compute(lambda number=number: place.upload(torch.full((512, 512), float(number))) + 1)  # type: ignore[misc]
        torch.cuda._sleep(1_000_000)  # type: ignore[no-untyped-call]  # cycles: the steps fall behind
        squared = made @ torch.eye(512, device="cuda")
        started.append(place.fetch(lambda used=squared: (used * 2,), lambda fetched: fetched[0].clone(), squared))  # type: ignore[misc]
        del made, squared
    for number, coming in enumerate(started):
        assert torch.equal(coming.result(), torch.full((512, 512), 2.0 * (number + 1)))
