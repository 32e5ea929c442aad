"""Stand-ins for Redis and the image files in the tests of the editing worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from editing_service.images import write_png
from editing_service.model import EditingModel
from shared.errors import NotFound, StorageUnavailable
from shared.schemas.edit import EditTimings
from shared.schemas.operations import Worker
from shared.schemas.parameters import ResolvedParameters
from shared.schemas.problem import Problem
from shared.storage.records import Claim, NewImage, Renewal, Skip, Verdict, Written, describe_image
from tests.editing_models import SIDE, make_picture

SOURCE = describe_image("img_source", "local/source.png", write_png(make_picture(1)), "image/png", (SIDE, SIDE))


def make_claim(edit_id: str = "edit_1", **parameters: float) -> Claim:
    """Make a claim on an edit of the source picture."""
    asked = {"steps": 4, "text_guidance_scale": 3.0, "image_guidance_scale": 1.5, "seed": 7, **parameters}
    return Claim(
        tenant="local",
        edit_id=edit_id,
        fence=1,
        attempt=1,
        instruction="paint the house",
        parameters=ResolvedParameters.model_validate(asked),
        source=SOURCE,
        mask=None,
    )


class Tampered(EditingModel):
    """A model with something done before every U-Net call; all else is the real model's."""

    def __init__(self, model: EditingModel, before: Callable[[Tensor], None]) -> None:
        self.__dict__.update(model.__dict__)
        self._before = before
        self.row_counts: list[int] = []

    def predict(self, sample: Tensor, timesteps: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Do the thing, then predict."""
        self.row_counts.append(sample.shape[0])
        self._before(sample)
        return super().predict(sample, timesteps, prompt_embeds)


class FakeFiles:
    """Files in memory."""

    def __init__(self) -> None:
        self.data = {SOURCE.file: write_png(make_picture(1))}
        self.away = False

    def get(self, key: str) -> bytes:
        """Read a file."""
        self._check()
        if key not in self.data:
            raise NotFound
        return self.data[key]

    def put(self, key: str, data: bytes) -> None:
        """Write a file."""
        self._check()
        self.data[key] = data

    def delete(self, key: str) -> None:
        """Remove a file."""
        self.data.pop(key, None)

    def _check(self) -> None:
        if self.away:
            raise StorageUnavailable


@dataclass
class FakeClaims:
    """Remembers what the worker writes, and answers as told."""

    waiting: dict[str, Claim | Skip] = field(default_factory=dict)
    verdict: Callable[[Renewal], Verdict] = lambda _: Verdict.CONTINUE
    written: Written = Written.OK
    suspects: set[str] = field(default_factory=set)
    companies: list[bool] = field(default_factory=list)  # of each claim, whether it was beside others
    failures: int = 0  # how many endings are refused because Redis is away
    renewals: list[list[Renewal]] = field(default_factory=list)
    previews: list[tuple[NewImage, int]] = field(default_factory=list)
    endings: list[tuple[str, str]] = field(default_factory=list)  # edit id, how it ended
    images: list[NewImage] = field(default_factory=list)
    timings: EditTimings | None = None
    heartbeats: list[Worker] = field(default_factory=list)
    wait_s: float = 0.0

    def longest_wait_s(self) -> float:
        """As told."""
        return self.wait_s

    def claim(self, edit_id: str, worker_id: str, beside_others: bool = False) -> Claim | Skip:
        """Take an edit, in company unless it is suspect."""
        self.companies.append(beside_others)
        if beside_others and edit_id in self.suspects:
            return Skip.SUSPECT
        return self.waiting.get(edit_id, Skip.UNKNOWN)

    def renew(self, renewals: Sequence[Renewal]) -> list[Verdict]:
        """Remember the renewals and answer as told."""
        self.renewals.append(list(renewals))
        return [self.verdict(renewal) for renewal in renewals]

    def preview(self, claim: Claim, image: NewImage, step: int) -> Written:
        """Remember a preview."""
        self.previews.append((image, step))
        return self.written

    def succeed(self, claim: Claim, images: Sequence[NewImage], timings: EditTimings, model: str) -> Written:
        """Remember the pictures."""
        self.images, self.timings = list(images), timings
        return self._end(claim, f"succeeded {model}")

    def fail(self, claim: Claim, problem: Problem) -> Written:
        """Remember the failure."""
        return self._end(claim, f"failed {problem.code}")

    def cancel(self, claim: Claim) -> Written:
        """Remember that it was canceled."""
        return self._end(claim, "canceled")

    def release(self, claim: Claim, count_attempt: bool = False) -> Written:
        """Remember that it was put back."""
        return self._end(claim, f"released {count_attempt}")

    def heartbeat(self, worker: Worker) -> None:
        """Remember the sign of life."""
        self.heartbeats.append(worker)

    def goodbye(self, worker_id: str) -> None:
        """Nothing to remember."""

    def _end(self, claim: Claim, how: str) -> Written:
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable
        self.endings.append((claim.edit_id, how))
        return self.written
