"""How a task is put to a language model, and how its answer is read."""

from __future__ import annotations

from collections.abc import Sequence

from shared.schemas.dialogue import ReplyKind
from training.datasets.self_instruct import transcript
from training.datasets.self_instruct.seeds import Shape
from training.datasets.self_instruct.tasks import Task
from training.datasets.self_instruct.transcript import LABELS, USER, Line, NotATranscript

Message = dict[str, str]
"""One message of a chat completion: `role` and `content`."""

_DIALOGUE = """\
You write short conversations between a user and an assistant that edits pictures.
- Lines begin with "User:" (what the person types), "Ask:" (the assistant's question when something is missing),
  "Edit:" (exactly one of the given instructions, word for word) or "Chat:" (the assistant's small talk).
- Use the given lines in the given order and the given instructions in their order. Write nothing else.
- The user never says the instruction word for word, but everything in it must be clear from what the user says.
- Before "Ask:" the user leaves something open; the question asks for just that; the user then answers it.
- Speak as real people do, in the given manner, in fresh words. Do not repeat the examples."""
_SENTENCE = (
    "Say the instruction in other words, in one sentence, as a person would to somebody who edits their picture."
)


def messages(task: Task) -> list[Message]:
    """The chat to be completed: rules, seeds as questions and answers, and the new question."""
    if task.sentences:
        shown = [(f"Instruction: {line.words}", line.user) for line in task.sentences]
        return _chat(_SENTENCE, shown, f"Instruction: {task.instructions[0]}")
    shown = [
        (_request(shot.caption, shot.instructions, shot.shape, shot.manner), transcript.write(shot.lines))
        for shot in task.shots
    ]
    return _chat(_DIALOGUE, shown, _request(task.picture.caption or "", task.instructions, task.shape, task.manner))


def lines(task: Task, answer: str) -> list[Line]:
    """The turns that the model wrote; raises NotATranscript."""
    if not task.sentences:
        return transcript.read(answer)
    said = answer.strip().strip('"').split("\n")[0].strip()
    if not said:
        raise NotATranscript("nothing is said")
    return [Line(said, ReplyKind.EDIT, task.instructions[0])]


def _chat(rules: str, shown: Sequence[tuple[str, str]], asked: str) -> list[Message]:
    chat = [{"role": "system", "content": rules}]
    for question, answer in shown:
        chat += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return [*chat, {"role": "user", "content": asked}]


def _request(caption: str, instructions: Sequence[str], shape: Shape, manner: str) -> str:
    asked = ", ".join(f"{USER}, {LABELS[kind]}" for kind in shape)
    return f"Picture: {caption}\nInstructions: {'; '.join(instructions)}\nManner: {manner}\nLines: {asked}"
