"""`make demo`: start everything, have a conversation that changes a picture, keep its pictures, stop everything."""

import argparse
import io
import re
import signal
import sys
import time
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.local.api import TERMINAL, Api, Json
from services.local.process import ROOT
from services.local.script import Say, Undo, script_for, things_in
from services.local.show import Frame, draw_strip, show_picture
from services.local.stack import Stack, StackFailed

SEED = 7  # the same pictures each time


class DemoFailed(Exception):
    """The conversation did not go as it must; the text says where."""


class Demo:
    """One conversation over the REST API, shown as it happens and written down."""

    def __init__(self, api: Api, console: Console, out: Path) -> None:
        self.frames: list[Frame] = []
        self.transcript: list[str] = []
        self._api = api
        self._console = console
        self._out = out
        self._last_event = "0"
        self._size: tuple[int, int] | None = None
        self._conversation: Json = {}

    def run(self) -> None:
        """Talk about a sample that shows two things; raise DemoFailed at the first wrong reply or edit."""
        sample = next(sample for sample in self._api.samples() if len(things_in(sample["caption"])) >= 2)
        picture = self._api.picture(sample["url"])
        self._conversation = self._api.converse(self._api.upload(picture), caption=sample["caption"])
        self._console.print(f"\n[dim]The picture:[/] {sample['caption']}\n")
        self._keep(picture, sample["caption"])
        for line in script_for(sample["caption"]):
            self._undo() if isinstance(line, Undo) else self._say(line)

    def _say(self, line: Say) -> None:
        self._console.print(f"[bold cyan]you[/]          {line.text}")
        turn = self._api.say(self._conversation["id"], line.text, parameters={"seed": SEED})
        self._console.print(f"[bold magenta]DialogPaint[/]  {turn['reply']['text']}")
        self.transcript += [f"**you** {line.text}", f"**DialogPaint** {turn['reply']['text']}"]
        if turn["reply"]["kind"] != line.expect:
            raise DemoFailed(f"{line.text!r} got {turn['reply']['kind']}, expected {line.expect}")
        if turn["edit"] is not None:
            self._watch(turn["edit"], line.text)
        self._console.print()

    def _watch(self, queued: Json, said: str) -> None:
        """Follow an edit's events to its end, then fetch and keep the picture."""
        edit_id, columns = (
            queued["id"],
            (TextColumn("             {task.description}"), BarColumn(), TimeElapsedColumn()),
        )
        with Progress(*columns, console=self._console, transient=self._console.is_terminal) as progress:
            bar = progress.add_task(queued["instruction"], total=None)
            for event in self._api.events(self._conversation["urls"]["events"], after=self._last_event):
                self._last_event = event.id
                if event.data.get("edit_id") != edit_id:
                    continue
                if "steps" in event.data:
                    progress.update(bar, completed=event.data["step"], total=event.data["steps"])
                if event.name.removeprefix("edit.") in TERMINAL:
                    break
        edit = self._api.edit(edit_id)
        if edit["status"] != "succeeded":
            raise DemoFailed(f"{queued['instruction']!r} ended as {edit['status']}: {edit['error']}")
        self._keep(self._api.picture(f"/v1/images/{edit['image_ids'][0]}"), said)

    def _undo(self) -> None:
        conversation = self._api.conversation(self._conversation["id"])
        revisions = {revision["id"]: revision for revision in self._api.revisions(conversation["id"])}
        before = revisions[conversation["head_revision_id"]]["parent_id"]
        if self._api.move_head(conversation["id"], before)["head_revision_id"] != before:
            raise DemoFailed("undo did not move the head")
        picture = self._api.picture(f"/v1/images/{revisions[before]['image_id']}")
        self._console.print("[bold cyan]you[/]          [italic]undo that[/]")
        self.transcript.append("**you** *undo that*")
        self._keep(picture, "undo that")
        self._console.print()

    def _keep(self, picture: bytes, caption: str) -> None:
        """Save a picture under a number and its caption; it must fit the first and differ from the last."""
        number = len(self.frames)
        file = self._out / f"{number}-{re.sub('[^a-z0-9]+', '-', caption.lower())[:40].strip('-')}.png"
        if self.frames and picture == self.frames[-1].file.read_bytes():
            raise DemoFailed(f"{caption!r} changed nothing")
        file.write_bytes(picture)
        with Image.open(io.BytesIO(picture)) as opened:
            self._size = self._size or opened.size
            if opened.size != self._size:
                raise DemoFailed(f"{caption!r} changed the picture's size from {self._size} to {opened.size}")
        self.frames.append(Frame(file, caption))
        self.transcript.append(f"![{caption}]({file.name})")
        show_picture(self._console, picture)


def main() -> int:
    """Run the demo; 0 only if every reply and every edit was what it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "demo", help="where pictures and transcript go")
    parser.add_argument("--base-url", help="use a stack that is running already")
    arguments = parser.parse_args()
    console, started_at = Console(highlight=False), time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if arguments.base_url:
            _hold(arguments.base_url, console, arguments.out)
        else:
            _hold_on_a_stack_of_its_own(console, arguments.out)
    except (StackFailed, DemoFailed, httpx.HTTPError) as failure:
        console.print(f"[red]The demo failed:[/] {escape(str(failure))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    took_s = time.monotonic() - started_at
    console.print(f"The pictures, strip.png and transcript.md are in {arguments.out} ({took_s:.0f} s).", soft_wrap=True)
    return 0


def _hold_on_a_stack_of_its_own(console: Console, out: Path) -> None:
    """Start everything on free ports with its state in a temporary folder, talk, stop everything."""
    with TemporaryDirectory(prefix="dialogpaint-") as state:
        log: deque[str] = deque(maxlen=30)
        stack = Stack(Path(state), say=lambda name, line: log.append(f"{name} | {line}"))
        with console.status("Starting Redis, the dialogue model, the editing worker and the gateway ..."):
            stack.start()
            try:
                stack.wait_until_ready()
            except BaseException:
                stack.stop()
                raise
        try:
            _hold(stack.url, console, out)
        except (DemoFailed, httpx.HTTPError):
            console.print("\n".join(log), markup=False, soft_wrap=True)
            raise
        finally:
            stack.stop()


def _hold(url: str, console: Console, out: Path) -> None:
    """Have the conversation with a running gateway and write down what came of it."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.png"):
        old.unlink()
    demo = Demo(Api(url), console, out)
    demo.run()
    draw_strip(demo.frames, out / "strip.png")
    (out / "transcript.md").write_text("# A conversation\n\n" + "\n\n".join(demo.transcript) + "\n")


if __name__ == "__main__":
    sys.exit(main())
