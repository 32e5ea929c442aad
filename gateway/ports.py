"""What the gateway's use cases need from the outside, handed to them in one piece."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import anyio

from gateway.dialogue_client import DialogueClient
from gateway.endings import Endings
from gateway.events import EventHub
from gateway.metrics import GatewayMetrics
from gateway.models import ServedModels
from gateway.samples import Samples
from gateway.waiting import Waiter
from gateway.webhooks.acceptance import WebhookAcceptance
from shared.ids import NewId, new_id
from shared.schemas.dialogue import DialogueReply, DialogueRequest
from shared.schemas.operations import EditingModel
from shared.schemas.parameters import MAX_SEED
from shared.schemas.turn import Turn
from shared.settings import Settings
from shared.storage.conversations import TurnContext
from shared.storage.records import NewEdit, NewTurn, Operation
from shared.storage.stores import Stores

NewSeed = Callable[[], int]


class Conversations(Protocol):
    """Where turns are read and written."""

    async def begin_turn(
        self, tenant: str, conversation_id: str, base: str = ..., if_version: int | None = ...
    ) -> TurnContext:
        """Return one consistent snapshot of what a turn builds on."""

    async def append_turn(
        self,
        tenant: str,
        conversation_id: str,
        turn: NewTurn,
        version: int,
        edit: NewEdit | None = ...,
        operation: Operation | None = ...,
    ) -> Turn:
        """Write the turn and its edit, or nothing."""

    async def turn(self, tenant: str, conversation_id: str, number: int) -> Turn:
        """Return one turn."""


class Dialogue(Protocol):
    """Who answers what people say."""

    async def reply(self, request: DialogueRequest) -> DialogueReply:
        """Return the assistant's answer."""


class Models(Protocol):
    """Who knows what the served editing model is and does by default."""

    async def editing(self) -> EditingModel:
        """Return what a worker told of it."""


class Webhooks(Protocol):
    """Who decides whether the end of an edit can be told to a URL."""

    async def check(self, url: str | None) -> None:
        """Raise WebhooksOff or InvalidRequest if it can't."""


class TurnPorts(Protocol):
    """What taking a turn needs."""

    @property
    def conversations(self) -> Conversations:
        """The store of conversations."""

    @property
    def dialogue(self) -> Dialogue:
        """The dialogue service."""

    @property
    def models(self) -> Models:
        """The models being served."""

    @property
    def webhooks(self) -> Webhooks:
        """Who looks at webhook URLs."""

    @property
    def new_id(self) -> NewId:
        """Where ids come from."""

    @property
    def new_seed(self) -> NewSeed:
        """Where seeds come from that nobody chose."""


def random_seed() -> int:
    """Return a seed from the operating system's randomness."""
    return secrets.randbelow(MAX_SEED + 1)


@dataclass(frozen=True)
class Ports:
    """Everything outside of the gateway that its routes use."""

    settings: Settings
    stores: Stores
    dialogue: DialogueClient
    models: ServedModels
    hub: EventHub
    endings: Endings
    samples: Samples
    waiter: Waiter
    webhooks: WebhookAcceptance
    decoders: anyio.CapacityLimiter
    imports: anyio.CapacityLimiter
    metrics: GatewayMetrics
    new_id: NewId = new_id
    new_seed: NewSeed = random_seed

    def end_streams(self) -> None:
        """Let go of everybody who listens or waits: the process is going down."""
        self.hub.end()
        self.endings.end()

    @property
    def conversations(self) -> Conversations:
        """The store of conversations, as taking a turn sees it."""
        return self.stores.conversations


async def own_image(tenant: str, image_id: str, ports: Ports) -> str:
    """Return the id itself; for a packaged sample, that of a copy which belongs to the tenant."""
    sample = ports.samples.find(image_id)
    if sample is None:
        return image_id
    size = (sample.sample.width, sample.sample.height)
    return (await ports.stores.images.add(tenant, sample.png, "image/png", size)).id
