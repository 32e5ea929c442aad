"""One conversation, for asyncio; `client.py` has the same for code that blocks."""

import os
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Unpack, cast

from dialogpaint import calls
from dialogpaint.errors import NothingToRedo, NothingToUndo, VersionMismatch
from dialogpaint.exchange import Exchange
from dialogpaint.models import (
    Cell,
    ConversationRecord,
    Edit,
    Event,
    Parameters,
    Revision,
    Turn,
    TurnAdjustment,
    sweep_of,
)
from dialogpaint.pictures import Picture
from dialogpaint.tree import RevisionTree
from dialogpaint.waiting import PATIENCE_S, OnEvent, Waiting, finished


class Unset:
    """The type of what was not given, where None means something."""


UNSET = Unset()


class AsyncConversation:
    """A conversation about one picture; it keeps nothing but its id, so that two of them never disagree."""

    def __init__(self, exchange: Exchange, conversation_id: str) -> None:
        self.id = conversation_id
        self._exchange = exchange
        self._left: list[str] = []  # heads that undo left, oldest first

    def __repr__(self) -> str:
        """Its class and id."""
        return f"{type(self).__name__}({self.id!r})"

    async def say(
        self,
        text: str,
        *,
        base: str = "head",
        run: bool = True,
        wait_s: float = PATIENCE_S,
        on_event: OnEvent | None = None,
        if_version: int | None = None,
        webhook_url: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Turn:
        """Say something; return what came of it, with the picture once its edit is over.

        A question is in `turn.question`. `base` is the revision to start from: "head", "root" (everything agreed so
        far again, on the first picture) or an id. `run=False` returns the instruction and starts nothing; `run` does.
        `wait_s=0` returns an unfinished edit at once; `on_event` hears of everything that happens to it, and the
        server posts its end to `webhook_url`.
        Raises EditFailed, EditCanceled, StillRunning, EditInProgress, VersionMismatch, InvalidRequest.
        """
        waiting = self._waiting(wait_s, on_event)
        body: dict[str, Any] = {"text": text, "base": base, "run": run, **_options(parameters, webhook_url)}
        turn = await self._exchange.call(calls.create_turn(self.id, body, waiting.prefer_s, if_version))
        if turn.edit is None:
            return turn
        return turn.model_copy(update={"edit": await finished(self._exchange, turn.edit, waiting)})

    async def run(
        self,
        turn: Turn,
        instruction: str | None = None,
        *,
        wait_s: float = PATIENCE_S,
        on_event: OnEvent | None = None,
        if_version: int | None = None,
        webhook_url: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Edit:
        """Carry out the instruction of a turn that was said with `run=False`, as it is or in your words.

        Raises ValueError if there is no instruction, and what `say` raises.
        """
        wanted = instruction or turn.instruction
        if not wanted:
            raise ValueError(f"Turn {turn.number} has no instruction to run: {turn.reply.text}")
        if turn.adjust:
            parameters = {**_once_more(turn.adjust), **parameters}
        return await self.edit(
            wanted,
            base_revision_id=turn.base_revision_id,
            wait_s=wait_s,
            on_event=on_event,
            if_version=if_version,
            webhook_url=webhook_url,
            **parameters,
        )

    async def edit(
        self,
        instruction: str,
        *,
        base_revision_id: str | None = None,
        wait_s: float = PATIENCE_S,
        on_event: OnEvent | None = None,
        if_version: int | None = None,
        webhook_url: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Edit:
        """Carry out an explicit instruction without dialogue, on the head or another revision; as `say` otherwise."""
        waiting = self._waiting(wait_s, on_event)
        body = {"conversation_id": self.id, "instruction": instruction, **_options(parameters, webhook_url)}
        if base_revision_id:
            body["base_revision_id"] = base_revision_id
        edit = await self._exchange.call(calls.create_edit(body, waiting.prefer_s, if_version))
        return await finished(self._exchange, edit, waiting)

    async def sweep(
        self,
        instruction: str,
        *,
        text_guidance_scales: Sequence[float] | None = None,
        image_guidance_scales: Sequence[float] | None = None,
        base_revision_id: str | None = None,
        wait_s: float = PATIENCE_S,
        on_event: OnEvent | None = None,
        if_version: int | None = None,
        webhook_url: str | None = None,
        **parameters: Unpack[Parameters],
    ) -> Edit:
        """Carry out an instruction with every pair of these scales, all from one seed; as `edit` otherwise.

        Each picture is a revision, and the first one the head until `move_head(edit.cells[…])` chooses another. What
        each was made with is in `edit.cells`, and in `edit.rows` as a grid: one row for each text scale.
        """
        parameters["sweep"] = sweep_of(text_guidance_scales, image_guidance_scales)
        return await self.edit(
            instruction,
            base_revision_id=base_revision_id,
            wait_s=wait_s,
            on_event=on_event,
            if_version=if_version,
            webhook_url=webhook_url,
            **parameters,
        )

    async def undo(self) -> Revision:
        """Move the head to its parent and return it; raises NothingToUndo at the first revision."""
        record, tree = await self._record_and_tree()
        target = tree.parent(tree.head)
        if target is None:
            raise NothingToUndo("This is the picture that the conversation began with.")
        await self._move_from(record, target)
        self._left.append(tree.head_id)
        return target

    async def redo(self) -> Revision:
        """Move the head to where the last undo came from, else to what was made last; raises NothingToRedo."""
        record, tree = await self._record_and_tree()
        target = tree.after_redo(self._left)
        if target is None:
            raise NothingToRedo("Nothing was made from this picture yet.")
        await self._move_from(record, target)
        return target

    async def move_head(self, revision: Revision | Cell | str, *, if_version: int | None = None) -> ConversationRecord:
        """Let the next turn start from another revision, or from one of an edit's pictures.

        Raises NotFound, VersionMismatch, EditInProgress, ValueError for a picture that is no revision.
        """
        body = {"revision_id": _revision_id(revision)}
        return await self._exchange.call(calls.move_head(self.id, body, if_version))

    async def revisions(self) -> RevisionTree:
        """Return the tree of revisions, with its head."""
        return (await self._record_and_tree())[1]

    async def picture(self, revision: Revision | None = None) -> Picture:
        """Return the picture of a revision, of the head if none is named."""
        shown = revision or (await self.revisions()).head
        return await self._exchange.call(calls.get_image(shown.image_id))

    def turns(self) -> AsyncGenerator[Turn, None]:
        """Yield every turn, oldest first."""
        return self._exchange.each(partial(calls.list_turns, self.id))

    async def events(self, after: int = 0) -> AsyncGenerator[Event, None]:
        """Yield what happened behind the event with the id `after`, then what happens; never ends by itself."""
        async for event in self._exchange.follow(calls.follow_conversation(self.id), after):
            yield event

    async def read(self) -> ConversationRecord:
        """Return the conversation as the server has it now."""
        return await self._exchange.call(calls.get_conversation(self.id))

    async def update(
        self,
        *,
        title: str | Unset | None = UNSET,
        caption: str | Unset | None = UNSET,
        defaults: Parameters | Unset | None = UNSET,
        if_version: int | None = None,
    ) -> ConversationRecord:
        """Change what is given; None clears it."""
        given = {"title": title, "caption": caption, "defaults": defaults}
        body = {name: value for name, value in given.items() if not isinstance(value, Unset)}
        return await self._exchange.call(calls.update_conversation(self.id, body, if_version))

    async def delete(self, *, if_version: int | None = None) -> None:
        """Delete the conversation with its turns, revisions, edits, and pictures that nothing else uses."""
        await self._exchange.call(calls.delete_conversation(self.id, if_version))

    async def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the conversation with its pictures to a ZIP archive, whole or not at all; raises OSError."""
        file = Path(path)
        aside = file.with_name(f".{file.name}.part")
        try:
            await self._exchange.download(calls.export_conversation(self.id), aside)
            return aside.replace(file)
        finally:
            aside.unlink(missing_ok=True)

    async def _record_and_tree(self) -> tuple[ConversationRecord, RevisionTree]:
        record = await self.read()
        page = await self._exchange.call(calls.list_revisions(self.id))
        return record, RevisionTree(page.items, record.head_revision_id)

    async def _move_from(self, seen: ConversationRecord, target: Revision) -> None:
        """Move the head, unless the conversation changed since it was seen."""
        try:
            await self.move_head(target, if_version=seen.version)
        except VersionMismatch:
            if (await self.read()).head_revision_id != target.id:  # else it was our own move whose answer was lost
                raise

    def _waiting(self, wait_s: float, on_event: OnEvent | None) -> Waiting:
        return Waiting(wait_s, self._exchange.transport.now(), on_event)


def _revision_id(revision: Revision | Cell | str) -> str:
    if isinstance(revision, str):
        return revision
    revision_id = revision.revision_id if isinstance(revision, Cell) else revision.id
    if revision_id is None:
        raise ValueError("This picture is no revision of a conversation: its edit has none, or has not succeeded.")
    return revision_id


def _once_more(adjust: TurnAdjustment) -> Parameters:
    """What an edit is done again with, as it is asked for."""
    swept = {"count", "text_guidance_scale", "image_guidance_scale"} if adjust.parameters.sweep else None
    return cast("Parameters", adjust.parameters.model_dump(mode="json", exclude_none=True, exclude=swept))


def _options(parameters: Parameters, webhook_url: str | None) -> dict[str, Any]:
    """Those of the body's optional parts that are given."""
    body: dict[str, Any] = {"parameters": dict(parameters)} if parameters else {}
    return body if webhook_url is None else {**body, "webhook_url": webhook_url}
