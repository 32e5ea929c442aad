"""Protections of ours that can be taken away one at a time, to see whether the invariants notice (F36).

A mutant is installed in every process of a stack by the environment variable MUTANT; nothing of it is in the product.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import structlog

from shared.errors import NotFound
from shared.storage.scripts import Script
from tests.faults.patching import replace

WANTED = "MUTANT"
TENANT_NAMES = ("amber", "birch")
LATE_S = 20.0
SHORT_VISIBILITY_S = 1


@dataclass(frozen=True)
class Mutant:
    """What is taken away, how, and the fault under which it must be noticed."""

    what: str
    install: Callable[[], None]
    fault: str


def install_wanted() -> None:
    """Take away the protection that the environment names, in this process."""
    wanted = os.environ.get(WANTED)
    if wanted == "short-visibility":
        _short_visibility()
    elif wanted:
        MUTANTS[wanted].install()


def _lua(script: str, before: str, after: str) -> None:
    """Replace a piece of a script, or of what all scripts begin with (`common`)."""

    def mutate(load: Any) -> Any:
        @cache
        def load_script(name: str) -> Script:
            text: str = load(name).text
            if script in (name, "common"):
                if before not in text:
                    raise ValueError(f"the mutation does not fit {name}.lua any more: {before}")
                text = text.replace(before, after)
            return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())

        return load_script

    replace("shared.storage.scripts:load_script", mutate)


def _split_append() -> None:
    """The turn first, its edit afterwards."""

    def mutate(append: Any) -> Any:
        async def append_turn(
            store: Any, tenant: str, talk: str, turn: Any, version: int, edit: Any = None, operation: Any = None
        ) -> Any:
            made = await append(store, tenant, talk, turn, version)
            if edit is not None:
                await store.edits.accept(tenant, edit, operation)
            return made

        return append_turn

    replace("shared.storage.conversations:ConversationStore.append_turn", mutate)


def _turns_at_once() -> None:
    """Neither an unfinished edit nor another version keeps a turn from being recorded."""
    _lua(
        "append_turn", "local refusal = conversation_refusal(conversation, turn.base_revision_id) or", "local refusal ="
    )
    _lua("append_turn", "if field(conversation, 'version') ~= args.version then", "if false then")


def _any_tenant() -> None:
    """Whose edit it is makes no difference."""

    def mutate(get: Any) -> Any:
        async def get_any(store: Any, tenant: str, edit_id: str) -> Any:
            for name in (tenant, *TENANT_NAMES):
                try:
                    return await get(store, name, edit_id)
                except NotFound:
                    continue
            raise NotFound

        return get_any

    replace("shared.storage.edits:EditStore.get", mutate)


def _no_idempotency() -> None:
    def mutate(_once: Any) -> Any:
        async def once(_key: str, request: Any, handler: Any) -> Any:
            return await handler(request)

        return once

    replace("gateway.idempotency:once", mutate)


def _no_sweeper() -> None:
    def mutate(_sweep: Any) -> Any:
        async def sweep(*_: Any) -> None:
            await asyncio.Event().wait()

        return sweep

    replace("gateway.app:sweep", mutate)


def _late_pictures() -> None:
    """The record says that the picture is there; the bytes come later."""

    def mutate(put: Any) -> Any:
        def late(files: Any, key: str, data: bytes) -> None:
            if "edit_" not in key:  # uploads, and the probe
                put(files, key, data)
                return
            timer = threading.Timer(LATE_S, put, (files, key, data))
            timer.daemon = True
            timer.start()

        return late

    replace("shared.storage.files:FolderImageFiles.put", mutate)


def _careless_pictures() -> None:
    """Written in place, and whatever goes wrong is nobody's business."""

    def put(files: Any, key: str, data: bytes) -> None:
        with suppress(OSError):
            path = files.folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    replace("shared.storage.files:FolderImageFiles.put", lambda _: put)


def _talkative() -> None:
    """What users wrote stands in the log."""

    def mutate(submit: Any) -> Any:
        async def submit_edit(asking: Any, wanted: Any, ports: Any) -> Any:
            structlog.get_logger("gateway").info("edit_submitted", what=wanted.instruction)
            return await submit(asking, wanted, ports)

        return submit_edit

    replace("gateway.routes.edits:submit_edit", mutate)


