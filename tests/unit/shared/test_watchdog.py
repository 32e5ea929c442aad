"""A process that stands still ends; one that is busy for a while, or ends by itself, is left alone."""

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, time
from shared.watchdog import give_signs
async def main():
    task = asyncio.create_task(give_signs({after_s}))
    await asyncio.sleep(0.2)
    time.sleep({blocked_s})
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    time.sleep(1)
    print("well")
asyncio.run(main())
"""


def ran(after_s: float, blocked_s: float) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(after_s=after_s, blocked_s=blocked_s)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)


def test_a_process_that_stands_still_ends_and_says_where_it_stood() -> None:
    done = ran(after_s=0.8, blocked_s=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert "in main" in done.stderr


@pytest.mark.parametrize(("after_s", "blocked_s"), [(20, 0.5), (0, 1.5)])
def test_one_that_is_busy_for_a_while_or_unwatched_does_not(after_s: float, blocked_s: float) -> None:
    done = ran(after_s, blocked_s)
    assert (done.returncode, done.stdout) == (0, "well\n"), done.stderr


def test_nothing_is_left_when_the_signs_end() -> None:
    assert ran(after_s=0.6, blocked_s=0).stdout == "well\n"
