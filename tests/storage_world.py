"""Short ways to make pictures, conversations and edits in the real stores."""

from dataclasses import dataclass, replace

from shared.ids import new_id
from shared.schemas.conversation import Conversation
from shared.schemas.dialogue import ReplyKind
from shared.schemas.edit import Edit, EditTimings
from shared.schemas.parameters import ResolvedParameters
from shared.schemas.turn import Reply
from shared.storage.api_keys import KeptTenant, TenantLimits
from shared.storage.claims import ClaimStore
from shared.storage.keys import LINE
from shared.storage.records import (
    DEFAULT_TENANT,
    Claim,
    NewConversation,
    NewEdit,
    NewImage,
    NewTurn,
    Written,
    describe_image,
)
from shared.storage.stores import Stores

PICTURE = b"\x89PNG as far as the stores care"
PARAMETERS = ResolvedParameters(
    steps=3, text_guidance_scale=7.5, image_guidance_scale=1.5, seed=2**63 - 1, count=1, preview_every=0
)


@dataclass(frozen=True)
class World:
    """The gateway's and the worker's stores over one Redis, and shorthand for using them."""

    stores: Stores
    claims: ClaimStore
    tenant: str = DEFAULT_TENANT

    async def image(self) -> str:
        """Store a picture and return its id."""
        return (await self.stores.images.add(self.tenant, PICTURE, "image/png", (4, 3))).id

    async def conversation(self) -> Conversation:
        """Start a conversation about a new picture."""
        new = NewConversation(new_id("conv"), new_id("rev"), await self.image(), title="A house")
        return await self.stores.conversations.create(self.tenant, new)

    async def new_edit(self, conversation: Conversation | None = None) -> NewEdit:
        """Prepare an edit of a new picture, or of a conversation's head."""
        if conversation is None:
            return NewEdit(new_id("edit"), "paint the house orange", await self.image(), PARAMETERS)
        context = await self.stores.conversations.begin_turn(self.tenant, conversation.id)
        return NewEdit(
            new_id("edit"),
            "paint the house orange",
            context.base.image_id,
            PARAMETERS,
            conversation_id=conversation.id,
            base_revision_id=context.base.id,
        )

    async def edit(self, conversation: Conversation | None = None, webhook_url: str | None = None) -> Edit:
        """Accept an edit."""
        new = replace(await self.new_edit(conversation), webhook_url=webhook_url)
        return await self.stores.edits.accept(self.tenant, new)

    async def limit(self, **limits: int) -> None:
        """Say what the tenant may, as its key would."""
        kept = KeptTenant(keys=(), limits=TenantLimits(**limits))
        await self.stores.keys.change(self.tenant, lambda _, __: kept)

    def claim(self, edit_id: str, worker_id: str = "worker-1") -> Claim:
        """Have an edit's turn come, before all others, and claim it."""
        self.claims.scripts.redis.zadd(LINE, {edit_id: 0}, xx=True)
        claim = self.claims.claim(edit_id, worker_id)
        assert isinstance(claim, Claim)
        return claim

    def result(self, claim: Claim, data: bytes = PICTURE) -> NewImage:
        """Store a result picture of a claim."""
        self.stores.files.put(claim.result_file(0), data)
        return describe_image(new_id("img"), claim.result_file(0), data, "image/png", (4, 3))

    def succeed(self, claim: Claim, data: bytes = PICTURE) -> Written:
        """Finish a claim with one picture."""
        timings = EditTimings(encode_s=0.1, denoise_s=0.2, decode_s=0.3)
        return self.claims.succeed(claim, [self.result(claim, data)], timings, "mini-editor")

    async def event_names(self, stream_id: str) -> list[str]:
        """The kinds of events that a stream has told."""
        return [event.event.value for event in (await self.stores.events.read(self.tenant, stream_id, 0)).events]


def said(base_revision_id: str, text: str = "make it more fun", instruction: str | None = None) -> NewTurn:
    """A turn that is about to be appended."""
    kind = ReplyKind.EDIT if instruction else ReplyKind.CLARIFICATION
    return NewTurn(new_id("turn"), text, Reply(kind=kind, text="Which part?"), base_revision_id, instruction)
