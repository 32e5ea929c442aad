"""`dialogpaint completion`: what a shell needs in order to complete commands, options and file names."""

import argparse
import importlib.util
from collections.abc import Mapping

from dialogpaint.cli.editing import WrongArgument
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint

SHELLS = ("bash", "zsh", "tcsh")
FILES = frozenset(("picture", "out", "archive"))
"""What arguments that name a file are called."""
HOW = """\
dialogpaint completion bash > ~/.local/share/bash-completion/completions/dialogpaint
dialogpaint completion zsh > ~/.zfunc/_dialogpaint   (a folder of $fpath)"""


def add_completion(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    whole: argparse.ArgumentParser,
) -> None:
    """Describe the command; `whole` is what is completed."""
    parser = commands.add_parser(
        "completion",
        parents=[common],
        help="print what lets a shell complete these commands",
        epilog=HOW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=run_completion, whole=whole)


def run_completion(wanted: argparse.Namespace, _client: DialogPaint, screen: Screen) -> Exit:
    """Print the script."""
    if importlib.util.find_spec("shtab") is None:
        raise WrongArgument("Completion needs the package shtab: pip install 'dialogpaint-client[terminal]'")
    import shtab

    _complete_files(wanted.whole, shtab.FILE)
    screen.write(shtab.complete(wanted.whole, shell=wanted.shell) + "\n")
    return Exit.DONE


def _complete_files(parser: argparse.ArgumentParser, files: Mapping[str, object]) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in {id(each): each for each in action.choices.values()}.values():
                _complete_files(command, files)
        elif action.dest in FILES:
            action.complete = files  # type: ignore[attr-defined]  # where shtab looks for it
