"""What the gateway does while the processes behind it are down, slow or talk nonsense."""

import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from shared.redis_server import server_command
from shared.schemas.operations import Worker
from shared.settings import Settings
from shared.storage.claims import ClaimStore, open_claims
from shared.storage.stores import Stores
from tests.integration.gateway.conftest import free_port, serving
from tests.integration.gateway.stand_ins import MODEL, DialogueStandIn, WorkerStandIn
from tests.patience import eventually

Json = dict[str, Any]


async def quickest(call: Callable[[], Awaitable[httpx.Response]], status: int, of: int = 10) -> float:
    """Return the seconds of the quickest of some calls: what the gateway waits for, however busy the machine is."""
    took = []
    for _ in range(of):
        began = time.perf_counter()
        assert (await call()).status_code == status
        took.append(time.perf_counter() - began)
    return min(took)


async def say(api: httpx.AsyncClient, conversation: Json, text: str = "change it") -> httpx.Response:
    return await api.post(conversation["urls"]["turns"], json={"text": text})


@pytest.mark.parametrize("fault", ["500", "garbage", "truncated", "slow"])
async def test_a_dialogue_service_that_fails_leaves_no_turn_behind(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn, fault: str
) -> None:
    dialogue.fault = fault
    answer = await say(api, conversation)
    assert (answer.status_code, answer.json()["code"]) == (503, "dialogue-unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    dialogue.fault = None
    assert (await say(api, conversation)).json()["number"] == 1


async def test_after_some_failures_the_answer_is_quick_until_the_service_is_back(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn
) -> None:
    dialogue.fault = "slow"
    assert await quickest(lambda: say(api, conversation), status=503, of=3) >= 1  # the timeout
    assert await quickest(lambda: say(api, conversation), status=503, of=3) < 1
    dialogue.fault = None

    async def is_back() -> bool:
        return (await say(api, conversation)).status_code == 200

    await eventually(is_back)


async def test_an_unreachable_dialogue_service_is_503_and_named_by_readyz(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"dialogue_url": f"http://127.0.0.1:{free_port()}"}))
    async with serving(app) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        created = await api.post("/v1/conversations", json={"image_id": "img_sample-house-and-tree"})
        assert (await say(api, created.json())).json()["code"] == "dialogue-unavailable"
        assert (await api.get("/readyz")).json()["missing"] == ["dialogue model", "warm editing worker"]
        assert (await api.get("/v1/models")).json() == {"dialogue": None, "editing": None}


async def test_a_lost_message_is_sent_again(settings: Settings, stores: Stores, claims: ClaimStore) -> None:
    app = create_app(settings.model_copy(update={"resend_after_s": 0.5}))
    async with serving(app) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        claims.heartbeat(heartbeat())
        edit = await submit(api)
        await eventually(lambda: is_waiting(stores))
        await stores.redis.delete("edits")
        claims.heartbeat(heartbeat())
        await eventually(lambda: is_waiting(stores))
        assert (await api.get(edit["urls"]["self"])).json()["status"] == "queued"


async def test_an_edit_whose_worker_died_is_finished_by_another(
    settings: Settings, app: FastAPI, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    dying = open_claims(settings.model_copy(update={"lease_s": 0.5}))
    async with serving(app) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as api:
        edit = await submit(api)
        dying.claim(edit["id"], "dying")  # and never heard of again
        worker.go.set()

        async def is_done() -> bool:
            return bool((await api.get(edit["urls"]["self"])).json()["status"] == "succeeded")

        await eventually(is_done)
        finished = (await api.get(edit["urls"]["self"])).json()
        assert finished["attempt"] == 2
    dying.close()


class TestRedisAway:
    """With a Redis of its own, which can be stopped, killed and started again."""

    @pytest.fixture
    def own_redis(self, tmp_path: Path) -> Iterator["OwnRedis"]:
        own = OwnRedis(tmp_path)
        own.start()
        yield own
        own.kill()

    @pytest.fixture
    def app(self, settings: Settings, own_redis: "OwnRedis") -> FastAPI:
        return create_app(settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{own_redis.port}/0"}))

    @pytest.mark.parametrize("how", ["killed", "stopped"])
    async def test_requests_get_503_soon_and_it_heals_by_itself(
        self, api: httpx.AsyncClient, conversation: Json, own_redis: "OwnRedis", how: str
    ) -> None:
        await say(api, conversation)
        if how == "killed":
            own_redis.kill()
        else:
            own_redis.signal(signal.SIGSTOP)
        assert (await say(api, conversation)).json()["code"] == "storage-unavailable"
        assert await quickest(lambda: say(api, conversation), status=503, of=2) < 2
        assert await quickest(lambda: api.get("/livez"), status=200) < 0.1
        missing = (await api.get("/readyz")).json()["missing"]
        assert missing == ["redis", "warm editing worker"]
        assert "dialogpaint_storage_up 0.0" in (await api.get("/metrics")).text
        if how == "killed":
            own_redis.start()
        else:
            own_redis.signal(signal.SIGCONT)

        async def is_back() -> bool:
            return (await say(api, conversation)).status_code == 200

        await eventually(is_back)
        assert (await api.get(conversation["urls"]["turns"])).json()["items"][0]["number"] == 1


class OwnRedis:
    """A durable Redis server that a test may ill-treat."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder / "redis"
        self._folder.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it on the same port and files."""
        command = server_command(self.port, self._folder)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with httpx.Client() as client:
            for _ in range(200):
                try:
                    client.get(f"http://127.0.0.1:{self.port}")
                except httpx.ConnectError:
                    time.sleep(0.05)
                except httpx.HTTPError:
                    return  # it listens, and speaks no HTTP

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it without a goodbye."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def heartbeat() -> Worker:
    return Worker(id="other", slots=4, busy=0, warm=True, seen_at=datetime.now(UTC), model=MODEL)


async def submit(api: httpx.AsyncClient) -> Json:
    body = {"image_id": "img_sample-house-and-tree", "instruction": "make it night"}
    answer = await api.post("/v1/edits", json=body)
    assert answer.status_code == 202, answer.text
    edit: Json = answer.json()
    return edit


async def is_waiting(stores: Stores) -> bool:
    return bool(await stores.redis.llen("edits"))
