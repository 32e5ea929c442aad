"""Which models are being served, as their processes tell it."""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Protocol

from pydantic import ValidationError

from gateway.dialogue_client import DialogueClient
from shared.errors import DialogueUnavailable, NoWorker
from shared.schemas.operations import DialogueModel, EditingModel, Models, Worker

FRESH_S = 1.0
"""How long what the workers told counts as the present: about half the pause between their heartbeats."""


class Workers(Protocol):
    """Where the workers' heartbeats are."""

    async def workers(self) -> list[Worker]:
        """Return the workers that are alive."""


class ServedModels:
    """Asks the processes what they serve; the editing model is remembered for when its last worker is lost."""

    def __init__(self, workers: Workers, dialogue: DialogueClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._dialogue = dialogue
        self._clock = clock
        self._editing: EditingModel | None = None
        self._told_at = -math.inf

    async def editing(self) -> EditingModel:
        """Return what the editing model is and does by default; raises NoWorker if no worker ever told of one.

        The heartbeats are not read for every edit: with a thousand workers that would cost more than all else.
        """
        if self._editing is not None and self._clock() - self._told_at < FRESH_S:
            return self._editing
        editing = await self._editing_model() or self._editing
        if editing is None:
            raise NoWorker("No editing worker has started yet; try again in a moment.", retry_after_s=2)
        return editing

    async def served(self) -> Models:
        """Return both models, None for the one that nobody serves at the moment."""
        dialogue, editing = await asyncio.gather(self._dialogue_model(), self._editing_model())
        return Models(dialogue=dialogue, editing=editing)

    async def _editing_model(self) -> EditingModel | None:
        told = [worker.model for worker in await self._workers.workers() if worker.model is not None]
        if told:
            self._editing, self._told_at = told[0], self._clock()
        return told[0] if told else None

    async def _dialogue_model(self) -> DialogueModel | None:
        try:
            return DialogueModel.model_validate(await self._dialogue.model())
        except (DialogueUnavailable, ValidationError):
            return None
