"""`make demo`: start everything, have a conversation that changes a picture, keep its pictures, stop everything."""

import argparse
import signal
import sys
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.markup import escape

from services.local.api import Api
from services.local.process import ROOT
from services.local.show import draw_strip
from services.local.stack import Stack, StackFailed
from services.local.talk import Demo, DemoFailed


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
            hold(arguments.base_url, console, arguments.out)
        else:
            hold_on_a_stack_of_its_own(console, arguments.out)
    except (StackFailed, DemoFailed, httpx.HTTPError) as failure:
        console.print(f"[red]The demo failed:[/] {escape(str(failure))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    took_s = time.monotonic() - started_at
    console.print(f"The pictures, strip.png and transcript.md are in {arguments.out} ({took_s:.0f} s).", soft_wrap=True)
    return 0


def hold_on_a_stack_of_its_own(console: Console, out: Path) -> Demo:
    """Start everything on free ports with its state in a temporary folder, talk, stop everything."""
    log: deque[str] = deque(maxlen=30)
    with TemporaryDirectory(prefix="dialogpaint-") as state, ExitStack() as running:
        with console.status("Starting Redis, the dialogue model, the editing worker and the gateway ..."):
            stack = Stack(Path(state), say=lambda name, line: log.append(f"{name} | {line}"))
            running.enter_context(stack)
        try:
            return hold(stack.url, console, out)
        except httpx.HTTPError:
            console.print("\n".join(log), markup=False, soft_wrap=True)
            raise


def hold(url: str, console: Console, out: Path) -> Demo:
    """Have the conversation with a running gateway and write down what came of it."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.png"):
        old.unlink()
    demo = Demo(Api(url), console, out)
    demo.run()
    draw_strip(demo.frames, out / "strip.png")
    (out / "transcript.md").write_text("# A conversation\n\n" + "\n\n".join(demo.transcript) + "\n")
    return demo


if __name__ == "__main__":
    sys.exit(main())
