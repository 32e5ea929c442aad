"""`python -m gateway.webhooks` delivers webhooks until SIGTERM; `secret`, `dead` and `resend` are for operators."""

import argparse
import asyncio
import json
import signal
import sys

import structlog
from pydantic import ValidationError

from gateway.loops import stop_loops
from gateway.webhooks.addresses import Allowed, read_allowed
from gateway.webhooks.metrics import WebhookMetrics
from gateway.webhooks.sending import Sender
from gateway.webhooks.signing import Signer, new_secret, read_secrets
from gateway.webhooks.targets import Targets
from gateway.webhooks.worker import Pace, WebhookWorker
from shared.errors import StorageUnavailable
from shared.settings import Settings, read_settings, wrong_settings
from shared.storage.webhooks import Webhook, open_webhooks
from shared.telemetry import configure_logging

log = structlog.get_logger(__name__)


def main() -> int:
    """Do what the command line asks for; a setting that can't work ends the process with one line."""
    wanted = _parser().parse_args()
    if wanted.command == "secret":
        print(new_secret())
        return 0
    try:
        settings = read_settings()
        signer, allowed = Signer(read_secrets(settings.webhook_secrets)), read_allowed(settings.webhook_allow)
    except ValidationError as error:
        return _give_up(wrong_settings(error)[0])
    except ValueError as error:
        return _give_up(str(error))
    try:
        if wanted.command == "dead":
            return asyncio.run(show_dead(settings, wanted.limit))
        if wanted.command == "resend":
            return asyncio.run(resend(settings, None if wanted.all else wanted.ids))
    except StorageUnavailable as error:
        return _give_up(error.detail)
    configure_logging(settings.log_level, "webhooks")
    try:
        asyncio.run(serve(settings, signer, allowed))
    except OSError as error:  # the port of the metrics, or a file of certificates
        return _give_up(str(error))
    return 0


async def serve(settings: Settings, signer: Signer, allowed: Allowed) -> None:
    """Deliver webhooks until SIGTERM or SIGINT; without a secret nothing can be signed, so nothing is taken."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if not signer.keys:
        log.info("webhooks_off", set="WEBHOOK_SECRETS")
        await stop.wait()
        return
    metrics, store = WebhookMetrics(), open_webhooks(settings)
    if settings.webhook_metrics_port:
        metrics.serve(settings.metrics_host, settings.webhook_metrics_port)
    sender = Sender(Targets(allowed), settings.webhook_timeout_s)
    pace = Pace(settings.webhook_timeout_s, settings.webhook_retry_scale)
    worker = WebhookWorker(store, sender, signer, pace, metrics)
    taking = asyncio.create_task(worker.run(), name="webhooks")
    log.info("webhooks_ready")
    await stop.wait()
    await stop_loops([taking])
    await worker.finish(settings.graceful_shutdown_s)
    await sender.close()
    await store.close()


async def show_dead(settings: Settings, limit: int) -> int:
    """Print the webhooks that were given up, newest first, one JSON object a line."""
    store = open_webhooks(settings)
    try:
        for webhook in await store.dead(limit):
            print(json.dumps(_told(webhook)))
    finally:
        await store.close()
    return 0


async def resend(settings: Settings, ids: list[str] | None) -> int:
    """Let dead webhooks begin anew, and print their ids; 1 if one that was named is not there."""
    store = open_webhooks(settings)
    try:
        resent = await store.resend(ids)
    finally:
        await store.close()
    for webhook_id in resent:
        print(webhook_id)
    missing = set(ids or ()) - set(resent)
    return _give_up(f"not among the dead: {', '.join(sorted(missing))}", 1) if missing else 0


def _told(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "tenant": webhook.tenant,
        "type": webhook.event.value,
        "edit_id": webhook.edit.id,
        "url": webhook.url,
        "tries": webhook.attempt,
        "why": webhook.why,
        "died_at": webhook.died_at.isoformat() if webhook.died_at else None,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.webhooks", description=__doc__)
    commands = parser.add_subparsers(dest="command", title="commands (without one: deliver)")
    commands.add_parser("secret", help="print a new secret for WEBHOOK_SECRETS and for receivers")
    dead = commands.add_parser("dead", help="list what was given up, newest first")
    dead.add_argument("--limit", type=int, default=100, help="at most so many (100)")
    again = commands.add_parser("resend", help="send what was given up once more")
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("ids", nargs="*", default=[], metavar="ID", help="the ids that `dead` shows")
    which.add_argument("--all", action="store_true", help="all of them")
    return parser


def _give_up(reason: str, status: int = 2) -> int:
    print(f"webhooks: {reason}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
