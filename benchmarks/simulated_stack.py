"""The stack of this machine with simulated workers, a simulated dialogue service, and any number of gateways."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from benchmarks.processes import silent
from benchmarks.simulated_model import Pace
from benchmarks.simulated_workers import SimulatedWorkers, settings_of
from services.local.process import Process
from services.local.stack import Stack, StackFailed, free_port

WARM_WITHIN_S = 120.0


class SimulatedStack(Stack):
    """Real Redis and gateways around the stand-ins; a context manager as `Stack` is one."""

    def __init__(self, state: Path, pace: Pace, slots: int = 1) -> None:
        """Prepare it with one worker of so many slots and one gateway."""
        settings = {"ENGINE_SLOTS": str(slots), "LOG_LEVEL": "warning"}
        super().__init__(state, silent, settings=settings)
        self.redis_url = self.env["REDIS_URL"]
        self.urls = [self.url]
        self.workers = SimulatedWorkers(settings_of(self.env), pace, state / "workers.log")
        del self.processes["editing"]
        self.processes["dialogue"] = self._process("dialogue", "benchmarks.simulated_dialogue")
        self.processes["redis"] = self.processes.pop("redis")  # the last to be stopped

    def start(self) -> None:
        """Start every process and one worker."""
        super().start()
        self.workers.grow(1)

    def stop(self) -> None:
        """Stop everything."""
        self.workers.stop()
        super().stop()

    def grow(self, workers: int, gateways: int) -> None:
        """Have so many warm workers and ready gateways; there are never fewer than before."""
        while len(self.urls) < gateways:
            self._add_gateway()
        self.workers.grow(workers)
        self._until_warm(workers)
        for url in self.urls:
            self._until_answered(f"{url}/readyz")

    def pids(self) -> dict[str, list[int]]:
        """The process ids of each kind."""
        gateways = [process.pid for name, process in self.processes.items() if name.startswith("gateway")]
        redis, dialogue = self.processes["redis"].pid, self.processes["dialogue"].pid
        return {"gateway": gateways, "redis": [redis], "dialogue": [dialogue], "worker": self.workers.pids}

    def _add_gateway(self) -> None:
        name, port = f"gateway-{len(self.urls) + 1}", str(free_port())
        self.urls.append(f"http://{self.env['GATEWAY_HOST']}:{port}")
        gateway = self._process(name, "gateway", {"GATEWAY_PORT": port})
        gateway.start()
        self.processes = {name: gateway, **self.processes}

    def _process(self, name: str, module: str, settings: dict[str, str] | None = None) -> Process:
        return Process(name, f"exec python -m {module}", {**self.env, **(settings or {})}, silent)

    def _until_warm(self, workers: int) -> None:
        deadline = time.monotonic() + WARM_WITHIN_S
        while sum(worker["warm"] for worker in self._until_answered(f"{self.url}/v1/queue")["workers"]) < workers:
            if time.monotonic() > deadline:
                raise StackFailed(f"{workers} workers were not warm after {WARM_WITHIN_S:.0f} s")
            time.sleep(0.2)

    def _until_answered(self, url: str) -> dict[str, list[dict[str, bool]]]:
        deadline = time.monotonic() + WARM_WITHIN_S
        while True:
            try:
                answer: dict[str, list[dict[str, bool]]] = (
                    httpx.get(url, timeout=5, trust_env=False).raise_for_status().json()
                )
            except httpx.HTTPError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return answer
