"""The gateway as an ASGI app: what it is made of, and what runs beside its requests."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import anyio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.admission import Admission, BodyLimit
from gateway.auth import read_keys
from gateway.dialogue_client import make_dialogue_client
from gateway.edit_queue import relay, sweep
from gateway.endings import Endings
from gateway.events import EventHub
from gateway.housekeeping import keep_house
from gateway.live_keys import LiveKeys
from gateway.loops import stop_loops
from gateway.metrics import GatewayMetrics
from gateway.models import ServedModels
from gateway.openai_errors import OpenAIErrors
from gateway.ports import Ports
from gateway.routes import (
    archives,
    conversations,
    differences,
    edits,
    events,
    images,
    openai,
    operations,
    samples,
    studies,
    studio,
    turns,
)
from gateway.samples import read_samples
from gateway.waiting import Waiter
from gateway.webhooks.acceptance import WebhookAcceptance
from gateway.webhooks.addresses import read_allowed
from gateway.webhooks.signing import read_secrets
from gateway.webhooks.targets import Targets
from shared.broker import make_celery, send_edit
from shared.settings import Settings
from shared.storage.events import EventReader
from shared.storage.stores import open_stores
from shared.tracing import flush_traces
from shared.web import TRACED, install_web

DECODERS = 2  # pictures decoded at once: a large one takes a core and 200 MB
IMPORTS = 4  # archives on their way in at once: each may take 200 MB of the disk
DESCRIPTION = """A conversation about a picture becomes edits of it. Store a picture (or take a sample), begin a
conversation, say what you want, and follow the edit by its events or with `Prefer: wait=20`."""


def create_app(settings: Settings) -> FastAPI:
    """Make the gateway; it connects to nothing before it is started."""
    fixed = read_keys(settings.api_keys, settings.without_keys)
    ports, reader = _open_ports(settings)
    keys = LiveKeys(fixed, ports.stores.keys)
    app = FastAPI(
        telemetry=TRACED,
        title="DialogPaint",
        version="1",
        description=DESCRIPTION,
        lifespan=_lifespan(ports, reader, keys),
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would go wherever the Host header says
    )
    app.state.ports = ports
    for resource in (
        images,
        differences,
        samples,
        conversations,
        archives,
        turns,
        edits,
        events,
        studies,
        openai,
        operations,
    ):
        app.include_router(resource.router)
    app.include_router(studio.studio_router())
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, max_archive=settings.max_import_bytes)
    app.add_middleware(
        Admission,
        keys=keys,
        studies=ports.stores.studies,
        rates=ports.stores.rates,
        per_minute=settings.rate_limit_per_minute,
    )
    install_web(app, ports.metrics.http.observe)
    app.add_middleware(OpenAIErrors)  # around everything that may answer with a problem
    return app


def _open_ports(settings: Settings) -> tuple[Ports, EventReader]:
    stores = open_stores(settings)
    reader = stores.event_reader()
    hub, endings = EventHub(reader, stores.events), Endings(stores.ending_reader())
    dialogue = make_dialogue_client(settings.dialogue_url, settings.dialogue_timeout_s)
    ports = Ports(
        settings=settings,
        stores=stores,
        dialogue=dialogue,
        models=ServedModels(stores.queue, dialogue),
        hub=hub,
        samples=read_samples(),
        endings=endings,
        waiter=Waiter(stores.edits, endings),
        webhooks=WebhookAcceptance(
            Targets(read_allowed(settings.webhook_allow)), can_sign=bool(read_secrets(settings.webhook_secrets))
        ),
        decoders=anyio.CapacityLimiter(DECODERS),
        imports=anyio.CapacityLimiter(IMPORTS),
        metrics=GatewayMetrics(),
    )
    return ports, reader


def _lifespan(
    ports: Ports, reader: EventReader, keys: LiveKeys
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stores, settings = ports.stores, ports.settings
        send = partial(send_edit, make_celery(settings))
        await keys.look()
        loops = [
            asyncio.create_task(keys.run(), name="keys"),
            asyncio.create_task(ports.hub.run(), name="event-hub"),
            asyncio.create_task(ports.endings.run(), name="endings"),
            asyncio.create_task(relay(stores.queue, send, f"gateway-{secrets.token_hex(4)}"), name="relay"),
            asyncio.create_task(
                sweep(stores.queue, settings.sweep_interval_s, ports.metrics.count_swept), name="sweeper"
            ),
            asyncio.create_task(keep_house(stores, settings, ports.metrics), name="housekeeping"),
        ]
        try:
            yield
        finally:
            ports.end_streams()
            await stop_loops(loops)
            await reader.close()
            await ports.dialogue.close()
            await stores.close()
            await asyncio.to_thread(flush_traces)

    return lifespan


def _operation_id(route: APIRoute) -> str:
    return route.name
