"""Import a set of edit triples that others made, checked, into the layout that the trainers read.

    python -m training.datasets.edit_import --source DOWNLOADED_FOLDER --output var/data/imported
    python -m training.datasets.edit_import --source FOLDER --output DIR \\
        --columns original_image=source_img edit_prompt=instruction edited_image=target_img

A source is whatever Hugging Face `datasets` reads: a folder of Parquet or Arrow files, one that `save_to_disk` wrote, a
folder of pictures with a `metadata.jsonl` (`original_image_file_name`, `edit_prompt`, `edited_image_file_name`), or a
name on the hub where there is a network. It is streamed, never held. Triples with unreadable, missing, tiny,
differently shaped or equal pictures or without words are counted and left out. Stop it at any time: the same
command goes on.

A source with several splits keeps them; of one without, 90 % of the original pictures (with all their edits) are for
training, 5 % each for validation and test.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from training.datasets.edit_checks import Flawed, Limits, check
from training.datasets.edit_shards import EditRow, OtherSet, ShardedSet
from training.datasets.instructions import Split

COLUMNS = ("original_image", "edit_prompt", "edited_image")
PIECE = 200
"""Rows of the source between two marks from which an interrupted import goes on."""
_SPLITS: dict[str, Split] = {
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
}


class UnusableSource(ValueError):
    """The source cannot be read, or lacks a column; the message says what to do."""


def opened(source: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """Streams by split, pictures undecoded, with the columns of `COLUMNS`; raises UnusableSource."""
    from datasets import Image

    streams = {}
    for split, stream in _streams(source).items():
        first = next(iter(stream), None)
        present = sorted(stream.features or first or ())
        if missing := [name for name in columns.values() if name not in present]:
            raise UnusableSource(
                f"{source} ({split}) has no column {', '.join(missing)}; it has {', '.join(present) or 'none'}: "
                "name its own with --columns original_image=… edit_prompt=… edited_image=…"
            )
        stream = stream.select_columns(list(columns.values()))
        for name in ("original_image", "edited_image"):
            stream = stream.cast_column(columns[name], Image(decode=False))
        streams[split] = stream
    return streams


def import_set(
    streams: Mapping[str, Any], columns: Mapping[str, str], target: ShardedSet, limits: Limits, limit: int | None = None
) -> None:
    """Check every row of every split and write what passes, going on after the pieces that are finished."""
    for source_split, stream in streams.items():
        keep_split = _SPLITS.get(source_split, source_split) if len(streams) > 1 else None
        done = target.read(source_split)
        rows = iter(islice(stream.skip(done), None if limit is None else max(0, limit - done)))
        with tqdm(desc=source_split, initial=done, unit="row", mininterval=2) as bar:
            while piece := list(islice(rows, PIECE)):
                kept, flaws = _checked(piece, columns, limits, keep_split)
                target.add(kept, flaws, len(piece), source_split)
                bar.update(len(piece))


def split_of(picture: bytes) -> Split:
    """The split of all edits of one original picture."""
    part = zlib.crc32(picture) % 20
    return "test" if part == 7 else "validation" if part == 3 else "train"


def _checked(
    rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], limits: Limits, keep_split: str | None
) -> tuple[list[EditRow], Counter[str]]:
    kept: list[EditRow] = []
    flaws: Counter[str] = Counter()
    for row in rows:
        original, edited = (_bytes(row[columns[name]]) for name in ("original_image", "edited_image"))
        try:
            found = check(original, row[columns["edit_prompt"]], edited, limits)
        except Flawed as error:
            flaws[error.flaw.value] += 1
        else:
            assert original is not None
            split = _as_split(keep_split) if keep_split else split_of(original)
            kept.append(EditRow(split, found.original, found.instruction, found.edited))
    return kept, flaws


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    if value.get("bytes") is None and value.get("path"):
        path = Path(value["path"])
        return path.read_bytes() if path.is_file() else None
    data: bytes | None = value.get("bytes")
    return data


def _as_split(name: str) -> Split:
    return "validation" if name == "validation" else "test" if name == "test" else "train"


def _streams(source: str) -> dict[str, Any]:
    from datasets import Dataset, DatasetDict, load_dataset, load_from_disk

    folder = Path(source)
    try:
        if (folder / "dataset_dict.json").exists() or (folder / "state.json").exists():
            found = load_from_disk(source)
            whole = DatasetDict({"train": found}) if isinstance(found, Dataset) else found
            return {split: part.to_iterable_dataset() for split, part in whole.items()}
        return dict(load_dataset(source, streaming=True))
    except (OSError, ValueError) as error:
        raise UnusableSource(f"{source} is nothing that `datasets` reads: {error}") from error


def _columns(given: Iterable[str]) -> dict[str, str]:
    columns = {name: name for name in COLUMNS}
    for pair in given:
        name, _, own = pair.partition("=")
        if name not in columns or not own:
            raise UnusableSource(f"--columns takes NAME=THEIRS with {', '.join(COLUMNS)} as NAME, not {pair!r}")
        columns[name] = own
    return columns


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 2 where an argument or the source is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m training.datasets.edit_import",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--source", required=True, help="folder, or name on the hub")
    parser.add_argument("--output", type=Path, required=True, help="folder of the imported set")
    parser.add_argument(
        "--columns", nargs="+", default=[], metavar="NAME=THEIRS", help="where the source's names differ"
    )
    parser.add_argument("--longest-side", type=int, default=512, help="shrink larger pictures to this (default 512)")
    parser.add_argument("--shortest-side", type=int, default=64, help="leave smaller ones out (default 64)")
    parser.add_argument("--limit", type=int, help="look at so many rows of each split alone")
    given = parser.parse_args(arguments)
    limits = Limits(given.shortest_side, given.longest_side)
    try:
        columns = _columns(given.columns)
        made_from = {"source": given.source, "columns": columns, "sides": [given.shortest_side, given.longest_side]}
        target = ShardedSet(given.output, made_from)
        import_set(opened(given.source, columns), columns, target, limits, given.limit)
    except (UnusableSource, OtherSet) as error:
        print(error, file=sys.stderr)
        return 2
    print(target.report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
