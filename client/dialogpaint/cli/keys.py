"""`dialogpaint keys`: API keys, where the gateway itself is installed; over the network nobody makes keys."""

import argparse
import importlib.util
import subprocess
import sys

from dialogpaint.cli.editing import WrongArgument
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint

MODULE = "gateway.keys"
ELSEWHERE = (
    "Keys are made where the gateway is installed, beside its Redis: run this there (`REDIS_URL` says which Redis), or "
    f"`python -m {MODULE}` in the gateway's container."
)


def add_keys(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", _: argparse.ArgumentParser) -> None:
    """Describe the command; what follows it is the gateway's to read."""
    parser = commands.add_parser(
        "keys", help="create, list, rotate, limit and revoke API keys (on the gateway's machine)", add_help=False
    )
    parser.add_argument("-h", "--help", action="store_true", dest="asks_for_help")
    parser.add_argument("words", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run_keys)


def run_keys(wanted: argparse.Namespace, _client: DialogPaint, screen: Screen) -> Exit:
    """Let the gateway's own command do it."""
    if not _is_there():
        raise WrongArgument(ELSEWHERE)
    words = ["--help"] if wanted.asks_for_help else [*wanted.words, *(["--json"] if screen.as_json else [])]
    done = subprocess.run([sys.executable, "-m", MODULE, *words], check=False)
    return Exit(done.returncode) if done.returncode in (Exit.DONE, Exit.USAGE) else Exit.FAILED


def _is_there() -> bool:
    try:
        return importlib.util.find_spec(MODULE) is not None
    except ModuleNotFoundError:  # not even its package is
        return False
