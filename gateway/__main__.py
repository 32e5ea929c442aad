"""Run the gateway: `python -m gateway`."""

import ctypes
import sys

import uvicorn
from pydantic import ValidationError

from gateway.app import create_app
from gateway.auth import is_loopback
from gateway.protocol import Protocol
from shared.serving import Server
from shared.settings import Settings, read_settings, wrong_settings
from shared.telemetry import configure_logging
from shared.tracing import configure_tracing
from shared.web import KEEP_ALIVE_S

M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 2**20  # a parameter of glibc's mallopt(3), and its value in bytes


def main() -> int:
    """Serve until SIGTERM or SIGINT; a setting that can't work ends the process with one line."""
    try:
        settings = read_settings()
        refuse_open_doors(settings)
        app = create_app(settings)
    except ValidationError as error:
        return _give_up(wrong_settings(error)[0])
    except (ValueError, OSError) as error:
        return _give_up(str(error))
    configure_logging(settings.log_level, "gateway")
    try:
        configure_tracing(settings.trace_to, "gateway")
    except (ValueError, OSError) as error:
        return _give_up(str(error))
    give_back_large_blocks()
    config = uvicorn.Config(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        loop="uvloop",
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=settings.graceful_shutdown_s,
    )
    Server(config, settings.stuck_after_s, app.state.ports.end_streams).run()
    return 0


def refuse_open_doors(settings: Settings) -> None:
    """Raise ValueError if everybody on the network could call without a key."""
    guarded = settings.api_keys.strip() or settings.without_keys != "loopback"
    if not guarded and not is_loopback(settings.gateway_host):
        raise ValueError(
            f"GATEWAY_HOST is {settings.gateway_host}, but API_KEYS is empty: without keys the gateway serves only "
            "127.0.0.1. Set WITHOUT_KEYS=nobody and make keys with `python -m gateway.keys create NAME`."
        )


def give_back_large_blocks() -> None:
    """Have the C library return the memory of a decoded picture at once; glibc alone learns to keep 150 MB a thread."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def _give_up(reason: str) -> int:
    print(f"gateway: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
