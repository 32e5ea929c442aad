"""Import a set of edit triples that others made, checked, into the layout that the trainers read.

    python -m training.datasets.edit_import --source DOWNLOADED_FOLDER --output var/data/imported
    python -m training.datasets.edit_import --source FOLDER --output DIR \\
        --columns original_image=source_img edit_prompt=instruction edited_image=target_img
    python -m training.datasets.edit_import --source FOLDER --output DIR --splits training=train heldout=test

A source is whatever Hugging Face `datasets` reads: a folder of Parquet or Arrow files, one that `save_to_disk` wrote, a
folder of pictures with a `metadata.jsonl` (`original_image_file_name`, `edit_prompt`, `edited_image_file_name`), or a
name on the hub where there is a network. It is streamed, never held. Triples with unreadable, missing, tiny,
differently shaped or equal pictures or without words are counted and left out. Stop it at any time: the same
command goes on.

A source keeps its splits: train, validation (also valid, val, dev), test, and others as --splits says. What the source
lacks is cut out of its train by the original picture, with all its edits: 5 % for validation, and where train is all
there is another 5 % for test.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from training.datasets.edit_checks import Flawed, Limits, check
from training.datasets.edit_shards import SPLITS, EditRow, OtherSet, ShardedSet
from training.datasets.instructions import Split

COLUMNS = ("original_image", "edit_prompt", "edited_image")
PIECE = 200
"""Rows of the source between two marks from which an interrupted import goes on."""
_SPLITS: dict[str, Split] = {
    "train": "train", "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "test": "test",
}  # fmt: skip


class UnusableSource(ValueError):
    """The source cannot be read, lacks a column or has splits of unknown purpose; the message says what to do."""


@dataclass(frozen=True)
class Plan:
    """How a source is read: its names of our columns, its splits and ours, what is turned away, rows of each split."""

    columns: Mapping[str, str]
    splits: Mapping[str, Split]
    limits: Limits
    limit: int | None = None

    def split(self, theirs: str, picture: bytes) -> Split:
        """The split of a triple: its source's, but what the source lacks is cut out of its train."""
        ours, present, cut = self.splits[theirs], set(self.splits.values()), split_of(picture)
        lacking = present == {"train"} or (cut == "validation" and cut not in present)
        return cut if ours == "train" and lacking else ours


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


def our_splits(present: Iterable[str], told: Mapping[str, Split]) -> dict[str, Split]:
    """What each split of a source is for, by its name or as told; raises UnusableSource.

    A name that nobody knows is not taken for training: it may be what the source holds out.
    """
    names, known = sorted(present), {**_SPLITS, **told}
    if absent := sorted(set(told) - set(names)):
        raise UnusableSource(f"--splits names {', '.join(absent)}; the source has {', '.join(names)}")
    if unknown := [name for name in names if name not in known]:
        raise UnusableSource(
            f"nobody knows what the source's {', '.join(unknown)} is for: "
            f"say so with --splits THEIRS=OURS, OURS one of {', '.join(SPLITS)}"
        )
    return {name: known[name] for name in names}


def import_set(streams: Mapping[str, Any], plan: Plan, target: ShardedSet) -> None:
    """Check every row of every split and write what passes, going on after the pieces that are finished."""
    for source_split, stream in streams.items():
        done = target.read(source_split)
        rows = iter(islice(stream.skip(done), None if plan.limit is None else max(0, plan.limit - done)))
        with tqdm(desc=source_split, initial=done, unit="row", mininterval=2) as bar:
            while piece := list(islice(rows, PIECE)):
                kept, flaws = _checked(piece, plan, source_split)
                target.add(kept, flaws, len(piece), source_split)
                bar.update(len(piece))


def split_of(picture: bytes) -> Split:
    """The split of all edits of one original picture."""
    part = zlib.crc32(picture) % 20
    return "test" if part == 7 else "validation" if part == 3 else "train"


def _checked(rows: Iterable[Mapping[str, Any]], plan: Plan, source_split: str) -> tuple[list[EditRow], Counter[str]]:
    kept: list[EditRow] = []
    flaws: Counter[str] = Counter()
    for row in rows:
        original, edited = (_bytes(row[plan.columns[name]]) for name in ("original_image", "edited_image"))
        try:
            found = check(original, row[plan.columns["edit_prompt"]], edited, plan.limits)
        except Flawed as error:
            flaws[error.flaw.value] += 1
        else:
            assert original is not None
            kept.append(EditRow(plan.split(source_split, original), found.original, found.instruction, found.edited))
    return kept, flaws


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    if value.get("bytes") is None and value.get("path"):
        path = Path(value["path"])
        return path.read_bytes() if path.is_file() else None
    data: bytes | None = value.get("bytes")
    return data


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


def _told_splits(given: Iterable[str]) -> dict[str, Split]:
    ours: dict[str, Split] = {split: split for split in SPLITS}
    told = dict(pair.rpartition("=")[::2] for pair in given)
    if wrong := [f"{name}={own}" for name, own in told.items() if not name or own not in ours]:
        raise UnusableSource(f"--splits takes THEIRS=OURS with {', '.join(SPLITS)} as OURS, not {', '.join(wrong)}")
    return {name: ours[own] for name, own in told.items()}


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
    parser.add_argument(
        "--splits", nargs="+", action="extend", default=[], metavar="THEIRS=OURS",
        help="what splits of other names are for: train, validation or test; may be repeated",
    )  # fmt: skip
    parser.add_argument("--longest-side", type=int, default=512, help="shrink larger pictures to this (default 512)")
    parser.add_argument("--shortest-side", type=int, default=64, help="leave smaller ones out (default 64)")
    parser.add_argument("--limit", type=int, help="look at so many rows of each split alone")
    given = parser.parse_args(arguments)
    limits = Limits(given.shortest_side, given.longest_side)
    try:
        columns = _columns(given.columns)
        streams = opened(given.source, columns)  # before the folder is claimed, so that a mistake can be mended
        splits = our_splits(streams, _told_splits(given.splits))
        sides = [given.shortest_side, given.longest_side]
        made_from = {"source": given.source, "columns": columns, "splits": splits, "sides": sides}
        target = ShardedSet(given.output, made_from)
        import_set(streams, Plan(columns, splits, limits, given.limit), target)
    except (UnusableSource, OtherSet) as error:
        print(error, file=sys.stderr)
        return 2
    print(target.report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
