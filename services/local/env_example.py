"""Write .env.example: every setting of shared/settings.py with its default and its line of explanation."""

import sys

from services.local.process import ROOT
from shared.settings import Settings

HEADER = """\
# Copy to .env and change what you need. What is commented out is the default of each process. `make up` reads it, but
# chooses the ports itself (`make up PORT=8001`), and starts a Redis of its own unless REDIS_URL is set. docker compose
# reads what docker-compose.yml mentions; the processes themselves read only their environment.
# Written by `make env-example` from shared/settings.py.
"""
COMPOSE = {
    "PORT": ("8000", "docker compose: port of this machine's loopback interface that the gateway gets"),
    "MODELS_DIR": (
        "./checkpoints",
        "docker compose: folder of models, mounted at /models for DIALOGUE_MODEL=/models/...",
    ),
    "TORCH_INDEX_URL": ("", "docker compose: package index to look for another build of torch, such as CPU only"),
}


def text() -> str:
    """The whole file."""
    lines = {name.upper(): (field.default, field.description) for name, field in Settings.model_fields.items()}
    entries = [f"# {why}\n# {name}={default}\n" for name, (default, why) in {**lines, **COMPOSE}.items()]
    return "\n".join([HEADER, *entries])


def main() -> int:
    """Write the file."""
    (ROOT / ".env.example").write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
