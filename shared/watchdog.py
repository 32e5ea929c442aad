"""End a process that stands still, so that whoever supervises it starts it again.

Where memory runs out a process need not end: an extension that aborts can hang on its way out with the interpreter's
lock in its hand, and `Thread.start` waits without end for a thread that will never say it has begun (both with CPython
3.11; F33b of docs/faults.md). Then requests, probes and SIGTERM wait as well, and no thread of Python's can help.
"""

import asyncio
import faulthandler

AGAIN_S = 0.1  # after which what found no memory is tried again


async def give_signs(stuck_after_s: float) -> None:
    """Put off the process's end, until canceled; the clock that brings it runs outside of Python."""
    try:
        while stuck_after_s:
            try:
                faulthandler.dump_traceback_later(stuck_after_s, exit=True)
            except (MemoryError, RuntimeError):  # no memory, or no thread, for another clock
                await asyncio.sleep(AGAIN_S)
            else:
                await asyncio.sleep(stuck_after_s / 4)
    finally:
        faulthandler.cancel_dump_traceback_later()
