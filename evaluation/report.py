"""Write what was measured as Markdown, JSON and pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from evaluation import comparison, conversation, editing, figures, grids, photographs, progress, targets
from evaluation.comparison import ComparisonResult
from evaluation.conversation import ConversationResult
from evaluation.dialogue import DialogueReport, hasty
from evaluation.guidance import GuidanceReport
from evaluation.judging import EditResult
from evaluation.latency import LatencyReport
from evaluation.page import PAGE, listed, table, transcripts
from evaluation.photographs import PhotographResult
from evaluation.quality import QualityReport
from evaluation.shares import Share
from evaluation.strangers import StrangerResult, asked_first, confusion_of, share_right

Row = tuple[str, str, str]
"""Name of a measure, what was found, and the target ("" where there is none)."""


@dataclass
class Report:
    """Everything one evaluation found."""

    results: Sequence[EditResult] = field(repr=False)
    generated: Sequence[PhotographResult] = field(repr=False)
    photographs: Sequence[PhotographResult] = field(repr=False)
    decay_db: list[float]
    guidance: GuidanceReport
    dialogue: DialogueReport
    strangers: Sequence[StrangerResult]
    newcomers: Sequence[StrangerResult]
    coco: Sequence[StrangerResult]
    written: Sequence[StrangerResult]
    memory: dict[int, Share]
    descriptions: dict[str, Share]
    conversations: Sequence[ConversationResult] = field(repr=False)
    comparisons: Sequence[ComparisonResult] = field(repr=False)
    quality: QualityReport
    latency: LatencyReport

    def __post_init__(self) -> None:
        """Sum up what is held one by one."""
        self.edits = editing.summarise(self.results)
        self.any_pictures = photographs.summarise(self.photographs or self.generated, bool(self.photographs))
        self.talks = conversation.summarise(self.conversations)
        self.compared = comparison.summarise(self.comparisons)

    def table(self) -> str:
        """The figures as a Markdown table."""
        return table([*self._edit_rows(), *self._dialogue_rows(), *self._whole_rows(), *self._set_rows()])

    def write(self, folder: Path) -> None:
        """Write report.md, report.json and every picture."""
        folder.mkdir(parents=True, exist_ok=True)
        self._draw(folder)
        page = PAGE.format(
            table=self.table(),
            strangers=listed(self.strangers),
            newcomers=listed(self.newcomers),
            coco=listed(self.coco),
            progress=progress.table(progress.read()),
            transcripts=transcripts(self.conversations),
            net=self.quality.net,
            count=self.quality.count,
        )
        (folder / "report.md").write_text(page)
        (folder / "report.json").write_text(json.dumps(_plain(self._numbers()), indent=2) + "\n")

    def _draw(self, folder: Path) -> None:
        figures.families(self.edits, folder / "families.png")
        figures.guidance(self.guidance, folder / "guidance.png")
        panels = [("test dialogues", self.dialogue.confusion), ("strangers' turns", confusion_of(self.strangers))]
        if self.newcomers:
            panels.append(("newcomers' turns", confusion_of(self.newcomers)))
        if self.coco:
            panels.append(("turns about photographs", confusion_of(self.coco)))
        figures.confusion(panels, folder / "kinds.png")
        figures.prd(self.quality, folder / "prd.png")
        figures.progress(progress.read(), folder / "progress.png")
        grids.edits([result for result in self.results if result.success], folder / "succeeded.png")
        grids.edits([result for result in self.results if not result.success], folder / "failed.png")
        grids.photographs(self.generated, folder / "any_pictures.png")
        grids.photographs(self.photographs, folder / "photographs.png")
        grids.comparisons(self.comparisons, folder / "comparison.png")
        grids.conversations(self.conversations, folder / "conversations.png")

    def _edit_rows(self) -> list[Row]:
        edits = self.edits
        families = [
            (f"– {name}", f"{share:.0f} % of {edits.counts[name]}", "") for name, share in edits.by_family.items()
        ]
        return [
            ("edit success", f"{edits.success:.1f} % of {edits.count}", f"≥ {targets.SUCCESS:.0f} %"),
            *families,
            ("preservation", f"{edits.preserved_db:.1f} dB", f"≥ {targets.PRESERVED_DB:.0f} dB"),
            ("detail", f"{edits.detail_db:.1f} dB", f"≥ {targets.DETAIL_DB:.0f} dB"),
            ("four edits in a row, outside", f"{fmean(self.decay_db):.1f} dB (worst {min(self.decay_db):.1f})", ""),
            *self._any_picture_rows(),
        ]

    def _any_picture_rows(self) -> list[Row]:
        found = self.any_pictures
        kind = "photographs" if found.photographs else "generated pictures"
        edits = [
            (f"– {name}", f"{right}, {found.detail_db[name]:.1f} dB from the true one", "")
            for name, right in found.by_edit.items()
        ]
        return [
            (f"styles of {found.pictures} {kind}", str(found.styles), f"≥ {targets.STYLES:.0f} %"),
            *edits,
            ("– as large as the picture", str(found.same_size), "100 %"),
        ]

    def _dialogue_rows(self) -> list[Row]:
        aims = {
            "dialogue perplexity": f"≤ {targets.PERPLEXITY:.2f}",
            "reply kind": f"≥ {targets.KIND:.0f} %",
            "instruction": f"≥ {targets.INSTRUCTION:.0f} %",
            "questions where one is enough": f"≤ {targets.QUESTIONS}",
        }
        rows = [(name, found, aims.get(name, "")) for name, found in self.dialogue.rows()]
        held_out = {
            "strangers' turns": self.strangers,
            "newcomers' turns": self.newcomers,
            "turns about photographs": self.coco,
            "turns of written dialogues kept from training": self.written,
        }
        aim = {"strangers' turns": targets.STRANGERS, "turns about photographs": targets.PHOTOGRAPHS}
        for name, results in held_out.items():
            found = str(share_right(results)) if results else "no such turns here"
            rows.append((f"{name} right", found, f"≥ {aim[name]:.0f} %" if name in aim else ""))
            if results:
                rows.append(("– asked whether the right edit is meant", str(asked_first(results)), ""))
                rows.append(("– edit where a question was due", str(hasty(confusion_of(results))), ""))
        for distance, right in self.memory.items():
            ago = "the turn before" if distance == 1 else f"{distance} turns ago"
            rows.append((f"a wish about a thing that came in {ago}", str(right), ""))
        for way, right in self.descriptions.items():
            rows.append((f"which of two or three things is meant, told by {way}", str(right), ""))
        return rows

    def _whole_rows(self) -> list[Row]:
        talks = self.talks
        return [
            ("conversation success, base: head", str(talks.head), f"≥ {targets.CONVERSATION:.0f} %"),
            ("conversation success, base: root", str(talks.root), ""),
            ("– wishes that became the right instruction", str(talks.wishes_understood), ""),
            ("– conversations with all four understood", str(talks.all_understood), ""),
            ("– wishes given up", str(talks.given_up), ""),
            ("– questions for a vague wish", f"{talks.questions:.2f}", ""),
            ("vague words straight into the editor", str(self.compared.straight), ""),
            ("vague words, dialogue first", str(self.compared.dialogue), ""),
        ]

    def _set_rows(self) -> list[Row]:
        quality, latency = self.quality, self.latency
        machine = f"{latency.device}, {latency.cores} cores"
        fids, curves = (quality.fid, quality.fid_untouched), (quality.prd, quality.prd_untouched)
        return [
            (f"FID, our protocol, {quality.count} pictures", _beside_sources(*fids), ""),
            ("PRD F_8 (recall), our protocol", _beside_sources(*(curve.f8 for curve in curves)), ""),
            ("PRD F_1/8 (precision), our protocol", _beside_sources(*(curve.f1_8 for curve in curves)), ""),
            (f"a reply ({machine})", str(latency.reply), ""),
            (f"an edit ({machine})", str(latency.edit), ""),
        ]

    def _numbers(self) -> dict[str, Any]:
        quality = self.quality
        return {
            "edits": asdict(self.edits),
            "decay_db": self.decay_db,
            "guidance": asdict(self.guidance),
            "dialogue": asdict(self.dialogue),
            "strangers": {result.turn.id: result.right for result in self.strangers},
            "newcomers": {result.turn.id: result.right for result in self.newcomers},
            "any_pictures": asdict(self.any_pictures),
            "coco": {result.turn.id: result.right for result in self.coco},
            "written": {result.turn.id: result.right for result in self.written},
            "descriptions": {way: asdict(right) for way, right in self.descriptions.items()},
            "memory": {str(distance): asdict(right) for distance, right in self.memory.items()},
            "conversations": asdict(self.talks),
            "comparison": asdict(self.compared),
            "quality": {
                "net": quality.net,
                "count": quality.count,
                "fid": quality.fid,
                "fid_untouched": quality.fid_untouched,
                "prd": {"f8": quality.prd.f8, "f1_8": quality.prd.f1_8},
                "prd_untouched": {"f8": quality.prd_untouched.f8, "f1_8": quality.prd_untouched.f1_8},
            },
            "latency": asdict(self.latency),
        }


def _beside_sources(outputs: float, sources: float) -> str:
    return f"{outputs:.3f} (sources: {sources:.3f})"


def _plain(found: Any) -> Any:
    """The same with None for what is not a number, which JSON has no word for."""
    if isinstance(found, dict):
        return {name: _plain(each) for name, each in found.items()}
    if isinstance(found, list):
        return [_plain(each) for each in found]
    return None if isinstance(found, float) and math.isnan(found) else found
