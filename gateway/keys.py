"""Make, list and end API keys that are kept in Redis: `python -m gateway.keys create|list|rotate|limit|revoke`.

Running gateways follow within seconds. A key is shown once, when it is made; what is kept is its hash.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from gateway.auth import hash_key, make_key
from shared.errors import DialogPaintError
from shared.settings import read_settings
from shared.storage.api_keys import KeptKey, KeptTenant, KeyStore, TenantLimits
from shared.storage.client import connect

MOST_KEYS = 2  # the old one and the new one, while a tenant goes from one to the other

Arguments = argparse.Namespace
Shown = dict[str, Any] | list[dict[str, Any]]


class NotPossible(Exception):
    """What is asked for can't be done; the text says why, and what can."""


def main() -> int:
    """Do what the command line says; 1 if that is not possible, with one line on standard error."""
    asked = parser().parse_args()
    try:
        shown = asyncio.run(_carry_out(asked))
    except (NotPossible, DialogPaintError, ValueError) as error:
        print(f"keys: {_sentence(error)}", file=sys.stderr)
        return 1
    print(json.dumps(shown, indent=2) if asked.json else _text(shown))
    return 0


async def create(asked: Arguments, store: KeyStore) -> Shown:
    """Give a tenant that has none its first key."""

    def begin(tenant: KeptTenant | None, fresh: KeptKey) -> KeptTenant:
        if tenant is not None:
            raise NotPossible(f"{asked.name} has a key already; `rotate {asked.name}` makes another")
        return KeptTenant(keys=(fresh,), label=asked.label, limits=_limits(asked))

    return await _add_key(asked.name, store, begin)


async def rotate(asked: Arguments, store: KeyStore) -> Shown:
    """Make a second key for a tenant; both are good until the old one is revoked."""

    def add(tenant: KeptTenant | None, fresh: KeptKey) -> KeptTenant:
        keys = _known(asked.name, tenant).keys
        if len(keys) == MOST_KEYS:
            old = f"`revoke {asked.name} --key {keys[0].id}`"
            raise NotPossible(f"{asked.name} has two keys already; {old} ends the older one")
        return _known(asked.name, tenant).model_copy(update={"keys": (*keys, fresh)})

    return await _add_key(asked.name, store, add)


async def limit(asked: Arguments, store: KeyStore) -> Shown:
    """Change what a tenant may; what is not named stays."""

    def change(tenant: KeptTenant | None, _: datetime) -> KeptTenant:
        known = _known(asked.name, tenant)
        limits = known.limits.model_copy(update=_limits(asked).model_dump(exclude_none=True))
        return known.model_copy(update={"limits": limits, "label": asked.label or known.label})

    return _shown(asked.name, _known(asked.name, await store.change(asked.name, change)))


async def revoke(asked: Arguments, store: KeyStore) -> Shown:
    """End one key of a tenant, or all; what the tenant has stored stays."""
    ended: list[str] = []

    def end(tenant: KeptTenant | None, _: datetime) -> KeptTenant | None:
        known = _known(asked.name, tenant)
        left = tuple(key for key in known.keys if asked.key not in (None, key.id))
        if len(left) == len(known.keys):
            raise NotPossible(f"{asked.name} has no key {asked.key}; `list` shows those it has")
        ended[:] = [key.id for key in known.keys if key not in left]
        return known.model_copy(update={"keys": left}) if left else None

    await store.change(asked.name, end)
    return {"tenant": asked.name, "revoked": ended}


async def show(_: Arguments, store: KeyStore) -> Shown:
    """Say which tenants have keys here, and what they may."""
    return [_shown(name, tenant) for name, tenant in (await store.all()).items()]


async def _carry_out(asked: Arguments) -> Shown:
    redis = connect(read_settings().redis_url)
    try:
        shown: Shown = await asked.act(asked, KeyStore(redis))
    finally:
        await redis.aclose()
    return shown


async def _add_key(name: str, store: KeyStore, add: Callable[[KeptTenant | None, KeptKey], KeptTenant]) -> Shown:
    key = make_key(name)

    def change(tenant: KeptTenant | None, now: datetime) -> KeptTenant:
        return add(tenant, KeptKey(sha256=hash_key(key), created_at=now))

    tenant = _known(name, await store.change(name, change))
    return {"tenant": name, "key": key, **_of_key(tenant.keys[-1])}


def _known(name: str, tenant: KeptTenant | None) -> KeptTenant:
    if tenant is None:
        raise NotPossible(f"{name} has no key in Redis; `list` shows who has")
    return tenant


def _limits(asked: Arguments) -> TenantLimits:
    return TenantLimits(**{name: getattr(asked, name) for name in TenantLimits.model_fields})


def _shown(name: str, tenant: KeptTenant) -> dict[str, Any]:
    limits = tenant.limits.model_dump(exclude_none=True)
    return {"tenant": name, "label": tenant.label, "limits": limits, "keys": [_of_key(key) for key in tenant.keys]}


def _of_key(key: KeptKey) -> dict[str, str]:
    return {"id": key.id, "created_at": key.created_at.isoformat(timespec="seconds").replace("+00:00", "Z")}


def _text(shown: Shown) -> str:
    if isinstance(shown, list):
        return "\n".join(map(_line, shown)) or "No keys are kept in Redis."
    if "key" in shown:
        return f"key (shown only now): {shown['key']}\nid: {shown['id']}"
    if "revoked" in shown:
        return f"revoked: {', '.join(shown['revoked'])}"
    return _line(shown)


def _line(tenant: dict[str, Any]) -> str:
    keys = ", ".join(f"{key['id']} of {key['created_at']}" for key in tenant["keys"])
    limits = "".join(f"  {name}={value}" for name, value in tenant["limits"].items())
    return f"{tenant['tenant']}  {keys}{limits}" + (f"  ({tenant['label']})" if tenant["label"] else "")


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line; `act` is the function to call."""
    commands = argparse.ArgumentParser(prog="python -m gateway.keys", description=__doc__)
    acts = commands.add_subparsers(required=True, metavar="create|list|rotate|limit|revoke")
    for name, act in {"create": create, "list": show, "rotate": rotate, "limit": limit, "revoke": revoke}.items():
        command = acts.add_parser(name, help=act.__doc__, description=act.__doc__)
        command.set_defaults(act=act)
        command.add_argument("--json", action="store_true", help="answer in JSON")
        if act is not show:
            command.add_argument("name", help="the tenant, which is the keys' prefix: letters, digits, - and _")
        if act in (create, limit):
            command.add_argument("--label", help="a note for operators")
            command.add_argument("--rate-per-minute", type=int, help="requests a minute; 0 for no limit")
            command.add_argument("--max-open-edits", type=int, help="edits that may wait or run; 0 for no limit")
            command.add_argument("--weight", type=int, help="share of the workers beside others, 1 to 100 (1)")
        if act is revoke:
            command.add_argument("--key", metavar="ID", help="id of the one key that ends; without it all of them do")
    return commands


if __name__ == "__main__":
    sys.exit(main())
