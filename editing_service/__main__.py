"""`python -m editing_service`: run an editing worker until SIGTERM."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from editing_service.failures import UnusableModel
from editing_service.worker import serve
from shared.settings import read_settings
from shared.telemetry import configure_logging

EXIT_CONFIGURATION = 78  # EX_CONFIG


def main() -> int:
    """Read the settings and serve; settings that can't work end the process with one line."""
    try:
        settings = read_settings()
        configure_logging(settings.log_level, "editing")
        return serve(settings)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors())
        sys.stderr.write(f"editing worker: the settings can't be used: {wrong}\n")
    except UnusableModel as error:
        sys.stderr.write(f"editing worker: {error}\n")
    return EXIT_CONFIGURATION


if __name__ == "__main__":
    sys.exit(main())