def _raw_errors() -> None:
    """Redis' own errors are not translated."""
    replace("shared.storage.client:UNAVAILABLE", lambda _: ())
    replace("shared.storage.client:NO_ROOM", lambda _: ())


def _crossed_replies() -> None:
    """Who asks the dialogue service gets the reply to the one before."""
    last: list[Any] = []

    def mutate(reply: Any) -> Any:
        async def crossed(client: Any, request: Any) -> Any:
            last.append(await reply(client, request))
            return last[-2] if len(last) > 1 else last[-1]

        return crossed

    replace("gateway.dialogue_client:DialogueClient.reply", mutate)


def _forgetful_streams() -> None:
    """Who comes back to an event stream does not hear the next two events."""

    def mutate(last_event_id: Any) -> Any:
        def skipping(header: str | None) -> int:
            last: int = last_event_id(header)
            return last + 2 if last else 0

        return skipping

    replace("gateway.routes.events:last_event_id", mutate)


def _short_visibility() -> None:
    """Not a protection of ours: a broker that delivers again what is not acknowledged within a second (F24)."""

    def mutate(make: Any) -> Any:
        def make_celery(settings: Any) -> Any:
            app = make(settings)
            app.conf.broker_transport_options["visibility_timeout"] = SHORT_VISIBILITY_S
            return app

        return make_celery

    replace("editing_service.worker:make_celery", mutate)
    replace("gateway.app:make_celery", mutate)


_UNFENCED = partial(_lua, "finish", "if not holds(edit, args.fence) then", "if field(edit, 'status') ~= 'running' then")
_NO_OUTBOX = partial(_lua, "common", "redis.call('XADD', OUTBOX, '*', 'edit_id', edit_id)", "")
_NO_LEASE = partial(_lua, "claim", "if lease and tonumber(lease) > now then return 'busy' end", "")
_NO_CAP = partial(_lua, "common", "if tonumber(field(edit, 'attempt')) >= tonumber(max_attempts) then", "if false then")
_NO_EVENT = partial(_lua, "common", "emit(tenant, stream_of(edit, edit_id), 'edit.' .. status, json)", "")
_KEPT_OPEN = partial(_lua, "common", "redis.call('ZREM', OPEN, edit_id)", "")
MUTANTS: dict[str, Mutant] = {
    "no-fence": Mutant("finish writes without the current fence", _UNFENCED, "F4"),
    "no-outbox": Mutant("accepting an edit leaves no outbox entry", _NO_OUTBOX, "F22"),
    "split-append": Mutant("a turn and its edit are two writes", _split_append, "F9"),
    "any-tenant": Mutant("the tenant of an edit is not checked", _any_tenant, "F22"),
    "no-idempotency": Mutant("idempotency keys are ignored", _no_idempotency, "F22"),
    "no-lease": Mutant("a claim does not look at the lease", _NO_LEASE, "F23"),
    "no-cap": Mutant("attempts have no cap", _NO_CAP, "F5"),
    "no-sweeper": Mutant("nobody sweeps", _no_sweeper, "F3"),
    "no-event": Mutant("an edit ends without its event", _NO_EVENT, "F22"),
    "kept-open": Mutant("an edit that ends stays in the open set", _KEPT_OPEN, "F22"),
    "late-pictures": Mutant("pictures are written after the record", _late_pictures, "F3"),
    "careless-pictures": Mutant("pictures are written in place, errors ignored", _careless_pictures, "F19"),
    "talkative": Mutant("what users wrote is logged", _talkative, "F22"),
    "raw-errors": Mutant("Redis' errors are not translated", _raw_errors, "F10"),
    "crossed-replies": Mutant("replies of the dialogue service are mixed up", _crossed_replies, "F22"),
    "forgetful-streams": Mutant("event streams skip what was missed", _forgetful_streams, "F27"),
    "turns-at-once": Mutant("a turn looks neither for an unfinished edit nor at the version", _turns_at_once, "F20"),
}
