"""The demo's conversation: over the REST API, shown as it happens, every picture checked and kept."""

import io
import re
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.local.api import TERMINAL, Api, Json
from services.local.script import Say, Undo, choose_sample, script_for
from services.local.show import Frame, show_picture

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
        self._said: list[str] = []  # since the last picture

    def run(self) -> None:
        """Talk about a sample that shows two things; raise DemoFailed at the first wrong reply or edit."""
        sample = choose_sample(self._api.samples())
        picture = self._api.picture(sample["url"])
        self._conversation = self._api.converse(self._api.upload(picture), caption=sample["caption"])
        self._console.print(f"\n[dim]The picture:[/] {sample['caption']}\n")
        self._keep(picture, sample["caption"])
        for line in script_for(sample["caption"]):
            self._undo(line) if isinstance(line, Undo) else self._say(line)

    def _say(self, line: Say) -> None:
        self._console.print(f"[bold cyan]you[/]          {line.text}")
        turn = self._api.say(self._conversation["id"], line.text, parameters={"seed": SEED})
        self._console.print(f"[bold magenta]DialogPaint[/]  {turn['reply']['text']}")
        self.transcript += [f"**you** {line.text}", f"**DialogPaint** {turn['reply']['text']}"]
        self._said.append(line.text)
        if turn["instruction"] != line.instruction:
            raise DemoFailed(f"{line.text!r} was understood as {turn['instruction']!r}, not {line.instruction!r}")
        if turn["edit"] is not None:
            self._watch(turn["edit"])
        self._console.print()

    def _watch(self, queued: Json) -> None:
        """Follow an edit's events to its end, then fetch and keep the picture."""
        columns = (TextColumn("             {task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=self._console.is_terminal) as progress:
            bar = progress.add_task(queued["instruction"], total=None)
            for event in self._api.events(self._conversation["urls"]["events"], after=self._last_event):
                self._last_event = event.id
                if event.data.get("edit_id") != queued["id"]:
                    continue
                if "steps" in event.data:
                    progress.update(bar, completed=event.data["step"], total=event.data["steps"])
                if event.name.removeprefix("edit.") in TERMINAL:
                    break
        edit = self._api.edit(queued["id"])
        if edit["status"] != "succeeded":
            raise DemoFailed(f"{queued['instruction']!r} ended as {edit['status']}: {edit['error']}")
        took = edit["timings"]
        told = "; ".join([*edit["prior_instructions"], edit["instruction"]])
        self.transcript.append(f"`{told}` · {edit['progress']['steps']} steps · {took['denoise_s']:.1f} s")
        self._keep(self._api.picture(edit["urls"]["images"][0]), " … ".join(self._said))
        self._said.clear()

    def _undo(self, line: Undo) -> None:
        conversation = self._api.conversation(self._conversation["id"])
        revisions = {revision["id"]: revision for revision in self._api.revisions(conversation["id"])}
        before = revisions[conversation["head_revision_id"]]["parent_id"]
        self._say(Say(line.text))
        if self._api.conversation(conversation["id"])["head_revision_id"] != before:
            raise DemoFailed(f"{line.text!r} did not lead back to the picture before")
        self._said.clear()
        self._keep(self._api.picture(f"/v1/images/{revisions[before]['image_id']}"), line.text)

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
