"""What is done to every folder that an export wrote."""

from __future__ import annotations

import json
from pathlib import Path

ORIGIN = "_name_or_path"


def forget_origins(folder: Path) -> None:
    """Take from every configuration in a folder where its weights were read from: a path of one machine."""
    for path in sorted(folder.rglob("*.json")):
        config = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(config, dict) and config.pop(ORIGIN, None) is not None:
            path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
