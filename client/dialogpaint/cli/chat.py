"""`dialogpaint chat`: talk about a picture in the terminal."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from dialogpaint.cli.editing import add_parameters, parameters_of, picture_named, wait_or_cancel
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.interrupts import held_interrupt
from dialogpaint.cli.screen import Screen
from dialogpaint.client import Conversation, DialogPaint
from dialogpaint.errors import ConnectionFailed, DialogPaintError
from dialogpaint.models import Parameters, Revision

HELP = """  Say what shall change. /undo and /redo move between pictures, /tree shows all of them,
  /save FILE.png keeps the present one, /quit ends. Ctrl-C stops an edit."""
PROMPT = "you> "


def add_chat(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser) -> None:
    """Describe the command."""
    parser = commands.add_parser("chat", parents=[common], help="talk about a picture", epilog=HELP)
    parser.add_argument("picture", help="a PNG, JPEG or WebP file, sample:NAME, or the id of a conversation to go on")
    parser.add_argument("--caption", help="what the picture shows; the dialogue model can't see it")
    add_parameters(parser)
    parser.set_defaults(run=run_chat)


def run_chat(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Talk until /quit or the end of the input; fails if the input is no terminal and something went wrong."""
    chat = Chat(client, _conversation(wanted, client), screen, parameters_of(wanted))
    screen.say(HELP)
    chat.show()
    failed = False
    for line in _lines(screen):
        try:
            if chat.take(line):
                break
        except KeyboardInterrupt:
            screen.say("  Stopped.")
        except ConnectionFailed:
            raise
        except (DialogPaintError, OSError, ValueError) as error:
            failed = True
            screen.say(f"  {error}")
            screen.tell({"error": str(error)})
    screen.say(f"  `dialogpaint chat {chat.id}` goes on from here.")
    return Exit.FAILED if failed and not sys.stdin.isatty() else Exit.DONE


class Chat:
    """One conversation in a terminal."""

    def __init__(self, client: DialogPaint, conversation: Conversation, screen: Screen, parameters: Parameters) -> None:
        self._client = client
        self._conversation = conversation
        self._screen = screen
        self._parameters = parameters
        self._commands: dict[str, Callable[[str], None]] = {
            "/undo": lambda _rest: self._moved(self._conversation.undo()),
            "/redo": lambda _rest: self._moved(self._conversation.redo()),
            "/tree": self._tree,
            "/save": self._save,
            "/help": lambda _rest: self._screen.say(HELP),
        }

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self._conversation.id

    def take(self, line: str) -> bool:
        """Do what a line says; return whether it was the last one."""
        word, _, rest = line.strip().partition(" ")
        if word in ("/quit", "/exit"):
            return True
        if word.startswith("/"):
            self._commands.get(word, self._unknown)(rest.strip())
        elif word:
            self._say(line.strip())
        return False

    def show(self) -> None:
        """Show the present picture."""
        self._screen.show(self._conversation.picture())

    def _say(self, text: str) -> None:
        with held_interrupt() as held:
            turn = self._conversation.say(text, wait_s=0, **self._parameters)
            self._screen.say(f"  {turn.reply.text}")
            if turn.edit is not None:
                edit = wait_or_cancel(self._client, turn.edit, self._screen, held)
                turn = turn.model_copy(update={"edit": edit})
        for picture in turn.edit.pictures if turn.edit else ():
            self._screen.show(picture)
        self._screen.tell(turn.model_dump(mode="json"))

    def _moved(self, revision: Revision) -> None:
        self._screen.say(f"  {revision.instruction or 'the picture it began with'}")
        self._screen.tell(revision.model_dump(mode="json"))
        self.show()

    def _tree(self, _rest: str) -> None:
        tree = self._conversation.revisions()
        self._screen.say(tree.draw())
        self._screen.tell(tree.as_json())

    def _save(self, name: str) -> None:
        if not name:
            raise ValueError("Say where to: /save FILE.png")
        file = self._conversation.picture().save(Path(name).expanduser())
        self._screen.say(f"  saved: {file}")
        self._screen.tell({"saved": str(file)})

    def _unknown(self, _rest: str) -> None:
        raise ValueError("There is no such command; /help lists them.")


def _conversation(wanted: argparse.Namespace, client: DialogPaint) -> Conversation:
    if wanted.picture.startswith("conv_"):
        conversation = client.conversation(wanted.picture)
        conversation.read()  # so that a wrong id is told before anything is said
        return conversation
    return client.start(picture_named(wanted.picture, client), caption=wanted.caption)


def _lines(screen: Screen) -> Iterator[str]:
    """The lines of the input, or what a person types at a prompt."""
    if sys.stdin.isatty() and not screen.as_json:
        return _typed()
    return iter(sys.stdin.readline, "")


def _typed() -> Iterator[str]:
    """What is typed, with a history where there is one; Ctrl-C or Ctrl-D at the prompt ends it."""
    with suppress(ImportError):
        import readline  # noqa: F401 — from now on input() has a history
    while True:
        try:
            yield input(PROMPT)
        except (EOFError, KeyboardInterrupt):
            print()
            return
