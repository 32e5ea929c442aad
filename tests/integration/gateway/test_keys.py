"""The command that makes, lists, rotates and revokes keys, and a running gateway that follows it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialogpaint.cli.main import main as cli
from gateway import live_keys
from gateway.app import create_app
from gateway.keys import main, parser
from shared.settings import Settings
from shared.storage.keys import API_KEYS
from shared.storage.stores import Stores
from tests.integration.gateway.conftest import free_port, serving
from tests.integration.gateway.test_faults import OwnRedis
from tests.patience import eventually

Command = Callable[..., Any]
Made = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_keys, "PAUSE_S", 0.05)


@pytest.fixture
def command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], tuple[int, str]]:
    """Run `python -m gateway.keys` in a process's stead; its status and what it printed."""
    monkeypatch.setenv("REDIS_URL", settings.redis_url)

    def run(line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["keys", *line.split()])
        status = main()
        printed = capsys.readouterr()
        return status, printed.err if status else printed.out

    return run


def test_the_clients_command_hands_on_to_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    assert cli(["keys", "create", "ann", "--json"]) == 0
    made = json.loads(capfd.readouterr().out)
    assert cli(["keys", "rotate", "bob"]) == 1
    assert "bob" in capfd.readouterr().err
    assert cli(["keys", "--help"]) == 0
    assert (made["tenant"], "rotate" in capfd.readouterr().out) == ("ann", True)


@pytest.fixture
def keys(command: Callable[[str], tuple[int, str]]) -> Command:
    """Run the command for what it answers in JSON."""

    def run(line: str) -> Any:
        status, printed = command(f"{line} --json")
        assert status == 0, printed
        return json.loads(printed)

    return run


@pytest.fixture
def made(settings: Settings) -> Made:
    """Run the command as operators do, in a process of its own."""
    environment = {**os.environ, "REDIS_URL": settings.redis_url}

    async def run(line: str) -> dict[str, Any]:
        words = [sys.executable, "-m", "gateway.keys", *line.split(), "--json"]
        process = await asyncio.create_subprocess_exec(*words, env=environment, stdout=subprocess.PIPE)
        printed, _ = await process.communicate()
        assert process.returncode == 0
        answer: dict[str, Any] = json.loads(printed)
        return answer

    return run


def as_(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def samples(api: httpx.AsyncClient, key: str) -> int:
    """The status of a call that needs no Redis but for its key."""
    return (await api.get("/v1/samples", headers=as_(key))).status_code


async def status_of(api: httpx.AsyncClient, key: str | None = None) -> int:
    return (await api.get("/v1/edits", headers=as_(key) if key else {})).status_code


def test_what_is_kept_is_no_key(keys: Command, command: Command) -> None:
    made = keys("create ann --label Annie --max-open-edits 5 --weight 3")
    assert made["key"].startswith("ann.")
    [listed] = keys("list")
    assert listed == {
        "tenant": "ann",
        "label": "Annie",
        "limits": {"max_open_edits": 5, "weight": 3},
        "keys": [{"id": made["id"], "created_at": made["created_at"]}],
    }
    assert made["key"] not in json.dumps(keys("list")) + command("list")[1]


def test_words_for_people(command: Command) -> None:
    assert command("list") == (0, "No keys are kept in Redis.\n")
    status, made = command("create ann --rate-per-minute 60")
    assert (status, made.splitlines()[0].startswith("key (shown only now): ann.")) == (0, True)
    identity = made.split()[-1]
    listed = command("list")[1]
    assert listed.startswith(f"ann  {identity} of 20")
    assert listed.endswith("  rate_per_minute=60\n")
    assert command("revoke ann") == (0, f"revoked: {identity}\n")


def test_limits_can_be_changed_and_what_is_not_named_stays(keys: Command) -> None:
    keys("create ann --weight 3 --max-open-edits 5")
    assert keys("limit ann --max-open-edits 9 --label big")["limits"] == {"max_open_edits": 9, "weight": 3}
    assert (keys("list")[0]["label"], keys("list")[0]["limits"]["max_open_edits"]) == ("big", 9)


def test_a_third_key_needs_room_and_the_oldest_is_named(keys: Command, command: Command) -> None:
    first, second = keys("create ann"), keys("rotate ann")
    assert first["id"] != second["id"]
    status, why = command("rotate ann")
    assert (status, why.count("\n")) == (1, 1)
    assert f"revoke ann --key {first['id']}" in why
    assert keys(f"revoke ann --key {first['id']}") == {"tenant": "ann", "revoked": [first["id"]]}
    assert [key["id"] for key in keys("list")[0]["keys"]] == [second["id"]]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("create ann", "has a key already"),
        ("rotate ben", "ben has no key"),
        ("limit ben --weight 2", "ben has no key"),
        ("revoke ben", "ben has no key"),
        ("revoke ann --key 00000000", "no key 00000000"),
        ("create a:b", "letters, digits"),
        ("create zoe --weight 0", "weight: "),
        ("limit ann --max-open-edits -1", "max_open_edits: "),
    ],
)
def test_what_is_not_possible_is_said_in_one_line_and_changes_nothing(
    keys: Command, command: Command, line: str, why: str
) -> None:
    keys("create ann")
    before = keys("list")
    status, said = command(line)
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith("keys: ")
    assert why in said
    assert keys("list") == before


