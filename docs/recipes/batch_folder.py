"""Carry out one instruction on every picture of a folder, several at once; run it again to go on where it stopped."""

import argparse
import asyncio
import sys
from pathlib import Path

from dialogpaint import AsyncDialogPaint, DialogPaintError

ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}


def still_to_edit(folder: Path, out: Path) -> list[Path]:
    """The pictures of the folder that have no result yet."""
    pictures = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in ENDINGS]
    todo = [file for file in pictures if not (out / f"{file.stem}.png").exists()]
    print(f"{len(todo)} of {len(pictures)} pictures to edit")
    return todo


async def edit_all(todo: list[Path], instruction: str, out: Path, at_once: int, seed: int) -> bool:
    """Write `out/NAME.png` for each picture; return whether all went well."""
    places = asyncio.Semaphore(at_once)

    async with AsyncDialogPaint() as server:

        async def edit_one(file: Path) -> bool:
            async with places:
                try:
                    edit = await server.edit(file, instruction, seed=seed)
                except (DialogPaintError, OSError) as error:  # one bad picture does not stop the others
                    print(f"{file.name}: {error}", file=sys.stderr)
                    return False
            half = edit.pictures[0].save(out / f".{file.stem}.png")
            half.replace(out / f"{file.stem}.png")  # so that a file which is there is whole
            print(f"{file.name}: {edit.id}")
            return True

        return all(await asyncio.gather(*(edit_one(file) for file in todo)))


def main() -> int:
    """Read the arguments and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("instruction", help='such as "make it night"')
    parser.add_argument("out", type=Path)
    parser.add_argument("--at-once", type=int, default=8, help="edits that wait or run at the same time (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="the same for all, so that a second run makes the same")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    todo = still_to_edit(wanted.folder, wanted.out)
    went_well = asyncio.run(edit_all(todo, wanted.instruction, wanted.out, wanted.at_once, wanted.seed))
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
