"""`dialogpaint study`: blind comparisons by people; `dialogpaint ratings`: what people said of edits."""

import argparse
from functools import cache, partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from dialogpaint.async_studies import Compared
from dialogpaint.cli.editing import SAMPLE, WrongArgument, picture_named
from dialogpaint.cli.exits import Exit
from dialogpaint.cli.screen import Screen
from dialogpaint.client import DialogPaint
from dialogpaint.known import AnyPicture
from dialogpaint.models.study import RatingGroup, RatingsSummary, StudyResults

CREATE = """FILE is JSON: {"title": …, "question": …, "pairs": [{"instruction": …, "source": PICTURE,
"a": {"picture": PICTURE, "label": …}, "b": {…}}]}, where PICTURE is a file beside FILE, or sample:NAME."""


class Told(BaseModel):
    """A part of the file that describes a study."""

    model_config = ConfigDict(extra="forbid")


class ToldVariant(Told):
    """One picture of a pair."""

    picture: str
    label: str


class ToldPair(Told):
    """Two pictures of the same instruction."""

    a: ToldVariant
    b: ToldVariant
    instruction: str | None = None
    source: str | None = None


class ToldStudy(Told):
    """The whole file."""

    title: str
    question: str | None = None
    pairs: list[ToldPair]


def add_studying(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    """Describe the commands."""
    study = commands.add_parser("study", help="blind comparisons by people: create, list, results, delete")
    acts = study.add_subparsers(metavar="ACT", required=True)
    create = acts.add_parser("create", parents=[common], help="begin a study", description=CREATE)
    create.add_argument("file", type=Path, metavar="FILE", help="its pairs, as JSON")
    create.set_defaults(run=run_create)
    every = acts.add_parser("list", parents=[common], help="all studies, newest first")
    every.set_defaults(run=run_list)
    results = acts.add_parser("results", parents=[common], help="how often each label was preferred")
    results.add_argument("study", metavar="ID")
    results.add_argument("--csv", action="store_true", help="every vote as a line of CSV instead")
    results.set_defaults(run=run_results)
    delete = acts.add_parser("delete", parents=[common], help="delete a study with its votes")
    delete.add_argument("study", metavar="ID")
    delete.set_defaults(run=run_delete)
    ratings = commands.add_parser("ratings", parents=[common], help="what people said of edits")
    ratings.add_argument("--csv", action="store_true", help="every rating as a line of CSV instead")
    ratings.add_argument("--comments", action="store_true", help="with what people wrote, in the CSV")
    ratings.set_defaults(run=run_ratings)


def run_create(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Begin a study of the pairs in a file, and say where people vote."""
    try:
        told = ToldStudy.model_validate_json(wanted.file.read_bytes())
    except ValidationError as error:
        raise WrongArgument(f"{wanted.file} is no study: {error}\n{CREATE}") from error
    kept = cache(partial(_kept, folder=wanted.file.parent, client=client))
    pairs = [
        Compared(
            kept(pair.a.picture),
            kept(pair.b.picture),
            (pair.a.label, pair.b.label),
            instruction=pair.instruction,
            source=None if pair.source is None else kept(pair.source),
        )
        for pair in told.pairs
    ]
    study = client.studies.create(told.title, pairs, question=told.question)
    page, invitation = f"{client.url}{study.urls.page}", f"{client.url}{study.urls.invitation}"
    screen.say(f"{study.id}  {study.pair_count} pairs; people vote at {invitation} (no key needed)")
    screen.say(f"{page}/results shows the outcome")
    screen.tell(study.model_dump(mode="json"))
    return Exit.DONE


def run_list(_wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print all studies."""
    for study in client.studies.all():
        screen.say(f"{study.id}  {study.vote_count:>5} votes on {study.pair_count:>3} pairs  {study.title}")
        screen.tell(study.model_dump(mode="json"))
    return Exit.DONE


def run_results(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print what came of a study."""
    if wanted.csv:
        screen.write(client.studies.csv(wanted.study))
        return Exit.DONE
    results = client.studies.results(wanted.study)
    screen.say(results_text(results))
    screen.tell(results.model_dump(mode="json"))
    return Exit.DONE


def run_delete(wanted: argparse.Namespace, client: DialogPaint, _screen: Screen) -> Exit:
    """Delete a study."""
    client.studies.delete(wanted.study)
    return Exit.DONE


def run_ratings(wanted: argparse.Namespace, client: DialogPaint, screen: Screen) -> Exit:
    """Print what people said of edits."""
    if wanted.csv:
        screen.write(client.studies.ratings_csv(comments=wanted.comments))
        return Exit.DONE
    ratings = client.studies.ratings()
    screen.say(ratings_text(ratings))
    screen.tell(ratings.model_dump(mode="json"))
    return Exit.DONE


def results_text(results: StudyResults) -> str:
    """The results as a person reads them; intervals are of 95 %."""
    width = max(len(each.label) for each in results.labels)
    lines = [
        f"{results.title}: {results.question}",
        f"{results.votes} votes of {results.participants} people; the left one was chosen {results.left_rate}",
        "",
        f"{'':{width}}  wins  losses  same  win rate (Wilson)   score of people (t)",
    ]
    lines += [
        f"{each.label:{width}}  {each.wins:>4}  {each.losses:>6}  {each.same:>4}  {each.win_rate!s:<18}  {each.score}"
        for each in results.labels
    ]
    return "\n".join(lines)


def ratings_text(ratings: RatingsSummary) -> str:
    """The ratings as a person reads them; intervals are of 95 % (t)."""
    lines = [f"{ratings.count} rated edits, from 1 (bad) to 5 (good)"]
    everything = RatingGroup.model_validate({**ratings.model_dump(), "name": "all"})
    groups = [everything, *ratings.by_model, *ratings.by_quality]
    width = max(len(each.name) for each in groups)
    for each in groups:
        lines.append(f"  {each.name:{width}}  quality {each.image_quality!s:<18}  satisfaction {each.satisfaction}")
    return "\n".join(lines)


def _kept(name: str, folder: Path, client: DialogPaint) -> AnyPicture:
    """A picture that the server has: a sample, or a file that is uploaded now."""
    found = picture_named(name if name.startswith(SAMPLE) else str(folder / name), client)
    return client.upload(found) if isinstance(found, str) else found
