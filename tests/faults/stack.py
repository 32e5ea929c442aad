"""The stack that faults are done to: real Redis, gateways and workers, a stand-in model, and links between them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx

from benchmarks.simulated_workers import settings_of
from gateway.auth import hash_key
from services.local.process import Process
from services.local.stack import Stack, StackFailed, free_port
from tests.faults.client import Tenant
from tests.faults.dialogue import MODE_FILE
from tests.faults.failpoints import FOLDER, disarm
from tests.faults.links import Link, Links
from tests.faults.workers import Workers

TENANTS = (
    Tenant("amber", "amber.4f1d0c7b2e9a48d3a6c5", "amberfish"),
    Tenant("birch", "birch.9b8e7d6c5f4a3b2c1d0e", "birchbird"),
)
GATEWAYS = ("gateway-1", "gateway-2")
WORKERS = 2
QUICK = {
    "ENGINE_SLOTS": "2",
    "LEASE_S": "3",
    "SWEEP_INTERVAL_S": "0.4",
    "RESEND_AFTER_S": "2",
    "HEARTBEAT_S": "0.5",
    "STEP_TIMEOUT_S": "4",
    "IDLE_TIMEOUT_S": "12",
    "MAX_EDIT_S": "25",
    "DIALOGUE_TIMEOUT_S": "2",
    "GRACEFUL_SHUTDOWN_S": "5",
    "STUCK_AFTER_S": "10",
    "SSE_HEARTBEAT_S": "3",
    "API_KEYS": ",".join(f"{tenant.name}:{hash_key(tenant.key)}" for tenant in TENANTS),
}
READY_WITHIN_S = 120.0


class FaultStack(Stack):
    """A stack whose every process can be killed and whose every link can be cut; a context manager as `Stack` is."""

    def __init__(self, state: Path, rng: random.Random, settings: Mapping[str, str] | None = None) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.said = state / "processes.log"
        self._lock = threading.Lock()
        self.fail_points, self._dialogue_mode = state / "fail-points", state / "dialogue-mode"
        named = {FOLDER: str(self.fail_points), MODE_FILE: str(self._dialogue_mode)}
        super().__init__(state, self._note, settings={**QUICK, **named, **(settings or {})})
        self.state = state
        self.links = Links(rng)
        redis = int(self.env["REDIS_PORT"])
        self.gateway_redis, self.worker_redis = self.links.link(redis), self.links.link(redis)
        self.gateway_dialogue = self.links.link(int(self.env["DIALOGUE_PORT"]))
        self.urls: list[str] = []
        self._replace_processes()
        worker_env = {**self.env, "REDIS_URL": _url(self.worker_redis)}
        self.workers = Workers(settings_of(worker_env), WORKERS, worker_env, state)
        self.held_down: set[str] = set()  # processes that nobody starts again at the moment

    @property
    def redis_url(self) -> str:
        """Redis itself, without a link."""
        return self.env["REDIS_URL"]

    @property
    def pictures(self) -> Path:
        """The folder of pictures."""
        return Path(self.env["IMAGE_STORE_URL"])

    def start(self) -> None:
        """Start everything."""
        super().start()
        self.workers.revive()

    def wait_until_ready(self, patience_s: float = READY_WITHIN_S) -> None:
        """Return once both gateways say that all is well."""
        deadline = time.monotonic() + patience_s
        while not self.is_ready():
            self.revive()
            if time.monotonic() > deadline:
                raise StackFailed(f"not ready after {patience_s:.0f} s; see {self.said}")
            time.sleep(0.1)

    def wait_until_ready_again(self, patience_s: float = READY_WITHIN_S) -> None:
        """As `wait_until_ready`, where somebody else starts again what has ended."""
        deadline = time.monotonic() + patience_s
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise StackFailed(f"not ready again after {patience_s:.0f} s; see {self.said}")
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether both gateways answer, find everything, and see all workers warm."""
        try:
            answers = [httpx.get(f"{url}/readyz", timeout=3, trust_env=False) for url in self.urls]
            headers = {"Authorization": f"Bearer {TENANTS[0].key}"}
            queue = httpx.get(f"{self.urls[0]}/v1/queue", timeout=3, trust_env=False, headers=headers)
        except httpx.HTTPError:
            return False
        if not queue.is_success or not all(answer.is_success for answer in answers):
            return False
        warm = [worker for worker in queue.json()["workers"] if worker["warm"]]
        return len(warm) >= self.workers.count

    def revive(self) -> None:
        """Start again whatever has ended and is not held down, as a supervisor does."""
        for name, process in self.processes.items():
            if process.returncode is not None and name not in self.held_down:
                self._note("system", f"{name} ended with status {process.returncode}; starting it again")
                process.start()
        if "workers" not in self.held_down:
            for line in self.workers.revive():
                self._note("system", line)

    def heal(self) -> None:
        """Undo every fault that lasts."""
        self.links.heal()
        disarm(self.fail_points)
        self.dialogue_does(None)
        self.held_down.clear()

    def dialogue_does(self, mode: str | None) -> None:
        """Have the dialogue service misbehave: slow, 500, garbage, truncated; None for well."""
        if mode is None:
            self._dialogue_mode.unlink(missing_ok=True)
        else:
            self._dialogue_mode.write_text(mode)

    def stop(self) -> None:
        """Stop everything."""
        self.links.heal()
        self.workers.stop()
        super().stop()
        with suppress(RuntimeError):
            self.links.close()

    def logs(self) -> str:
        """All that the processes have written."""
        return "\n".join(path.read_text(errors="replace") for path in [self.said, *self.workers.logs] if path.exists())

    def _replace_processes(self) -> None:
        redis = self.processes["redis"]
        dialogue = self._process("dialogue", "tests.faults.dialogue", {})
        links = {
            "REDIS_URL": _url(self.gateway_redis),
            "DIALOGUE_URL": f"http://127.0.0.1:{self.gateway_dialogue.port}",
        }
        gateways = {}
        for name in GATEWAYS:
            port = str(free_port())
            self.urls.append(f"http://127.0.0.1:{port}")
            gateways[name] = self._process(name, "tests.faults.gateway", {**links, "GATEWAY_PORT": port})
        self.processes = {**gateways, "dialogue": dialogue, "redis": redis}  # Redis is stopped last

    def _process(self, name: str, module: str, env: dict[str, str]) -> Process:
        return Process(name, f"exec python -m {module}", {**self.env, **env}, self._note)

    def _note(self, name: str, line: str) -> None:
        with self._lock, self.said.open("a") as file:
            file.write(f"{name} | {line}\n")


def _url(link: Link) -> str:
    return f"redis://127.0.0.1:{link.port}/0"
