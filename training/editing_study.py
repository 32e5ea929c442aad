"""What each part of the mini editor's recipe is worth: the same short training, with one thing changed at a time.

python -m training.editing_study --pool var/training/latents --steps 600

Every variant begins from nothing with the same seeds and sees the same number of examples; success is that of
`training/looks.py`. What is found goes to `training/editing_study.json`, from where the model card takes it. A study
that is interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training.editing import EditingSettings, train
from training.run import begun_with, read_settings

FOUND = Path("training/editing_study.json")
VARIANTS: dict[str, dict[str, Any]] = {
    "the recipe": {},
    "begins with ordinary weights": {"copier": False},
    "the same, and predicts v": {"copier": False, "prediction": "v_prediction"},
    "timesteps drawn evenly": {"first_step_part": 0.0, "lean": 1.0},
    "what changes weighs no more": {"changed_weight": 0.0},
    "no head that says where": {"where_weight": 0.0},
    "text encoder not taught first": {"taught_words": False},
}
"""What differs from the recipe, in words and as settings."""


@dataclass(frozen=True)
class Finding:
    """What one variant came to: success in percent, PSNR in dB inside and outside what the true edit changes."""

    variant: str
    success: float
    detail_db: float
    kept_db: float


def study(settings: EditingSettings, work: Path) -> list[Finding]:
    """Train every variant in its own folder below `work`; one that is finished is only read.

    Raises ValueError where a folder holds a run of other settings.
    """
    found = []
    for number, (variant, changed) in enumerate(VARIANTS.items()):
        folder = work / f"{number:02d}"
        print(f"== {variant}", flush=True)
        wanted = replace(settings, evaluate_every=settings.steps, **changed)
        begun_with(folder / "settings.json", json.dumps(asdict(wanted), sort_keys=True))
        train(wanted, folder)
        found.append(_finding(variant, folder / "evaluation.csv"))
        print(found[-1], flush=True)
    return found


def _finding(variant: str, path: Path) -> Finding:
    with path.open(newline="") as file:
        *_, last = csv.DictReader(file)
    return Finding(variant, *(float(last[name]) for name in ("success", "detail_db", "kept_db")))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("training/configs/editing_mini.yaml"))
    parser.add_argument("--pool", default="var/training/latents")
    parser.add_argument("--autoencoder", default="checkpoints/mini-editor/vae")
    parser.add_argument("--steps", type=int, default=600, help="of each variant")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--work", type=Path, default=Path("var/training/study"))
    parser.add_argument("--output", type=Path, default=FOUND)
    given = parser.parse_args()
    recipe = replace(
        read_settings(given.config, EditingSettings),
        pool=given.pool, autoencoder=given.autoencoder, threads=given.threads,
        steps=given.steps, batch_size=given.batch, warmup_steps=given.steps // 12,
    )  # fmt: skip
    found = [asdict(finding) for finding in study(recipe, given.work)]
    given.output.write_text(json.dumps({"steps": given.steps, "batch": given.batch, "found": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
