"""Closed and open loops, and what counts."""

import json
import math
import threading
import time

import pytest

from benchmarks.jobs import WISHES, Job, Mix, Parameters, Picture, Workload
from benchmarks.load import percentile, poisson_times, put_on
from benchmarks.sides import Load, SideFailed
from editing_service.model_folder import ModelDefaults, open_model_folder

JOB = Job(Picture(b"source"), "make it night", Parameters(3, 1.5, 1.0), seed=1)
GIVEN_UP = Job(Picture(b"source"), "make it night", Parameters(3, 1.5, 1.0), seed=2, given_up=True)
NEXT = Job(Picture(b"source"), "make it night", Parameters(3, 1.5, 1.0), seed=3, of_newest=True)


class FakeService:
    """Takes its time, or fails, and remembers what it was asked."""

    def __init__(self, takes_s: float = 0.0, fails: bool = False) -> None:
        self.takes_s, self.fails = takes_s, fails
        self.jobs: list[Job] = []
        self.patience: list[float | None] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        with self.lock:
            self.jobs.append(job)
            self.patience.append(patience_s)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.takes_s)
        with self.lock:
            self.at_once -= 1
        if self.fails:
            raise SideFailed("no")
        return None if patience_s is not None else Picture(b"result")


def test_a_closed_loop_keeps_its_clients_busy_and_no_more() -> None:
    service = FakeService(takes_s=0.02)
    loaded = put_on(service, Load([JOB] * 8, clients=4))
    assert service.most_at_once == 4
    assert loaded.jobs == len(loaded.latencies_s) == 8
    assert loaded.goodput == pytest.approx(8 / loaded.seconds)


def test_a_job_is_late_from_when_it_was_to_be_sent() -> None:
    loaded = put_on(FakeService(takes_s=0.05), Load([JOB] * 2, times=[0.0, 0.05]))
    assert loaded.seconds >= 0.1
    assert min(loaded.latencies_s) >= 0.05


def test_a_failed_job_is_infinitely_late_and_no_good() -> None:
    loaded = put_on(FakeService(fails=True), Load([JOB]))
    assert loaded.latencies_s == (math.inf,)
    assert loaded.goodput == 0
    assert loaded.why == ("no",)


def test_a_job_given_up_has_half_the_usual_time_and_counts_for_nothing() -> None:
    service = FakeService(takes_s=0.02)
    loaded = put_on(service, Load([JOB, GIVEN_UP], clients=1))
    assert service.patience[1] == pytest.approx(loaded.latencies_s[0] / 2)
    assert len(loaded.latencies_s) == 1


def test_a_job_on_the_newest_picture_gets_it() -> None:
    service = FakeService()
    put_on(service, Load([JOB, NEXT], clients=1))
    assert service.jobs[1].picture.png == b"result"


def test_a_percentile_is_one_of_the_latencies() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0


def test_poisson_times_rise_at_the_wanted_rate() -> None:
    times = poisson_times(rate=50, count=2000, seed=1)
    assert times == sorted(times)
    assert times[-1] == pytest.approx(40, rel=0.1)


def test_a_workload_is_the_same_again_for_the_same_seed() -> None:
    defaults = ModelDefaults(resolution=32)
    assert Workload(defaults, 3).mixed(4, Mix()) == Workload(defaults, 3).mixed(4, Mix())
    assert Workload(defaults, 3).mixed(4, Mix()) != Workload(defaults, 4).mixed(4, Mix())


def test_mixed_jobs_are_mixed_as_announced() -> None:
    jobs = Workload(ModelDefaults(resolution=16), 1).mixed(400, Mix(steps=(1, 2)))
    assert {job.parameters.steps for job in jobs} == {1, 2}
    assert sum(job.parameters.image_scale == 1 for job in jobs) / 400 == pytest.approx(0.2, abs=0.06)
    assert sum(job.given_up for job in jobs) / 400 == pytest.approx(0.1, abs=0.05)
    assert sum(job.of_newest for job in jobs) / 400 == pytest.approx(0.3, abs=0.07)


def test_a_job_survives_the_way_to_a_peer() -> None:
    assert Job.from_json(json.loads(JOB.to_json())) == JOB


def test_the_mini_editor_knows_every_word_of_the_wishes() -> None:
    known = open_model_folder("checkpoints/mini-editor").defaults.words
    assert known is not None
    assert {word for wish in WISHES for word in wish.split()} <= set(known)
