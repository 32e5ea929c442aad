"""`dialogpaint export` and `import`: a conversation with its pictures as a file, and back."""

import argparse
from pathlib import Path

from dialogpaint.cli.editing import WrongArgument
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint


def add_archives(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Describe the commands."""
    export = commands.add_parser("export", parents=[common], help="write a conversation with its pictures to a file")
    export.add_argument("conversation", help="its id")
    export.add_argument("-o", "--out", type=Path, help="the ZIP archive to write (CONVERSATION.zip)")
    export.set_defaults(run=run_export)
    importing = commands.add_parser("import", parents=[common], help="create a conversation out of such a file")
    importing.add_argument("archive", type=Path, help="a ZIP archive that was exported")
    importing.set_defaults(run=run_import)


def run_export(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Write the archive and say where it is."""
    out: Path = wanted.out or Path(f"{wanted.conversation}.zip")
    if not out.parent.is_dir():
        raise WrongArgument(f"There is no folder {out.parent}.")
    file = client.conversation(wanted.conversation).export(out)
    screen.say(f"{file}  ({file.stat().st_size} bytes)")
    screen.tell({"file": str(file), "size": file.stat().st_size})
    return Exit.DONE


def run_import(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Create the conversation and say under which id."""
    record = client.import_conversation(wanted.archive).read()
    screen.say(f"{record.id}  {record.title or record.caption or ''}".rstrip())
    screen.say(f"  `dialogpaint chat {record.id}` goes on from here.")
    screen.tell(record.model_dump(mode="json"))
    return Exit.DONE
