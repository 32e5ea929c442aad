"""`dialogpaint doctor`: is the server there and ready, what is missing, and how to mend it."""

import argparse
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version

import dialogpaint
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint
from dialogpaint.errors import ConnectionFailed, DialogPaintError, Unauthorized
from dialogpaint.models import Models

START_IT = "Start it (`make up` in the project), or say where it is with --server or DIALOGPAINT_URL."
MENDS = {  # by the names that /readyz uses
    "redis": "Start Redis, or set REDIS_URL of the server to one that runs.",
    "image store": "Let the server write to the folder in its IMAGE_STORE_URL, and see that the disk is not full.",
    "dialogue model": "Start the dialogue service (`python -m dialogue_service`), or set the gateway's "
    "DIALOGUE_URL to it; one that has just started takes a moment to load.",
    "warm editing worker": "Start a worker (`python -m editing_service`) on the same Redis; one that has just started "
    "takes a moment to load and warm up.",
    "this process (shutting down)": "Wait for the gateway that takes its place, or start one.",
}
UNKNOWN = "Look into the server's log."


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `mend` says what to do where it is not well."""

    name: str
    is_well: bool
    says: str
    mend: str = ""


def add_doctor(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Describe the command."""
    parser = commands.add_parser("doctor", parents=[common], help="say what is missing and how to mend it")
    parser.set_defaults(run=run_doctor)


def run_doctor(_wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Look at everything that an edit needs; not done unless all of it is well."""
    findings = []
    for finding in examine(client):
        findings.append(finding)
        screen.say(f"{'✓' if finding.is_well else '✗'} {finding.name}: {finding.says}")
        if finding.mend:
            screen.say(f"    {finding.mend}")
    is_well = all(finding.is_well for finding in findings)
    screen.tell({"well": is_well, "findings": [asdict(finding) for finding in findings]})
    return Exit.DONE if is_well else Exit.NO_SERVER


def examine(client: DialogPaint) -> Iterator[Finding]:
    """Yield what is found; goes no further than the server can be reached."""
    yield Finding("client", True, _versions())
    try:
        ready = client.readiness()
    except ConnectionFailed as error:
        yield Finding("server", False, str(error), START_IT)
        return
    except DialogPaintError as error:
        yield Finding("server", False, str(error), "Say where the server is with --server or DIALOGPAINT_URL.")
        return
    yield Finding("server", True, f"{client.url} answers")
    for part in ready.missing:
        yield Finding(part, False, "does not answer", MENDS.get(part, UNKNOWN))
    yield from _with_key(client, is_ready=ready.ready)


def _with_key(client: DialogPaint, is_ready: bool) -> Iterator[Finding]:
    """What only those may ask who may edit."""
    try:
        models = client.models()
    except Unauthorized as error:
        yield Finding("key", False, error.detail, "Give your key with --key or DIALOGPAINT_KEY.")
        return
    except DialogPaintError as error:
        if is_ready:  # else what is missing was told already
            yield Finding("models", False, str(error), UNKNOWN)
        return
    yield Finding("key", True, "you may call it")
    yield from _models(models)


def _models(models: Models) -> Iterator[Finding]:
    for name, model in (("dialogue model", models.dialogue), ("editing model", models.editing)):
        if model is not None:
            size = f"{model.parameter_count / 1e6:.1f} million parameters"
            digest = model.digest.removeprefix("sha256:")[:12]
            yield Finding(name, True, f"{model.name}, {size}, {model.dtype} on {model.device}, {digest}")


def _versions() -> str:
    parts = {"Python": platform.python_version(), "httpx": version("httpx"), "pydantic": version("pydantic")}
    return ", ".join([f"dialogpaint {dialogpaint.__version__}", *(f"{name} {text}" for name, text in parts.items())])
