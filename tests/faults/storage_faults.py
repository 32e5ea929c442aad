"""F10–F14, F19, F33: Redis away, full or empty; pictures that can't be kept; descriptors and memory that run out."""

from __future__ import annotations

import asyncio
import ctypes
import io
import resource
import shutil
import signal
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
from PIL import Image

from tests.faults.client import Call
from tests.faults.evidence import Evidence
from tests.faults.load import ORDINARY
from tests.faults.matrix import Fault
from tests.faults.session import Session
from tests.faults.stack import GATEWAYS

DOWN_S, STOPPED_S, LONG_STOPPED_S, FULL_S = 2.0, 15.0, 40.0, 5.0
REFUSED_WITHIN_S, ALIVE_WITHIN_S = 2.0, 0.1
TORN_AT_BYTES = 100
SPARE_DESCRIPTORS = 3
SPARE_MEMORY, LARGE_PICTURE = 2 * 2**20, (4096, 4096)  # more than what an allocator keeps at hand
LARGE_MIB = 130  # its pixels, four bytes each, as it came and made anew: under the limit glibc takes them from its heap
AT_CWD, RENAME_EXCHANGE = -100, 2


async def _kill_redis(session: Session) -> None:
    redis = session.stack.processes["redis"]
    for _ in range(2):
        session.stack.held_down.add("redis")
        redis.signal(signal.SIGKILL)
        await _probe(session, DOWN_S)
        session.stack.held_down.discard("redis")
        await asyncio.sleep(DOWN_S)


async def _stop_redis(session: Session, for_s: float) -> None:
    session.stack.processes["redis"].signal(signal.SIGSTOP)
    try:
        await _probe(session, for_s)
    finally:
        session.stack.processes["redis"].signal(signal.SIGCONT)


async def _probe(session: Session, for_s: float) -> None:
    """Ask all the while whether a gateway is alive, and have it refuse something; the quickest answers are noted."""
    client, until = session.load.tenants[0].client, time.monotonic() + for_s
    alive, refused = [], []
    while time.monotonic() < until:
        alive.append((await client.once(Call("GET", "/livez"))).took_s or 0.0)
        exchange = await client.once(Call("GET", "/v1/edits"))
        if exchange.status == 503:
            refused.append(exchange.took_s or 0.0)
        await asyncio.sleep(0.2)
    session.notes["alive in s"] = round(min(alive), 3)
    if refused:
        session.notes["refused in s"] = round(statistics.median(refused), 3)


def _refused_soon(session: Session, evidence: Evidence) -> Iterable[str]:
    """The machine may be busy: it is the quickest of many answers that must be quick."""
    if float(str(session.notes.get("alive in s", 0))) > ALIVE_WITHIN_S:
        yield f"/livez took {session.notes['alive in s']} s at least"
    if "refused in s" not in session.notes:
        yield "nothing was refused while Redis was away"
    elif float(str(session.notes["refused in s"])) > REFUSED_WITHIN_S:
        yield f"a refusal took {session.notes['refused in s']} s"
    yield from _refusals(evidence)


def _refusals(evidence: Evidence) -> Iterable[str]:
    codes = {exchange.json.get("code") for exchange in evidence.recent if exchange.status == 503}
    if codes - {"storage-unavailable", "no-worker"}:
        yield f"requests were refused as {sorted(map(str, codes))}"


async def _empty_redis(session: Session) -> None:
    redis, mine = session.stack.processes["redis"], session.load.tenants[0]
    await session.load.edit(mine)
    forgotten = [Call("GET", f"/v1/edits/{edit_id}") for edit_id in mine.edit_ids[-3:]]
    forgotten.append(Call("GET", f"/v1/conversations/{mine.conversation_ids[0]}"))
    session.stack.held_down.add("redis")
    redis.signal(signal.SIGKILL)
    await asyncio.sleep(1.0)
    shutil.rmtree(session.stack.env["REDIS_DIR"])
    session.stack.held_down.discard("redis")
    await asyncio.sleep(3.0)
    await asyncio.to_thread(session.stack.wait_until_ready_again)
    await session.load.begin()
    session.notes["forgotten"] = [(await mine.client.insist(call)).status for call in forgotten]  # type: ignore[union-attr]
    call = session.load.edit_call(mine, ORDINARY)
    exchange = await mine.client.insist(Call(**{**call.__dict__, "headers": (("Prefer", "wait=20"),)}))
    session.notes["a new edit"] = None if exchange is None else exchange.json.get("status")


def _forgotten_cleanly(session: Session, evidence: Evidence) -> Iterable[str]:
    if set(session.notes["forgotten"]) != {404}:  # type: ignore[call-overload]
        yield f"what Redis forgot is answered with {session.notes['forgotten']}"
    if session.notes["a new edit"] != "succeeded":
        yield f"an edit after it is {session.notes['a new edit']}"
    odd = sorted({exchange.status for exchange in evidence.recent if exchange.status in (500, 502)} - {None})
    if odd:
        yield f"there were answers {odd}"
    ended = [line for line in evidence.logs.splitlines() if line.startswith("system | ") and "redis" not in line]
    if ended:
        yield f"processes ended: {ended}"


