"""A whole run against a real HTTP server that writes conversations by rule."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, HTTPException

from training.datasets.dialogue_examples import examples_of, read_dialogues
from training.datasets.self_instruct.__main__ import main
from training.datasets.self_instruct.journal import Journal

_ASKED = re.compile(r"Instructions: (.*)\nManner: .*\nLines: (.*)")


class Writer:
    """Writes what it is asked for: instructions that paint something in fresh words, all others badly."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.fails_after: int | None = None

    def app(self) -> FastAPI:
        """The endpoint."""
        app = FastAPI()

        @app.post("/v1/chat/completions")
        def complete(body: dict[str, Any]) -> dict[str, Any]:
            if self.fails_after is not None and self.asked.total() >= self.fails_after:
                raise HTTPException(400, "the credit is used up")
            content = body["messages"][-1]["content"]
            self.asked[f"{body['seed']}"] += 1
            return {"choices": [{"message": {"content": self._write(content, body["seed"])}}]}

        return app

    def _write(self, content: str, seed: int) -> str:
        found = _ASKED.search(content)
        assert found is not None
        painted = re.fullmatch(r"paint the (\w+) (\w+)", found[1])
        if painted is None or found[2] != "User, Edit":
            return "I am a language model."
        fresh = " ".join(f"w{seed}{letter}" for letter in "abcdef")
        return f"User: {painted[2]} for that {painted[1]} {fresh}\nEdit: {found[1]}"


@pytest.fixture
def writer() -> Writer:
    """The rules by which the server writes."""
    return Writer()


@pytest.fixture
def url(writer: Writer) -> Iterator[str]:
    """Where the server listens."""
    server = uvicorn.Server(uvicorn.Config(writer.app(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join()


def run(url: str, output: Path, requests: int, *more: str) -> int:
    """One run of the command line."""
    return main(
        ["--output", str(output), "--llm-url", url, "--llm-model", "m", "--requests", str(requests), "--yes", *more]
    )


def kept(output: Path) -> list[dict[str, Any]]:
    """Every dialogue of every split."""
    return [dict(one) for split in ("train", "validation", "test") for one in read_dialogues(output / f"{split}.jsonl")]


def test_what_is_kept_can_be_learnt_from(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url, tmp_path, 150) == 0
    dialogues = kept(tmp_path)
    assert len(dialogues) > 3
    assert f"150 asked, {len(dialogues)} valid, {len(dialogues)} kept" in capsys.readouterr().out
    for dialogue in dialogues:
        (example,) = examples_of(dialogue)
        assert re.fullmatch(r"paint the \w+ \w+", example.answer)
    schema = json.loads((tmp_path / "schema.json").read_text())
    assert {one["source"] for one in dialogues} <= set(schema["properties"]["source"]["enum"])
    assert set(dialogues[0]) == set(schema["required"])


def test_a_stopped_run_goes_on_and_asks_nothing_twice(url: str, writer: Writer, tmp_path: Path) -> None:
    writer.fails_after = 40
    assert run(url, tmp_path / "parts", 100) == 1
    assert 30 < len(Journal(tmp_path / "parts", {"seed": 0, "form": "dialogue", "captions": None}).answers) <= 40
    writer.fails_after = None
    assert run(url, tmp_path / "parts", 100) == 0
    assert set(writer.asked.values()) == {1}
    assert len(writer.asked) == 100
    assert run(url, tmp_path / "whole", 100) == 0
    assert kept(tmp_path / "parts") == kept(tmp_path / "whole")


def test_nothing_is_asked_before_somebody_agrees(
    url: str, writer: Writer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--output", str(tmp_path), "--llm-url", url, "--llm-model", "m", "--requests", "1000"]
    assert main([*arguments, "--price-read", "2", "--price-written", "8"]) == 2
    found = re.search(
        r"1,000 requests, about ([\d,]+) tokens to read and ([\d,]+) to write, ([\d.]+) at", capsys.readouterr().out
    )
    assert found is not None
    read, written = (int(number.replace(",", "")) for number in found.groups()[:2])
    assert float(found[3]) == pytest.approx((2 * read + 8 * written) / 1e6, abs=0.01)
    assert not writer.asked


def test_a_folder_of_another_run_is_refused(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(url, tmp_path, 1) == 0
    assert run(url, tmp_path, 1, "--seed", "1") == 2
    assert "other tasks" in capsys.readouterr().err
