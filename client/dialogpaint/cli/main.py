"""The command line: what was asked for, and with which status it ends."""

import argparse
import os
import sys
from collections.abc import Sequence

import dialogpaint
from dialogpaint.cli.archives import add_archives
from dialogpaint.cli.chat import add_chat
from dialogpaint.cli.compare import add_compare
from dialogpaint.cli.doctor import add_doctor
from dialogpaint.cli.editing import WrongArgument, add_edit
from dialogpaint.cli.exits import MEANINGS, Exit
from dialogpaint.cli.keys import add_keys
from dialogpaint.cli.looking import add_looking
from dialogpaint.cli.provenance import add_provenance
from dialogpaint.cli.screen import screen_for
from dialogpaint.cli.shells import add_completion
from dialogpaint.cli.studying import add_studying
from dialogpaint.client import DialogPaint
from dialogpaint.errors import ConnectionFailed, DialogPaintError, StillRunning, UnexpectedAnswer
from dialogpaint.retry import Retry
from dialogpaint.transport import HERE

EPILOG = f"""environment:
  DIALOGPAINT_URL   where the server is, if --server does not say ({HERE})
  DIALOGPAINT_KEY   the API key, if --key does not give it
  NO_COLOR          draw no pictures

exit status:
""" + "\n".join(f"  {status.value:<4} {meaning}" for status, meaning in MEANINGS.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return its exit status."""
    parser = make_parser()
    wanted = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_how: None)(errors="replace")  # a locale may lack ✓ and █
    try:
        return _run(wanted)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except KeyboardInterrupt:
        return _end("Stopped.", Exit.INTERRUPTED)
    except StillRunning as error:
        return _end(f"{error.edit.id} goes on; `dialogpaint watch {error.edit.id}` follows it.", Exit.STILL_RUNNING)
    except (ConnectionFailed, UnexpectedAnswer) as error:
        return _end(f"{error}\n`dialogpaint doctor` helps to find out why.", Exit.NO_SERVER)
    except DialogPaintError as error:
        return _end(str(error), Exit.FAILED)
    except (WrongArgument, OSError) as error:
        return _end(str(error), Exit.USAGE)


def make_parser() -> argparse.ArgumentParser:
    """Describe every command and option."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--server", default=argparse.SUPPRESS, metavar="URL", help="where the server is")
    common.add_argument("--key", default=argparse.SUPPRESS, help="your API key")
    common.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, one value a line, for scripts"
    )
    parser = argparse.ArgumentParser(
        prog="dialogpaint",
        description="Edit pictures by talking, over the REST API of a DialogPaint server.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"dialogpaint {dialogpaint.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_chat(commands, common)
    add_edit(commands, common)
    add_looking(commands, common)
    add_studying(commands, common)
    add_provenance(commands, common)
    add_compare(commands, common)
    add_archives(commands, common)
    add_doctor(commands, common)
    add_keys(commands, common)
    add_completion(commands, common, parser)
    return parser


def _run(wanted: argparse.Namespace) -> int:
    url, key = getattr(wanted, "server", None), getattr(wanted, "key", None)
    try:
        client = DialogPaint(url, key=key, retry=Retry(attempts=4))
    except ValueError as error:
        raise WrongArgument(str(error)) from error
    with client:
        status: Exit = wanted.run(wanted, client, screen_for(getattr(wanted, "json", False)))
    return status


def _end(text: str, status: Exit) -> Exit:
    print(text, file=sys.stderr)
    return status