def test_without_redis_it_says_so(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert command("list") == (1, "keys: The storage does not answer.\n")


async def test_two_operators_at_once_lose_nothing(stores: Stores) -> None:
    async def asked(line: str) -> None:
        arguments = parser().parse_args(line.split())
        await arguments.act(arguments, stores.keys)

    await asked("create ann")
    await asyncio.gather(asked("limit ann --weight 2"), asked("limit ann --max-open-edits 9"), asked("rotate ann"))
    ann = (await stores.keys.all())["ann"]
    assert (ann.limits.weight, ann.limits.max_open_edits, len(ann.keys)) == (2, 9, 2)


class TestARunningGateway:
    """Without a restart."""

    async def test_it_takes_new_keys_both_of_a_rotation_and_no_revoked_one(
        self, api: httpx.AsyncClient, made: Made
    ) -> None:
        assert await status_of(api) == 200  # without keys, this machine
        old = await made("create ann")
        await eventually(lambda: _is(401, api))
        assert await status_of(api, old["key"]) == 200
        new = await made("rotate ann")
        await eventually(lambda: _is(200, api, new["key"]))
        assert await status_of(api, old["key"]) == 200
        await made(f"revoke ann --key {old['id']}")
        await eventually(lambda: _is(401, api, old["key"]))
        assert await status_of(api, new["key"]) == 200

    async def test_a_keys_own_rate_goes_before_the_setting(self, api: httpx.AsyncClient, made: Made) -> None:
        slow, free = (await made("create ann --rate-per-minute 2"))["key"], (await made("create ben"))["key"]
        await eventually(lambda: _is(200, api, free))
        answers = [await api.get("/v1/samples", headers=as_(slow)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"default";q=2;w=60'
        assert "ratelimit" not in (await api.get("/v1/samples", headers=as_(free))).headers

    async def test_no_request_asks_redis_for_keys(
        self, api: httpx.AsyncClient, made: Made, stores: Stores, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = (await made("create ann"))["key"]
        await eventually(lambda: _is(200, api, key))
        monkeypatch.setattr(live_keys, "PAUSE_S", 60)
        await eventually(lambda: _is_quiet(stores))
        await stores.redis.delete(API_KEYS)
        assert {await status_of(api, key) for _ in range(5)} == {200}


class TestRedisAway:
    """With a Redis of its own, which is killed and started again."""

    @pytest.fixture
    def own_redis(self, tmp_path: Path) -> Iterator[OwnRedis]:
        own = OwnRedis(tmp_path)
        own.start()
        yield own
        own.kill()

    @pytest.fixture
    def settings(self, settings: Settings, own_redis: OwnRedis) -> Settings:
        return settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{own_redis.port}/0"})

    async def test_a_known_key_stays_good_and_an_unknown_one_is_looked_up_as_soon_as_it_can_be(
        self, api: httpx.AsyncClient, made: Made, settings: Settings, own_redis: OwnRedis
    ) -> None:
        known = (await made("create ann"))["key"]
        await eventually(lambda: _is(200, api, known))
        own_redis.kill()
        await asyncio.sleep(0.5)  # several looks
        assert await samples(api, known) == 200
        assert await samples(api, "ann.unknown-secret") == 401
        async with (
            serving(create_app(settings)) as (url, _),
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as late,
        ):
            assert await samples(late, known) == 503
            own_redis.start()
            await eventually(lambda: _is(200, late, known))


async def _is(status: int, api: httpx.AsyncClient, key: str | None = None) -> bool:
    return await status_of(api, key) == status


async def _is_quiet(stores: Stores) -> bool:
    """Whether nobody has asked for keys while ten looks would have come."""

    async def asked() -> int:
        statistics = await stores.redis.info("commandstats")
        return int(statistics.get("cmdstat_hgetall", {}).get("calls", 0))

    before = await asked()
    await asyncio.sleep(0.5)
    return await asked() == before
