"""P2 and P2t: Celery with one task that calls the pipeline once; as it comes, and tuned for few long tasks."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from benchmarks.diffusers_pipeline import DiffusersPipeline
from benchmarks.jobs import Job
from benchmarks.peers.arguments import PeerArguments

TASK = "edit"
TUNED = {"task_acks_late": True, "worker_prefetch_multiplier": 1, "worker_disable_rate_limits": True}


def make_app(redis_port: int, queue: str) -> Celery:
    """Celery with Redis as its broker and for its results."""
    url = f"redis://127.0.0.1:{redis_port}/0"
    app = Celery("peer", broker=url, backend=url)
    app.conf.update(task_default_queue=queue, broker_connection_retry_on_startup=True, result_expires=600)
    return app


def add_task(app: Celery, arguments: PeerArguments) -> None:
    """Give the worker its task; every process of it loads a pipeline of its own as it starts."""
    pipeline = cache(arguments.pipeline)

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def edit(body: dict[str, str]) -> str:
        return edited(pipeline(), body)

    @worker_process_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def load(**_: Any) -> None:
        pipeline()


def edited(pipeline: DiffusersPipeline, body: dict[str, str]) -> str:
    """Edit one picture, as text that Celery can carry."""
    (picture,) = pipeline.edit([Job.from_json(body)])
    return b64encode(picture.png).decode()


def main() -> None:
    """Work until the process ends."""
    arguments = PeerArguments.read()
    app = make_app(arguments.port, arguments.queue)
    if arguments.tuned:
        app.conf.update(TUNED)
    add_task(app, arguments)
    app.Worker(pool="prefork", concurrency=arguments.workers, loglevel="WARNING", quiet=True).start()


if __name__ == "__main__":
    main()
