"""What operators and tools ask: the models being served, the queue, readiness."""

import re

from pydantic import Field

from shared.schemas.base import Moment, Resource
from shared.schemas.parameters import EditDefaults


class EditingLimits(Resource):
    """What the served editing model can do."""

    max_side: int = Field(description="pixels; larger sources are scaled down for the edit")
    multiple_of: int = Field(description="pixels; sides are rounded to a multiple of this")


def words_in(instruction: str) -> list[str]:
    """Return the words of an instruction, by which models say what they were taught."""
    return re.findall(r"[^\W\d_]+", instruction.lower())


class EditingModel(Resource):
    """The editing model that the workers serve."""

    name: str
    digest: str = Field(description="sha256 over the weights")
    parameter_count: int
    device: str
    dtype: str
    limits: EditingLimits
    defaults: EditDefaults
    words: list[str] | None = Field(default=None, description="the only words it was taught; null where it reads any")

    def unknown_words(self, instruction: str) -> list[str]:
        """Return the words of an instruction that the model was never taught, each once, in their order."""
        if self.words is None:
            return []
        return [word for word in dict.fromkeys(words_in(instruction)) if word not in self.words]


class DialogueLimits(Resource):
    """How much the served dialogue model reads and writes."""

    max_input_tokens: int
    max_reply_tokens: int


class DialogueModel(Resource):
    """The dialogue model that the dialogue service serves."""

    name: str
    digest: str = Field(description="sha256 over the weights")
    parameter_count: int
    device: str
    dtype: str
    limits: DialogueLimits


class Models(Resource):
    """The models being served; None while nobody serves one."""

    dialogue: DialogueModel | None
    editing: EditingModel | None


class Worker(Resource):
    """An editing worker, as its last heartbeat told it."""

    id: str
    slots: int = Field(description="edits it runs at once")
    busy: int = Field(description="edits it runs now")
    warm: bool = Field(description="whether its model is loaded and warmed up")
    seen_at: Moment
    model: EditingModel | None = None


class QueueState(Resource):
    """How much work waits and who does it."""

    depth: int = Field(description="edits that wait")
    running: int
    oldest_age_s: float = Field(description="how long the oldest waiting edit has waited, 0 when none waits")
    max_depth: int
    free_slots: int
    workers: list[Worker]


class Readiness(Resource):
    """Whether this process can do its work; `missing` names what does not answer."""

    ready: bool
    missing: list[str] = Field(default_factory=list)
