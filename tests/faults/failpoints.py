"""Places in the processes under test where they can be killed: around every script, picture and message.

The product knows nothing of it: the processes of the fault runs are started with the doors wrapped (`install`). A file
named after a point kills the next process that gets there, and only that one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.patching import replace

FOLDER = "FAIL_POINTS"


def arm(folder: Path, point: str) -> None:
    """Kill whichever process next comes to this point."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / point).touch()


def armed(folder: Path) -> list[str]:
    """The points that nobody came to yet."""
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def disarm(folder: Path) -> None:
    """Let everybody live."""
    for point in armed(folder):
        (folder / point).unlink(missing_ok=True)


def reach(point: str) -> None:
    """Come to a point: the process ends here if the point is armed."""
    try:
        (Path(os.environ[FOLDER]) / point).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def install_in_gateway() -> None:
    """Wrap the gateway's doors to Redis, the pictures and the queue."""
    replace("shared.storage.scripts:AsyncScripts.run", _around_async)
    replace("shared.storage.files:FolderImageFiles.put", partial(_around, "put"))
    replace("gateway.app:send_edit", partial(_around, "send"))


def install_in_worker() -> None:
    """Wrap the worker's door to the pictures, and Celery's step between taking a message and noting it."""
    replace("shared.storage.files:FolderImageFiles.put", partial(_around, "worker-put"))
    replace("kombu.transport.redis:QoS.append", partial(_around, "unacked"))


def _around(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **named: Any) -> Any:
        reach(f"before-{name}")
        answer = call(*arguments, **named)
        reach(f"after-{name}")
        return answer

    return wrapped


def _around_async(run: Callable[..., Any]) -> Callable[..., Any]:
    async def wrapped(scripts: Any, name: str, **arguments: Any) -> Any:
        reach(f"before-{name}")
        answer = await run(scripts, name, **arguments)
        reach(f"after-{name}")
        return answer

    return wrapped