async def _fill_redis(session: Session) -> None:
    with session.redis() as redis:
        redis.config_set("maxmemory", 1_000_000)  # less than it holds
        try:
            await _probe(session, FULL_S)
        finally:
            redis.config_set("maxmemory", 0)


def _only_refused(_session: Session, evidence: Evidence) -> Iterable[str]:
    if not any(exchange.status == 503 for exchange in evidence.recent):
        yield "nothing was refused"
    yield from _refusals(evidence)


async def _fill_disk(session: Session) -> None:
    filler = Path(session.stack.env["REDIS_DIR"]) / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"0" * 1024)
    try:
        await _probe(session, FULL_S)
    finally:
        filler.unlink()


async def _break_pictures(session: Session) -> None:
    """First every file ends after some bytes, as on a full disk; then the folder is not to be had at all."""
    with _limited(_writers(session), resource.RLIMIT_FSIZE, lambda _: TORN_AT_BYTES):
        await _upload_for(session, FULL_S)
    folder = session.stack.pictures
    away = folder.with_name("images-away")
    away.write_text("no folder")
    _exchange(folder, away)
    try:
        await _upload_for(session, FULL_S)
    finally:
        _exchange(folder, away)
        away.unlink()


def _exchange(one: Path, other: Path) -> None:
    """Let two files or folders change places, so that at no moment either is missing (nobody can make it anew)."""
    if ctypes.CDLL(None, use_errno=True).renameat2(AT_CWD, bytes(one), AT_CWD, bytes(other), RENAME_EXCHANGE):
        raise OSError(ctypes.get_errno(), "the folders do not change places")


async def _upload_for(session: Session, for_s: float) -> None:
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        session.load.do(session.load.upload(session.someone))
        await asyncio.sleep(0.5)


async def _no_descriptors(session: Session) -> None:
    processes = [psutil.Process(session.stack.processes[name].pid) for name in GATEWAYS]
    with _limited(processes, resource.RLIMIT_NOFILE, lambda process: process.num_fds() + SPARE_DESCRIPTORS):
        for _ in range(10):
            session.load.do(session.load.read(session.someone))
        await asyncio.sleep(FULL_S)


async def _no_memory(session: Session) -> None:
    """Gateways may grow by no more than a little; what is uploaded to them meanwhile needs much more, decoded."""
    large = []
    for kind in ("PNG", "WEBP"):
        buffer = io.BytesIO()
        Image.new("RGB", LARGE_PICTURE, "teal").save(buffer, kind)
        large.append((buffer.getvalue(), f"image/{kind.lower()}"))
    processes = [psutil.Process(session.stack.processes[name].pid) for name in GATEWAYS]
    with _limited(processes, resource.RLIMIT_AS, lambda process: process.memory_info().vms + SPARE_MEMORY):
        for number in range(6):
            session.load.do(session.load.upload(session.someone, *large[number % 2]))
            await asyncio.sleep(FULL_S / 6)


def _told_of_memory(_session: Session, evidence: Evidence) -> Iterable[str]:
    codes = {exchange.json.get("code") for exchange in evidence.recent if exchange.path == "/v1/images"}
    if "no-memory" not in codes:
        yield "no request was refused for want of memory"
    if "invalid-picture" in codes:
        yield "a sound picture was called damaged"


def _writers(session: Session) -> list[psutil.Process]:
    pids = [session.stack.processes[name].pid for name in GATEWAYS] + session.stack.workers.pids
    return [psutil.Process(pid) for pid in pids]


@contextmanager
def _limited(processes: list[psutil.Process], what: int, limit: Callable[[psutil.Process], int]) -> Iterator[None]:
    """Put a soft limit on running processes for a while."""
    before = {process: resource.prlimit(process.pid, what) for process in processes}
    for process, (_, hard) in before.items():
        resource.prlimit(process.pid, what, (limit(process), hard))
    try:
        yield
    finally:
        for process, limits in before.items():
            if process.is_running():
                resource.prlimit(process.pid, what, limits)


STORAGE_FAULTS = (
    Fault("F10", "Redis killed and restarted, twice", _kill_redis, _refused_soon),
    *(
        Fault(number, f"Redis stopped for {for_s:.0f} s", partial(_stop_redis, for_s=for_s), _refused_soon, burst=60)
        for number, for_s in (("F11", STOPPED_S), ("F11b", LONG_STOPPED_S))
    ),
    Fault("F12", "Redis restarted empty", _empty_redis, _forgotten_cleanly, alone=True, judged=False),
    Fault("F13", "Redis out of memory", _fill_redis, _only_refused),
    Fault("F14", "Redis' disk full", _fill_disk, _only_refused, alone=True, small_disk=True),
    Fault("F19", "pictures torn, then their folder gone", _break_pictures),
    Fault("F33", "gateways out of descriptors", _no_descriptors, breaks_connections=True),
    Fault("F33b", "gateways out of memory", _no_memory, _told_of_memory, breaks_connections=True, left_mib=LARGE_MIB),
)
