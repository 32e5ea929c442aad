"""P3: FastAPI around the pipeline, with a lock, as in many a tutorial."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from fastapi import FastAPI

from benchmarks.jobs import Job
from benchmarks.peers.arguments import PeerArguments


def make_app(arguments: PeerArguments) -> FastAPI:
    """One route that edits, and one that says that it is there; everything is computed in one thread.

    In whichever thread a request is handled, as a plain route does it, the pipeline takes twice as long: every thread
    brings its own team of OpenMP threads.
    """
    app, lock, thread = FastAPI(), asyncio.Lock(), ThreadPoolExecutor(1)
    pipeline = thread.submit(arguments.pipeline).result()

    @app.post("/predict")
    async def predict(body: dict[str, Any]) -> dict[str, str]:
        async with lock:
            (picture,) = await asyncio.wrap_future(thread.submit(pipeline.edit, [Job.from_json(body)]))
        return {"picture": b64encode(picture.png).decode()}

    @app.get("/health")
    async def health() -> str:
        return "ok"

    return app


def main() -> None:
    """Serve until the process ends."""
    arguments = PeerArguments.read()
    uvicorn.run(make_app(arguments), host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
