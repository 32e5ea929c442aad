"""The commands that only look: watch, tree, queue, samples."""

import argparse

from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint
from dialogpaint.models import Event, QueueState

TOLD = ("edit_id", "step", "steps", "url", "revision_id", "reply_kind")  # what of an event a person reads


def add_looking(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Describe the commands."""
    watch = commands.add_parser("watch", parents=[common], help="print events as they happen")
    watch.add_argument("id", help="of an edit (ends with it) or a conversation (until Ctrl-C)")
    watch.add_argument("--after", type=int, default=0, metavar="N", help="only events behind the one with this id")
    watch.set_defaults(run=run_watch)
    tree = commands.add_parser("tree", parents=[common], help="draw the revisions of a conversation")
    tree.add_argument("conversation", help="its id")
    tree.set_defaults(run=run_tree)
    queue = commands.add_parser("queue", parents=[common], help="how much work waits and who does it")
    queue.set_defaults(run=run_queue)
    samples = commands.add_parser("samples", parents=[common], help="pictures to try it with, as sample:NAME")
    samples.set_defaults(run=run_samples)


def run_watch(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print events; fails if the edit does."""
    if wanted.id.startswith("conv_"):
        events = client.conversation(wanted.id).events(wanted.after)
    else:
        events = client.events(wanted.id, wanted.after)
    for event in events:
        screen.say(event_line(event))
        screen.tell(event.model_dump(mode="json"))
    if wanted.id.startswith("conv_"):
        return Exit.DONE
    return Exit.DONE if client.get_edit(wanted.id).status == "succeeded" else Exit.FAILED


def run_tree(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Draw a conversation's revisions, the head marked."""
    tree = client.conversation(wanted.conversation).revisions()
    screen.say(tree.draw())
    screen.tell(tree.as_json())
    return Exit.DONE


def run_queue(_wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print what waits and who works."""
    queue = client.queue()
    screen.say(queue_text(queue))
    screen.tell(queue.model_dump(mode="json"))
    return Exit.DONE


def run_samples(_wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print the server's sample pictures."""
    for sample in client.samples():
        screen.say(f"sample:{sample.name:<18} {sample.caption}")
        screen.tell(sample.model_dump(mode="json"))
    return Exit.DONE


def event_line(event: Event) -> str:
    """An event as a person reads it."""
    at = event.at.astimezone().strftime("%H:%M:%S") if event.at else "        "
    told = "  ".join(f"{name}={event.data[name]}" for name in TOLD if event.data.get(name) is not None)
    return f"{at}  {event.id:>4}  {event.event:<14}  {told}"


def queue_text(queue: QueueState) -> str:
    """The queue as a person reads it."""
    oldest = f", the oldest for {queue.oldest_age_s:.0f} s" if queue.depth else ""
    lines = [f"{queue.depth} of at most {queue.max_depth} edits wait{oldest}; {queue.running} run"]
    for worker in queue.workers:
        model = f"{worker.model.name} on {worker.model.device}" if worker.model else "no model yet"
        state = "" if worker.warm else ", warming up"
        lines.append(f"  {worker.id}: {worker.busy} of {worker.slots} slots busy, {model}{state}")
    return "\n".join(lines if queue.workers else [*lines, "  no worker is alive"])
