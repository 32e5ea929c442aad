"""Stand-ins for the processes that hold models: the gateway can't tell them from the real ones."""

import asyncio
import io
import threading
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Response
from kombu.exceptions import OperationalError
from PIL import Image

from shared.broker import QUEUE_EDITS, make_celery
from shared.errors import DialogPaintError
from shared.ids import new_id
from shared.provenance import history_in, png_chunks
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from shared.schemas.edit import EditTimings
from shared.schemas.operations import EditingLimits, EditingModel, Worker
from shared.schemas.parameters import EditDefaults
from shared.schemas.provenance import MadeWith, Making
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from shared.storage.files import ImageFiles
from shared.storage.records import Claim, NewImage, Renewal, Skip, Verdict, describe_image

MODEL = EditingModel(
    name="stand-in-editor",
    digest="0" * 64,
    parameter_count=1,
    device="cpu",
    dtype="float32",
    limits=EditingLimits(max_side=256, multiple_of=8),
    defaults=EditDefaults(steps=4, text_guidance_scale=7.5, image_guidance_scale=1.5),
)
DIALOGUE_MODEL = {
    "name": "stand-in-dialogue",
    "digest": "0" * 64,
    "parameter_count": 1,
    "device": "cpu",
    "dtype": "float32",
    "limits": {"max_input_tokens": 128, "max_reply_tokens": 32},
}


class DialogueStandIn:
    """Asks back when a text says "change", chats when it says "thanks", and otherwise repeats it as instruction.

    `fault` makes it misbehave: "slow", "garbage", "500", "truncated".
    """

    def __init__(self) -> None:
        self.url = ""
        self.fault: str | None = None
        self.delay_s = 0.0
        self.requests: list[DialogueRequest] = []
        self.app = FastAPI()
        self.app.post("/reply", response_model=None)(self._reply)
        self.app.get("/readyz")(self._ready)
        self.app.get("/model")(self._model)

    async def _reply(self, request: DialogueRequest) -> Response:
        self.requests.append(request)
        await asyncio.sleep(30 if self.fault == "slow" else self.delay_s)
        answer = _answer(request.text).model_dump_json()
        broken = {"500": ("boom", 500), "garbage": ("<html>", 200), "truncated": (answer[:20], 200)}
        content, status = broken.get(self.fault or "", (answer, 200))
        return Response(content, status, media_type="application/json")

    async def _ready(self) -> dict[str, bool]:
        return {"ready": True}

    async def _model(self) -> dict[str, Any]:
        return DIALOGUE_MODEL


class WorkerStandIn:
    """Takes Celery messages, claims, renews step by step and finishes with a plain picture.

    With `previews` it shows unfinished ones on the way; with a `fault` it fails in the end.
    """

    def __init__(self, settings: Settings, claims: ClaimStore, files: ImageFiles) -> None:
        self._settings = settings
        self._claims = claims
        self._files = files
        self._stop = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.step_s = 0.005
        self.colour = "orange"
        self.previews = False
        self.fault: DialogPaintError | None = None
        self.claimed: list[Claim] = []
        self.beat()

    def beat(self) -> None:
        """Tell that this worker is there and warm."""
        now = datetime.now(UTC)
        self._claims.heartbeat(Worker(id="stand-in", slots=4, busy=0, warm=True, seen_at=now, model=MODEL))

    def stop(self) -> None:
        """Finish and end."""
        self._stop.set()
        self.go.set()

    def read(self, image: NewImage) -> bytes:
        """Return the bytes of a picture that a claim names."""
        return self._files.get(image.file)

    def run(self) -> None:
        """Serve messages until stopped."""
        with (
            make_celery(self._settings).connection_for_read() as connection,
            connection.SimpleQueue(QUEUE_EDITS) as queue,
        ):
            while not self._stop.is_set():
                self.beat()
                try:
                    message = queue.get(timeout=0.2)
                except (queue.Empty, OperationalError):
                    continue
                [edit_id], _, _ = message.payload
                self._work(edit_id)
                message.ack()

    def _work(self, edit_id: str) -> None:
        self.go.wait()
        claim = self._claims.claim(edit_id, "stand-in")
        if isinstance(claim, Skip):
            return
        self.claimed.append(claim)
        steps = claim.parameters.steps * (1 + len(claim.prior_instructions))
        for step in range(1, steps + 1):
            self._stop.wait(self.step_s)
            if self._claims.renew([Renewal(claim, step, steps)]) == [Verdict.CANCEL]:
                self._claims.cancel(claim)
                return
            every = claim.parameters.preview_every
            if self.previews and every and step % every == 0 and step < steps:
                self._preview(claim, step)
        if self.fault:
            self._claims.fail(claim, self.fault.problem())
            return
        self._finish(claim)

    def _preview(self, claim: Claim, step: int) -> None:
        buffer, size = io.BytesIO(), (32, 24)
        Image.new("RGB", size, self.colour).save(buffer, "JPEG")
        file, data = claim.preview_file(step), buffer.getvalue()
        self._files.put(file, data)
        self._claims.preview(claim, describe_image(new_id("img"), file, data, "image/jpeg", size), step)

    def _finish(self, claim: Claim) -> None:
        images = [self._keep(claim, index) for index in range(claim.parameters.count)]
        self._claims.succeed(claim, images, EditTimings(encode_s=0.1, denoise_s=0.2, decode_s=0.1), MODEL.name)

    def _keep(self, claim: Claim, index: int) -> NewImage:
        making = Making(
            instruction=claim.instruction,
            prior_instructions=list(claim.prior_instructions),
            parameters=MadeWith.of(claim.parameters, index),
            model=MODEL.name,
            model_digest=MODEL.digest,
            source_sha256=claim.source.sha256,
        )
        size, file = (claim.source.width, claim.source.height), claim.result_file(index)
        buffer, history = io.BytesIO(), history_in(self.read(claim.source)).then(making)
        Image.new("RGB", size, self.colour).save(buffer, "PNG", pnginfo=png_chunks(history))
        self._files.put(file, buffer.getvalue())
        made_here = claim.source.made_here + 1
        return describe_image(new_id("img"), file, buffer.getvalue(), "image/png", size, made_here)


def _answer(text: str) -> DialogueReply:
    name = DIALOGUE_MODEL["name"]
    if "change" in text:
        return DialogueReply(kind=ReplyKind.CLARIFICATION, text="Which colour should it be?", model=str(name))
    if "thanks" in text:
        return DialogueReply(kind=ReplyKind.CHAT, text="You're welcome!", model=str(name))
    return DialogueReply(kind=ReplyKind.EDIT, text=f"I'll {text}.", instruction=text, model=str(name))
