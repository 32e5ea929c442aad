"""Make both mini models from packages and generated data alone: `python -m training.mini`; run again, it goes on.

The steps, each resumable: autoencoder, its latents, the editor, what the editor says of more scenes, its decoder; then
more of the same on other scenes, and on pictures of nothing in particular; and the dialogue model. `--smoke` takes a
few steps of each, to see that everything works before the hours are spent.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

SMOKE = ["steps=4", "batch_size=4", "log_every=1", "save_every=2", "evaluate_every=1000"]


MORE = ["--first", "20000", "--groups", "14000"]
"""Scenes for the editor's further lessons, others than those of its first."""


def commands(work: Path, checkpoints: Path, smoke: bool) -> list[list[str]]:
    """The modules to run one after the other, with their arguments."""
    mini_editor, few = checkpoints / "mini-editor", SMOKE if smoke else []
    talker = ["--config", "training/configs/dialogue_mini.yaml", "--output", str(work / "dialogue")]
    talker += [word for setting in few for word in ("--set", setting)]
    return [
        *_editor(work, mini_editor, smoke),
        *_editor_again(work, mini_editor, smoke),
        *_editor_on_any_picture(work, mini_editor, smoke),
        ["training.dialogue", *talker],
        ["training.dialogue", *talker, "--export", str(checkpoints / "mini-dialogue")],
    ]


def _editor(work: Path, mini_editor: Path, smoke: bool) -> list[list[str]]:
    """Autoencoder, editor and decoder, from nothing."""
    few, groups, shards = (SMOKE, ["--groups", "20"], ["--shards", "1"]) if smoke else ([], [], [])
    autoencoder, latents, editing, predictions, decoder = (
        work / name for name in ("autoencoder", "latents", "editing", "predictions", "decoder")
    )
    editor = [f"autoencoder={autoencoder / 'model'}", f"pool={latents}", *few]
    lessons = [f"autoencoder={autoencoder / 'model'}", f"predictions={predictions}", *few]
    return [
        ["training.autoencoder", "--output", str(autoencoder), *few],
        ["training.latents", "--autoencoder", str(autoencoder / "model"), "--output", str(latents), *groups],
        ["training.editing", "--output", str(editing), *editor],
        ["training.editing", "--output", str(editing), "--export", str(mini_editor), *editor],
        ["training.predictions", "--editor", str(mini_editor), "--output", str(predictions), *shards],
        ["training.decoder", "--output", str(decoder), *lessons],
        ["training.decoder", "--output", str(decoder), "--export", str(mini_editor)],
    ]


def _editor_again(work: Path, mini_editor: Path, smoke: bool) -> list[list[str]]:
    """More lessons for the editor, on other scenes; then a decoder that a critic holds to crisp pictures."""
    few, groups, shards = (SMOKE, ["--groups", "20"], ["--shards", "1"]) if smoke else ([], MORE, [])
    latents, editing, predictions, decoder = (
        work / f"{name}-more" for name in ("latents", "editing", "predictions", "decoder")
    )
    editor = ["--config", "training/configs/editing_more.yaml", "--output", str(editing)]
    lessons = [f"autoencoder={mini_editor / 'vae'}", f"predictions={predictions}", *few]
    more = [f"base={mini_editor}", f"pool={latents}", *few]
    return [
        ["training.latents", "--autoencoder", str(mini_editor / "vae"), "--output", str(latents), *groups],
        ["training.editing", *editor, *more],
        ["training.editing", *editor, "--export", str(mini_editor), *more],
        ["training.predictions", "--editor", str(mini_editor), "--output", str(predictions), *shards],
        ["training.decoder", "--config", "training/configs/decoder_crisp.yaml", "--output", str(decoder), *lessons],
        ["training.decoder", "--output", str(decoder), "--export", str(mini_editor)],
    ]


def _editor_on_any_picture(work: Path, mini_editor: Path, smoke: bool) -> list[list[str]]:
    """Edits that any picture can have, learnt on pictures of nothing in particular beside the same scenes."""
    few, shards = (SMOKE, "1") if smoke else ([], "14")
    latents, editing, predictions, decoder = (
        work / name for name in ("latents-more", "editing-any", "predictions-any", "decoder-any")
    )
    textures = ["--groups", "0", "--textures", "20" if smoke else "6000"]
    editor = ["--config", "training/configs/editing_any.yaml", "--output", str(editing)]
    more = [f"base={mini_editor}", f"pool={latents}", *few]
    lessons = [f"autoencoder={mini_editor / 'vae'}", f"predictions={predictions}", *few]
    said = ["--output", str(predictions), "--shards", shards, "--textures", "1" if smoke else "10"]
    return [
        ["training.latents", "--autoencoder", str(mini_editor / "vae"), "--output", str(latents), *textures],
        ["training.editing", *editor, *more],
        ["training.editing", *editor, "--export", str(mini_editor), *more],
        ["training.predictions", "--editor", str(mini_editor), *said],
        ["training.decoder", "--config", "training/configs/decoder_any.yaml", "--output", str(decoder), *lessons],
        ["training.decoder", "--output", str(decoder), "--export", str(mini_editor)],
    ]


def run(command: list[str]) -> int:
    """Run a step and return its status; an interrupt is the step's own, which gets the time to keep what it has."""
    process = subprocess.Popen(command)
    before = signal.signal(signal.SIGINT, lambda *_: None)  # `subprocess.call` would kill it after a quarter second
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def main() -> int:
    """Command line; stops at the first step that fails or is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="where runs keep their state")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), help="where the models are written")
    parser.add_argument("--smoke", action="store_true", help="a few steps of everything")
    arguments = parser.parse_args()
    for module, *rest in commands(arguments.work, arguments.checkpoints, arguments.smoke):
        print(f"== {module} {' '.join(rest)}", flush=True)
        code = run([sys.executable, "-m", module, *rest])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
