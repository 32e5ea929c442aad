"""Make both mini models from packages and generated data alone: `python -m training.mini`; run again, it goes on.

The steps, each resumable: autoencoder, its latents, the editor, the dialogue model. `--smoke` takes a few steps of
each, to see that everything works before the hours are spent.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SMOKE = ["steps=4", "batch_size=4", "log_every=1", "save_every=2", "evaluate_every=1000"]


def commands(work: Path, checkpoints: Path, smoke: bool) -> list[list[str]]:
    """The modules to run one after the other, with their arguments."""
    few = SMOKE if smoke else []
    autoencoder, latents, editing, dialogue = (
        work / name for name in ("autoencoder", "latents", "editing", "dialogue")
    )
    editor = [f"autoencoder={autoencoder / 'model'}", f"pool={latents}", *few]
    talker = ["--config", "training/configs/dialogue_mini.yaml", "--output", str(dialogue)]
    talker += [word for setting in few for word in ("--set", setting)]
    groups = ["--groups", "20"] if smoke else []
    return [
        ["training.autoencoder", "--output", str(autoencoder), *few],
        ["training.latents", "--autoencoder", str(autoencoder / "model"), "--output", str(latents), *groups],
        ["training.editing", "--output", str(editing), *editor],
        ["training.editing", "--output", str(editing), "--export", str(checkpoints / "mini-editor"), *editor],
        ["training.dialogue", *talker],
        ["training.dialogue", *talker, "--export", str(checkpoints / "mini-dialogue")],
    ]


def main() -> int:
    """Command line; stops at the first step that fails or is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="where runs keep their state")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), help="where the models are written")
    parser.add_argument("--smoke", action="store_true", help="a few steps of everything")
    arguments = parser.parse_args()
    for module, *rest in commands(arguments.work, arguments.checkpoints, arguments.smoke):
        print(f"== {module} {' '.join(rest)}", flush=True)
        code = subprocess.call([sys.executable, "-m", module, *rest])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
