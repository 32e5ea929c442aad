"""Dialogues written by a language model behind any OpenAI-compatible endpoint, as JSON Lines like the simulator's.

    python -m training.datasets.self_instruct --output DIR --llm-url http://127.0.0.1:8080/v1 --llm-model NAME \\
        --llm-key-env OPENAI_API_KEY --requests 12000 --captions coco:captions_val2017.json

It says first what that will cost and asks whether to go on. Stop it at any time: the same command goes on from there,
with more `--requests` too. Every answer stays in DIR/answers.jsonl; the dialogues are those that pass the checks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import httpx
from tqdm.auto import tqdm

from training.datasets.caption_files import read_captions
from training.datasets.self_instruct.collect import collect, write
from training.datasets.self_instruct.cost import Prices, estimate
from training.datasets.self_instruct.journal import Journal, OtherRun
from training.datasets.self_instruct.llm import Endpoint, Llm, LlmError
from training.datasets.self_instruct.prompts import Message, messages
from training.datasets.self_instruct.tasks import Task, draw_task

SAMPLE = 50
"""Tasks whose length the estimate rests on."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit status 2 where an argument is wrong, 1 where the endpoint fails."""
    given = _parser().parse_args(arguments)
    try:
        captions = read_captions(given.captions) if given.captions else None
        journal = Journal(given.output, {"seed": given.seed, "form": given.form, "captions": given.captions})
    except (OSError, ValueError, OtherRun) as error:
        print(error, file=sys.stderr)
        return 2

    def task(index: int) -> Task:
        return draw_task(given.seed, index, captions, given.form)

    waiting = [index for index in range(given.requests) if index not in journal.answers]
    if waiting and not _agreed(given, [messages(task(index)) for index in waiting[:SAMPLE]], len(waiting)):
        return 2
    problem = asyncio.run(_ask_all(given, task, waiting, journal))
    collection = collect((task(index), answer.text) for index, answer in sorted(journal.answers.items()))
    write(collection, given.output)
    print(collection.report())
    if problem is not None:
        print(problem, file=sys.stderr)
    return 0 if problem is None else 1


def _agreed(given: argparse.Namespace, sample: Sequence[list[Message]], requests: int) -> bool:
    """Say what the run costs, and ask whether to begin."""
    expected = estimate(sample, requests)
    prices = Prices(given.price_read, given.price_written)
    print(f"{given.llm_model} at {given.llm_url}: {expected}, {expected.price(prices):.2f} at the prices given")
    if given.yes:
        return True
    if not sys.stdin.isatty():
        print("give --yes to begin without being asked", file=sys.stderr)
        return False
    return input("Begin? [y/N] ").strip().lower() in ("y", "yes")


async def _ask_all(
    given: argparse.Namespace, task: Callable[[int], Task], waiting: Iterable[int], journal: Journal
) -> LlmError | None:
    """Ask for every waiting task, so many at a time; SIGINT, SIGTERM or an error of the endpoint stop it early.

    What was asked by then is waited for and kept. Returns the error, if there was one.
    """
    indices, stop, problems = iter(waiting), asyncio.Event(), []
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def ask_on(llm: Llm, bar: tqdm) -> None:
        for index in indices:
            try:
                journal.add(index, await llm.complete(messages(task(index)), index))
            except LlmError as error:
                problems.append(error)
                stop.set()
            bar.update()
            if stop.is_set():
                return

    with tqdm(total=given.requests, initial=len(journal.answers), desc="asked", mininterval=5) as bar:
        async with httpx.AsyncClient() as client, asyncio.TaskGroup() as group:
            llm = Llm(client, _endpoint(given))
            for _ in range(given.parallel):
                group.create_task(ask_on(llm, bar))
    return problems[0] if problems else None


def _endpoint(given: argparse.Namespace) -> Endpoint:
    key = os.environ.get(given.llm_key_env or "")
    return Endpoint(given.llm_url, given.llm_model, key, given.temperature, max_tokens=given.max_tokens)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.datasets.self_instruct", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--output", type=Path, required=True, help="folder for answers and dialogues")
    parser.add_argument("--llm-url", required=True, help="the endpoint's base, such as https://api.openai.com/v1")
    parser.add_argument("--llm-model", required=True, help="the model's name there")
    parser.add_argument("--llm-key-env", help="environment variable that holds the key, if one is needed")
    parser.add_argument(
        "--form", choices=("dialogue", "sentence"), default="dialogue", help="sentence: for models too small for more"
    )
    parser.add_argument("--requests", type=int, default=12_000, help="conversations to ask for (default 12000)")
    parser.add_argument("--parallel", type=int, default=8, help="requests at the same time (default 8)")
    parser.add_argument("--temperature", type=float, default=0.9)
    parser.add_argument("--max-tokens", type=int, default=200, help="most tokens of an answer (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed asks for the same conversations (default 0)")
    parser.add_argument(
        "--captions", action="append", metavar="KIND:PATH", help="real captions, as coco:FILE, for half of the tasks"
    )
    parser.add_argument("--price-read", type=float, default=0.0, help="price of a million prompt tokens")
    parser.add_argument("--price-written", type=float, default=0.0, help="price of a million completion tokens")
    parser.add_argument("--yes", action="store_true", help="begin without asking")
    return parser


if __name__ == "__main__":
    sys.exit(main())
