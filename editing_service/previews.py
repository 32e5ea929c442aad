"""Pictures of how far runs are, decoded beside the steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
import torch

from editing_service.batch import Model
from editing_service.images import Pixels
from editing_service.runs import Run, alike
from editing_service.streams import Coming

log = structlog.get_logger(__name__)


@dataclass(frozen=True, eq=False)
class Estimated:
    """Previews on their way from the device."""

    runs: Sequence[Run]
    steps: Sequence[int]  # how many each had done
    pictures: Coming[list[Pixels]]


class Previews:
    """Those that are on their way; only for the device thread."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._estimated: list[Estimated] = []

    def begin(self, runs: Sequence[Run]) -> None:
        """Begin to decode the estimates that are due, but for runs whose last one has not even come."""
        behind = [run for estimated in self._estimated for run in estimated.runs]
        for due in alike([run for run in runs if run not in behind]):
            pictures = self._model.decode(torch.stack([run.pred_original for run in due]))
            self._estimated.append(Estimated(due, [run.steps_done for run in due], pictures))

    def show(self) -> None:
        """Give those that have come to the runs' watchers, as far as they are still wanted."""
        wanted = [each for each in self._estimated if not all(run.handle.done for run in each.runs)]
        come = [each for each in wanted if each.pictures.ready()]
        self._estimated = [each for each in wanted if each not in come]
        for estimated in come:
            try:
                for run, step, pixels in zip(estimated.runs, estimated.steps, estimated.pictures.result(), strict=True):
                    if not run.handle.done:
                        run.watcher.previewed(pixels, step)
            except Exception:
                log.exception("preview_failed", runs=len(estimated.runs))
