"""Draw the sample pictures that the gateway offers: `python -m training.datasets.samples gateway/samples`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from training.datasets.drawing import render
from training.datasets.world import Scene, Thing, caption

SAMPLES = {
    "snowy-cat": Scene("snow", things=(Thing("cat", "orange", "right", "big"), Thing("star", "yellow", "left"))),
    "beach-ball": Scene("beach", things=(Thing("ball", "blue", "left"), Thing("umbrella", "yellow", "right", "big"))),
    "house-and-tree": Scene("meadow", things=(Thing("house", "red", "left", "big"), Thing("tree", "green", "right"))),
    "city-car": Scene("city", things=(Thing("car", "yellow", "middle", "big"),)),
    "desert-flower": Scene("desert", "sunset", things=(Thing("flower", "pink", "middle", "big"),)),
    "forest-night": Scene("forest", "night", things=(Thing("balloon", "red", "left"), Thing("bird", "white", "right"))),
    "rainy-boat": Scene("beach", weather="rain", things=(Thing("boat", "green", "middle", "big"),)),
    "jumping-fish": Scene(
        "beach", "sunset", things=(Thing("fish", "purple", "left", "big"), Thing("boat", "red", "right"))
    ),
}


def write(folder: Path) -> None:
    """Write every sample as PNG, and `samples.json` with name, file and caption."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, scene in SAMPLES.items():
        render(scene).save(folder / f"{name}.png", optimize=True)
    listing = [{"name": name, "file": f"{name}.png", "caption": caption(scene)} for name, scene in SAMPLES.items()]
    (folder / "samples.json").write_text(json.dumps(listing, indent=2) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
