"""`make bench`: the whole stack over HTTP against diffusers' pipeline in a loop, interleaved in one run.

Idle: one client, one edit at a time, every picture a new one. Busy: 16 clients in a closed loop. Both sides use the
mini editor's defaults; rounds alternate A B B A, and medians are given with their range.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from PIL import Image

from benchmarks.bare import BarePipeline
from services.local.stack import Stack
from training.datasets.drawing import render
from training.datasets.world import sample_scene

INSTRUCTION = "make it night"
CLIENTS = 16


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--base-url", help="a running stack (default: one is started)")
    parser.add_argument("--model", type=Path, default=Path("checkpoints/mini-editor"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--edits", type=int, default=32, help="edits of a busy round")
    parser.add_argument("--output", type=Path, default=Path("var/bench/stack.json"))
    arguments = parser.parse_args()
    if arguments.base_url:
        found = compare(arguments.base_url, arguments)
    else:
        with tempfile.TemporaryDirectory(prefix="dialogpaint-bench-") as state, Stack(Path(state), _silent) as stack:
            found = compare(stack.url, arguments)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))


def compare(base_url: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Alternate both sides for the given rounds."""
    bare = BarePipeline(arguments.model)
    pictures = iter(_pictures(seed=int(time.time())))
    with httpx.Client(base_url=base_url, timeout=120, trust_env=False) as client:
        _over_http(client, next(pictures))
        bare.seconds([next(pictures)], INSTRUCTION)
        idle = [_idle_round(client, bare, next(pictures), number) for number in range(max(10, arguments.rounds))]
        busy = [
            _busy_round(client, bare, [next(pictures) for _ in range(arguments.edits)], number)
            for number in range(arguments.rounds)
        ]
    return {
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
        "idle_http_s": [pair[0] for pair in idle],
        "idle_bare_s": [pair[1] for pair in idle],
        "busy_http_per_s": [arguments.edits / pair[0] for pair in busy],
        "busy_bare_per_s": [arguments.edits / pair[1] for pair in busy],
    }


def table(found: dict[str, object]) -> str:
    """The comparison as Markdown."""
    idle_http, idle_bare = _numbers(found, "idle_http_s"), _numbers(found, "idle_bare_s")
    busy_http, busy_bare = _numbers(found, "busy_http_per_s"), _numbers(found, "busy_bare_per_s")
    extra = [http - bare for http, bare in zip(idle_http, idle_bare, strict=True)]
    gain = [http / bare for http, bare in zip(busy_http, busy_bare, strict=True)]
    relative = [http / bare for http, bare in zip(idle_http, idle_bare, strict=True)]
    return "\n".join(
        [
            "| | median | range |",
            "|---|---|---|",
            f"| one idle edit over HTTP, minus the bare pipeline | {_ms(extra)} |",
            f"| one idle edit over HTTP, as a multiple of the bare pipeline | {_times(relative)} |",
            f"| {CLIENTS} clients over HTTP, edits/s as a multiple of diffusers in a loop | {_times(gain)} |",
        ]
    )


def _idle_round(client: httpx.Client, bare: BarePipeline, picture: Image.Image, number: int) -> tuple[float, float]:
    if number % 2:
        bare_s = bare.seconds([picture], INSTRUCTION)
        return _over_http(client, picture), bare_s
    return _over_http(client, picture), bare.seconds([picture], INSTRUCTION)


def _busy_round(
    client: httpx.Client, bare: BarePipeline, pictures: list[Image.Image], number: int
) -> tuple[float, float]:
    if number % 2:
        bare_s = bare.seconds(pictures, INSTRUCTION)
        return _many_over_http(client, pictures), bare_s
    return _many_over_http(client, pictures), bare.seconds(pictures, INSTRUCTION)


def _over_http(client: httpx.Client, picture: Image.Image) -> float:
    image_id = _upload(client, picture)
    started = time.perf_counter()
    _edit(client, image_id)
    return time.perf_counter() - started


def _many_over_http(client: httpx.Client, pictures: list[Image.Image]) -> float:
    image_ids = [_upload(client, picture) for picture in pictures]
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda image_id: _edit(client, image_id), image_ids))
    return time.perf_counter() - started


def _upload(client: httpx.Client, picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    answer = client.post("/v1/images", content=buffer.getvalue(), headers={"Content-Type": "image/png"})
    return str(answer.raise_for_status().json()["id"])


def _edit(client: httpx.Client, image_id: str) -> None:
    """Submit an edit, wait for it and fetch its picture."""
    body = {"image_id": image_id, "instruction": INSTRUCTION}
    answer = client.post("/v1/edits", json=body, headers={"Prefer": "wait=60"}).raise_for_status().json()
    if answer["status"] != "succeeded":
        raise RuntimeError(f"the edit did not succeed: {answer}")
    client.get(answer["urls"]["images"][0]).raise_for_status()


def _pictures(seed: int) -> list[Image.Image]:
    rng = random.Random(seed)
    return [render(sample_scene(rng)) for _ in range(600)]


def _silent(_process: str, _line: str) -> None:
    """What the processes say is not part of the table."""


def _numbers(found: dict[str, object], name: str) -> list[float]:
    values = found[name]
    assert isinstance(values, list)
    return [float(value) for value in values]


def _ms(values: list[float]) -> str:
    low, middle, high = (1000 * value for value in (min(values), statistics.median(values), max(values)))
    return f"{middle:.0f} ms | {low:.0f} … {high:.0f} ms"


def _times(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} × | {min(values):.2f} … {max(values):.2f} ×"


if __name__ == "__main__":
    main()
