"""Runs the Lua scripts: named arguments in, an answer or one of our errors out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from redis.exceptions import NoScriptError

from shared.errors import (
    ConcurrentChange,
    DialogPaintError,
    EditInProgress,
    EditNotFinished,
    IdempotencyInProgress,
    IdempotencyMismatch,
    NotFound,
    QueueFull,
    StudyFull,
    TooManyOpenEdits,
    VersionMismatch,
)
from shared.schemas.edit import NEXT
from shared.storage.client import AsyncRedis, SyncRedis, redis_errors

Arguments = Mapping[str, Any]
COMMON = "common"
FULL_RETRY_S = 5
BUSY_RETRY_S = 1


@dataclass(frozen=True)
class Script:
    """A script's text and the digest under which Redis keeps it."""

    text: str
    sha1: str


def load_scripts() -> None:
    """Read all scripts now: later there may be no descriptor left, or a newer version's files in their place."""
    for file in _folder().iterdir():
        name = file.name.removesuffix(".lua")
        if name not in (file.name, COMMON):
            load_script(name)


@cache
def load_script(name: str) -> Script:
    """Read `lua/<name>.lua` behind the table of moves and the common functions."""
    text = "\n".join([_moves(), *((_folder() / f"{part}.lua").read_text() for part in (COMMON, name))])
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def _folder() -> Traversable:
    return resources.files("shared.storage") / "lua"


def _moves() -> str:
    """The table NEXT of shared/schemas/edit.py, in Lua."""
    rows = [f"{status} = {{{', '.join(f'{to} = true' for to in sorted(moves))}}}" for status, moves in NEXT.items()]
    return f"local NEXT = {{{', '.join(rows)}}}"


@dataclass(frozen=True)
class AsyncScripts:
    """Scripts on the gateway's side; `constants` go into every call."""

    redis: AsyncRedis
    constants: Arguments = field(default_factory=dict)

    async def run(self, name: str, **arguments: Any) -> list[Any]:
        """Run one script and return what follows its `ok`; raises the error its refusal stands for."""
        script, encoded = load_script(name), encode({**self.constants, **arguments})
        with redis_errors():
            try:
                reply = await self.redis.execute_command("EVALSHA", script.sha1, 0, encoded)
            except NoScriptError:
                reply = await self.redis.execute_command("EVAL", script.text, 0, encoded)
        return interpret(reply)


@dataclass(frozen=True)
class SyncScripts:
    """Scripts on the worker's side; `constants` go into every call."""

    redis: SyncRedis
    constants: Arguments = field(default_factory=dict)

    def run(self, name: str, **arguments: Any) -> list[Any]:
        """Run one script and return what follows its `ok`; raises the error its refusal stands for."""
        script, encoded = load_script(name), encode({**self.constants, **arguments})
        with redis_errors():
            try:
                reply = self.redis.execute_command("EVALSHA", script.sha1, 0, encoded)
            except NoScriptError:
                reply = self.redis.execute_command("EVAL", script.text, 0, encoded)
        return interpret(reply)


def encode(arguments: Arguments) -> str:
    """JSON in which every scalar is text (Lua would lose digits of large numbers) and None is left out."""
    return json.dumps(_plain(arguments), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return str(value)


def interpret(reply: list[Any]) -> list[Any]:
    """Split a script's answer: the values of an `ok`, or the error of a refusal."""
    if reply[0] == "ok":
        return reply[1:]
    raise _refusal(reply[0], reply[1:])


def _refusal(code: str, values: list[Any]) -> DialogPaintError:
    match code:
        case "not-found":
            return NotFound()
        case "edit-in-progress":
            return EditInProgress(values[0])
        case "edit-not-finished":
            return EditNotFinished("Only an edit that succeeded can be rated.")
        case "concurrent-change":
            return ConcurrentChange(int(values[0]))
        case "version-mismatch":
            return VersionMismatch(int(values[0]))
        case "full":
            return QueueFull("Too many edits are waiting; try again in a moment.", retry_after_s=FULL_RETRY_S)
        case "too-many-open":
            return TooManyOpenEdits(
                f"{values[0]} of your edits wait or run, which is the most; let one end or cancel it, then try again.",
                retry_after_s=FULL_RETRY_S,
            )
        case "study-full":
            return StudyFull(f"The study has {values[0]} votes, which is the most; begin another one to ask on.")
        case "idempotency-mismatch":
            return IdempotencyMismatch("Use a new Idempotency-Key for a new request.")
        case "idempotency-in-progress" | "operation-lost":
            return IdempotencyInProgress(retry_after_s=BUSY_RETRY_S)
    raise ValueError(f"a script refused with the unknown code {code!r}")
