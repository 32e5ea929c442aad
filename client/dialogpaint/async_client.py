"""The client for asyncio; `client.py` has the same for code that blocks."""

import os
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, Unpack

from dialogpaint import calls
from dialogpaint.async_conversation import AsyncConversation
from dialogpaint.async_studies import AsyncStudies
from dialogpaint.difference import Difference
from dialogpaint.exchange import Exchange
from dialogpaint.known import AnyPicture, Known, image_id_of, is_image_id
from dialogpaint.models import (
    ConversationRecord,
    Edit,
    EditStatus,
    Event,
    Image,
    Models,
    Parameters,
    QueueState,
    Readiness,
    Sample,
    sweep_of,
)
from dialogpaint.pictures import Picture, Upload, Uploadable, read_upload
from dialogpaint.provenance import Provenance
from dialogpaint.retry import Retry
from dialogpaint.transport import HERE, Address, Awaiting, Transport
from dialogpaint.waiting import PATIENCE_S, OnEvent, Waiting, finished, is_over


class AsyncDialogPaint:
    """A DialogPaint server, seen from Python.

    Without a `url` it takes DIALOGPAINT_URL, else this machine's port 8000; without a `key`, DIALOGPAINT_KEY.
    `timeout_s` is the longest silence of the server that counts as one, beyond what it was asked to wait.
    Every call may raise ConnectionFailed, UnexpectedAnswer and ApiError, after it was tried again as `retry` says.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        timeout_s: float = 30.0,
        retry: Retry | None = None,
        transport: Transport | None = None,
    ) -> None:
        address = address_of(url, key, timeout_s)
        self.url = address.url
        self._exchange = Exchange(address, transport or Awaiting(address), retry or Retry())

    @property
    def studies(self) -> AsyncStudies:
        """Blind comparisons by people, and what they said of edits."""
        return AsyncStudies(self._exchange, self._id_of)

    async def __aenter__(self) -> Self:
        """Use it in `async with`, which closes it."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close it."""
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._exchange.transport.close()

    async def start(
        self,
        picture: AnyPicture,
        *,
        caption: str | None = None,
        title: str | None = None,
        **defaults: Unpack[Parameters],
    ) -> AsyncConversation:
        """Begin a conversation about a picture: a path, bytes, an open file, a Pillow image, a sample.

        `caption` says what the picture shows, for the dialogue model, which can't see it; parameters given here are
        the conversation's defaults. Raises OSError for a file that can't be read, InvalidRequest, TooLarge.
        """
        given = {"caption": caption, "title": title, "defaults": dict(defaults) or None}
        body = {name: value for name, value in given.items() if value is not None}
        record = await self._call(calls.create_conversation({"image_id": await self._id_of(picture), **body}))
        return self.conversation(record.id)

    def conversation(self, conversation_id: str) -> AsyncConversation:
        """Go on with a conversation; asks the server nothing yet."""
        return AsyncConversation(self._exchange, conversation_id)

    async def import_conversation(self, path: str | os.PathLike[str]) -> AsyncConversation:
        """Create a conversation out of an archive that `conversation.export` wrote, under new ids.

        Raises OSError for a file that can't be read, InvalidRequest for one that is no such archive, TooLarge.
        """
        data = await self._exchange.transport.aside(Path(path).read_bytes)
        record = await self._call(calls.import_conversation(Upload(data, calls.ZIP)))
        return self.conversation(record.id)

    def conversations(self) -> AsyncGenerator[ConversationRecord, None]:
        """Yield every conversation, newest first."""
        return self._exchange.each(calls.list_conversations)

    async def edit(
        self,
        picture: AnyPicture,
        instruction: str,
        *,
        mask: AnyPicture | None = None,
        webhook_url: str | None = None,
        wait_s: float = PATIENCE_S,
        on_event: OnEvent | None = None,
        **parameters: Unpack[Parameters],
    ) -> Edit:
        """Carry out an explicit instruction without dialogue; return the edit with its picture.

        `wait_s=0` returns it at once, unfinished; `on_event` hears of everything that happens to it, and the server
        posts its end to `webhook_url` (see `verify_webhook`).
        Raises EditFailed, EditCanceled, StillRunning, InvalidRequest, TooLarge, OSError.
        """
        body: dict[str, Any] = {"image_id": await self._id_of(picture), "instruction": instruction}
        if mask is not None:
            body["mask_image_id"] = await self._id_of(mask)
        if webhook_url is not None:
            body["webhook_url"] = webhook_url
        if parameters:
            body["parameters"] = dict(parameters)
        waiting = self._waiting(wait_s, on_event)
        return await finished(self._exchange, await self._call(calls.create_edit(body, waiting.prefer_s)), waiting)

    async def sweep(
        self,
        picture: AnyPicture,
        instruction: str,
        *,
        text_guidance_scales: Sequence[float] | None = None,
        image_guidance_scales: Sequence[float] | None = None,
        mask: AnyPicture | None = None,
        webhook_url: str | None = None,
        wait_s: float = PATIENCE_S,
        on_event: OnEvent | None = None,
        **parameters: Unpack[Parameters],
    ) -> Edit:
        """Carry out an instruction with every pair of these scales, all from one seed; as `edit` otherwise.

        What each picture was made with is in `edit.cells`, and in `edit.rows` as a grid: one row for each text scale.
        """
        parameters["sweep"] = sweep_of(text_guidance_scales, image_guidance_scales)
        return await self.edit(
            picture,
            instruction,
            mask=mask,
            webhook_url=webhook_url,
            wait_s=wait_s,
            on_event=on_event,
            **parameters,
        )

    async def wait(self, edit: Edit | str, *, wait_s: float = PATIENCE_S, on_event: OnEvent | None = None) -> Edit:
        """Wait for an edit and return it with its pictures; raises EditFailed, EditCanceled, StillRunning."""
        waiting = self._waiting(wait_s, on_event)
        return await finished(self._exchange, await self.get_edit(edit), waiting)

    async def get_edit(self, edit: Edit | str) -> Edit:
        """Return an edit as it is now, without its pictures."""
        return await self._call(calls.get_edit(_id(edit)))

    def edits(self, status: EditStatus | str | None = None) -> AsyncGenerator[Edit, None]:
        """Yield every edit (of one status), newest first."""
        return self._exchange.each(partial(calls.list_edits, status))

    async def cancel(self, edit: Edit | str) -> Edit:
        """Stop an edit within one denoising step; one that is over stays as it is."""
        return await self._call(calls.cancel_edit(_id(edit)))

    async def rerun(self, edit: Edit | str, *, wait_s: float = PATIENCE_S, on_event: OnEvent | None = None) -> Edit:
        """Run an edit again with the same inputs and seed; `identical` says whether the picture is the same."""
        waiting = self._waiting(wait_s, on_event)
        again = await self._call(calls.rerun_edit(_id(edit), waiting.prefer_s))
        return await finished(self._exchange, again, waiting)

    async def rate(
        self, edit: Edit | str, *, image_quality: int, satisfaction: int, comment: str | None = None
    ) -> Edit:
        """Say what you think of a finished edit, both from 1 (bad) to 5 (good)."""
        body = {"image_quality": image_quality, "satisfaction": satisfaction}
        return await self._call(calls.rate_edit(_id(edit), {**body, **({"comment": comment} if comment else {})}))

    async def events(self, edit: Edit | str, after: int = 0) -> AsyncGenerator[Event, None]:
        """Yield the events of an edit behind the id `after`, up to the one that ends it."""
        edit_id = _id(edit)
        follow = self._exchange.follow(
            calls.follow_edit(edit_id), after, is_over=lambda: is_over(self._exchange, edit_id)
        )
        async for event in follow:
            yield event
            if event.is_terminal:
                return

    async def upload(self, picture: Uploadable) -> Image:
        """Store a picture: a path, bytes, an open file or a Pillow image; raises OSError, InvalidRequest, TooLarge."""
        upload = await self._exchange.transport.aside(partial(read_upload, picture))
        return await self._call(calls.create_image(upload))

    async def picture(self, image: Known | str) -> Picture:
        """Return a picture's bytes by its id, or by what has one."""
        return await self._call(calls.get_image(_known_id(image)))

    async def provenance(self, picture: Known | str) -> Provenance:
        """Return which edits made a picture that the server has, newest first; raises NotFound.

        What a file tells of itself, without a server: `picture.provenance()`.
        """
        return await self._call(calls.get_provenance(_known_id(picture)))

    async def difference(self, picture: Known | str, to: Known | str) -> Difference:
        """Return in numbers what changed from a picture to another of the same size that the server has, too.

        Raises NotFound, InvalidRequest.
        """
        return await self._call(calls.compare_images(_known_id(picture), _known_id(to)))

    async def difference_picture(self, picture: Known | str, to: Known | str) -> Picture:
        """Return a picture of what changed: the first in pale grey, and in colour what is different in the second."""
        return await self._call(calls.draw_difference(_known_id(picture), _known_id(to)))

    async def samples(self) -> list[Sample]:
        """Return the pictures that come with the server; each can begin a conversation or an edit."""
        return (await self._call(calls.list_samples())).items

    async def models(self) -> Models:
        """Return which models are being served."""
        return await self._call(calls.list_models())

    async def queue(self) -> QueueState:
        """Return how much work waits and who does it."""
        return await self._call(calls.get_queue())

    async def readiness(self) -> Readiness:
        """Return whether everything that an edit needs answers, and what does not; asks once."""
        return await self._exchange.ask_readiness()

    async def _call(self, call: calls.Call[calls.Result]) -> calls.Result:
        return await self._exchange.call(call)

    async def _id_of(self, picture: AnyPicture) -> str:
        if isinstance(picture, Known):
            return image_id_of(picture)
        return picture if is_image_id(picture) else (await self.upload(picture)).id

    def _waiting(self, wait_s: float, on_event: OnEvent | None) -> Waiting:
        return Waiting(wait_s, self._exchange.transport.now(), on_event)


def address_of(url: str | None, key: str | None, timeout_s: float = 30.0) -> Address:
    """Return where the server is: what is given, else what the environment says; raises ValueError."""
    return Address(
        (url or os.environ.get("DIALOGPAINT_URL") or HERE).rstrip("/"),
        key or os.environ.get("DIALOGPAINT_KEY") or None,
        timeout_s,
    )


def _known_id(picture: Known | str) -> str:
    return picture if isinstance(picture, str) else image_id_of(picture)


def _id(edit: Edit | str) -> str:
    return edit if isinstance(edit, str) else edit.id
