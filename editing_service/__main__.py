"""`python -m editing_service`: run an editing worker until SIGTERM."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from shared.settings import Settings, read_settings, wrong_settings
from shared.telemetry import configure_logging
from shared.tracing import TracingUnavailable, configure_tracing

EXIT_CONFIGURATION = 78  # EX_CONFIG


def main() -> int:
    """Read the settings and serve; settings that can't work end the process with one line."""
    try:
        settings = read_settings()
    except ValidationError as error:
        sys.stderr.write(f"editing worker: the settings can't be used: {'; '.join(wrong_settings(error))}\n")
        return EXIT_CONFIGURATION
    configure_logging(settings.log_level, "editing")
    try:
        configure_tracing(settings.trace_to, "editing")
    except (TracingUnavailable, OSError) as error:
        sys.stderr.write(f"editing worker: {error}\n")
        return EXIT_CONFIGURATION
    return _serve(settings)


def _serve(settings: Settings) -> int:
    # Here and not above, because it takes seconds and a wrong setting should be told at once.
    from editing_service.failures import UnusableModel
    from editing_service.worker import serve

    try:
        return serve(settings)
    except UnusableModel as error:
        sys.stderr.write(f"editing worker: {error}\n")
        return EXIT_CONFIGURATION


if __name__ == "__main__":
    sys.exit(main())
