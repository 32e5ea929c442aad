"""Make both mini models from packages and generated data alone: `python -m training.mini`; run again, it goes on.

The steps, each resumable: autoencoder, its latents, the editor, what the editor says of more scenes, its decoder, and
the dialogue model. `--smoke` takes a few steps of each, to see that everything works before the hours are spent.
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
    autoencoder, latents, editing, predictions, decoder, dialogue = (
        work / name for name in ("autoencoder", "latents", "editing", "predictions", "decoder", "dialogue")
    )
    mini_editor = checkpoints / "mini-editor"
    editor = [f"autoencoder={autoencoder / 'model'}", f"pool={latents}", *few]
    talker = ["--config", "training/configs/dialogue_mini.yaml", "--output", str(dialogue)]
    talker += [word for setting in few for word in ("--set", setting)]
    groups, shards = (["--groups", "20"], ["--shards", "1"]) if smoke else ([], [])
    lessons = [f"autoencoder={autoencoder / 'model'}", f"predictions={predictions}", *few]
    return [
        ["training.autoencoder", "--output", str(autoencoder), *few],
        ["training.latents", "--autoencoder", str(autoencoder / "model"), "--output", str(latents), *groups],
        ["training.editing", "--output", str(editing), *editor],
        ["training.editing", "--output", str(editing), "--export", str(mini_editor), *editor],
        ["training.predictions", "--editor", str(mini_editor), "--output", str(predictions), *shards],
        ["training.decoder", "--output", str(decoder), *lessons],
        ["training.decoder", "--output", str(decoder), "--export", str(mini_editor)],
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
