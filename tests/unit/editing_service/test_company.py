"""Who shares a worker with whom."""

import threading
import time

from editing_service.company import Company

PATIENCE_S = 10.0


class Visit(threading.Thread):
    """Somebody who comes, stays until told to leave, and leaves."""

    def __init__(self, company: Company, *, alone: bool = False) -> None:
        super().__init__(daemon=True)
        self.here, self.may_leave = threading.Event(), threading.Event()
        self._wait = company.alone if alone else company.together
        self.start()

    def run(self) -> None:
        """Come and go."""
        with self._wait():
            self.here.set()
            self.may_leave.wait(PATIENCE_S)

    def came(self) -> bool:
        """Whether it gets in, given time."""
        return self.here.wait(PATIENCE_S)

    def leave(self) -> None:
        """Have it go."""
        self.may_leave.set()
        self.join(PATIENCE_S)


def test_many_are_together() -> None:
    company = Company()
    visits = [Visit(company) for _ in range(3)]
    assert all(visit.came() for visit in visits)
    for visit in visits:
        visit.leave()


def test_who_wants_to_be_alone_waits_for_the_others_and_keeps_new_ones_out() -> None:
    company = Company()
    first = Visit(company)
    assert first.came()
    alone = Visit(company, alone=True)
    time.sleep(0.05)
    late = Visit(company)
    time.sleep(0.05)
    assert not alone.here.is_set()
    first.leave()
    assert alone.came()
    assert not late.here.is_set()
    alone.leave()
    assert late.came()
    late.leave()


def test_several_are_alone_one_after_the_other() -> None:
    company = Company()
    first, second = Visit(company, alone=True), Visit(company, alone=True)
    deadline = time.monotonic() + PATIENCE_S
    while not (first.here.is_set() or second.here.is_set()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert first.here.is_set() != second.here.is_set()
    first.may_leave.set()
    second.may_leave.set()
    assert first.came()
    assert second.came()
