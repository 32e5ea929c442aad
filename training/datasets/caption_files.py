"""Caption files as they are published, each by kind and path: the four sources of the paper.

    coco:FILE          captions_*.json: {"annotations": [{"image_id": 7, "caption": "…"}, …]}
    cub:FOLDER         text_c10 of CUB-200-2011: 001.Black_footed_Albatross/Black_Footed_Albatross_0001_796111.txt
    deepfashion:FILE   captions.json of DeepFashion-MultiModal: {"MEN-Denim-id_00000080-01_7_additional.jpg": "…"}
    ffhq:PATH          no captions are FFHQ's own: a folder of 00012.txt, or a JSON file {"00012.png": "…" or ["…"]}

Every sentence of a caption is one to talk about; those of one picture (one garment, of DeepFashion) share a split.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from training.datasets.language.captions import Captions

Numbered = tuple[int, str]
"""A picture's number and one sentence about it."""

_GARMENT = re.compile(r"(.+?-id_\d+)")
_LAST_NUMBER = re.compile(r"(\d+)\D*$")


def read_captions(sources: Sequence[str]) -> Captions:
    """Captions of one or more `kind:path`; raises ValueError naming what is wrong, OSError where there is no file."""
    return Captions([numbered for source in sources for numbered in _read(source)])


def _read(source: str) -> list[Numbered]:
    kind, _, path = source.partition(":")
    if kind not in READERS or not path:
        raise ValueError(f"{source!r} is no source of captions; give KIND:PATH with {', '.join(READERS)} as KIND")
    try:
        found = list(READERS[kind](Path(path)))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path} is not laid out as {kind} captions are: {error!r}") from error
    if not found:
        raise ValueError(f"{path} holds no {kind} captions")
    return found


def _coco(path: Path) -> Iterator[Numbered]:
    for entry in json.loads(path.read_text(encoding="utf-8"))["annotations"]:
        yield int(entry["image_id"]), str(entry["caption"])


def _cub(folder: Path) -> Iterator[Numbered]:
    return _one_a_line(folder.glob("*/*.txt"))


def _deepfashion(path: Path) -> Iterator[Numbered]:
    for name, text in json.loads(path.read_text(encoding="utf-8")).items():
        garment = _GARMENT.match(name)
        number = zlib.crc32((garment[1] if garment else name).encode())
        yield from ((number, sentence) for sentence in _sentences(text))


def _ffhq(path: Path) -> Iterator[Numbered]:
    if path.is_dir():
        yield from _one_a_line(path.rglob("*.txt"))
        return
    for name, texts in json.loads(path.read_text(encoding="utf-8")).items():
        for text in [texts] if isinstance(texts, str) else texts:
            yield from ((_number(name), sentence) for sentence in _sentences(text))


def _one_a_line(files: Iterator[Path]) -> Iterator[Numbered]:
    """Text files named after their picture's number, one or more captions in each."""
    for file in sorted(files):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield from ((_number(file.stem), sentence) for sentence in _sentences(line))


def _number(name: str) -> int:
    found = _LAST_NUMBER.search(Path(name).stem)
    if found is None:
        raise ValueError(f"the name {name} has no number")
    return int(found[1])


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", text.strip()) if sentence]


READERS: dict[str, Callable[[Path], Iterator[Numbered]]] = {
    "coco": _coco,
    "cub": _cub,
    "deepfashion": _deepfashion,
    "ffhq": _ffhq,
}
