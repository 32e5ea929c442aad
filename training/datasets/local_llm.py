"""A small OpenAI-compatible server for a language model in a GGUF file, on one thread.

    python -m training.datasets.local_llm --gguf SmolLM2-135M-Instruct.Q4_1.gguf --port 8080

It knows `POST /v1/chat/completions` (messages, temperature, top_p, max_tokens, seed) and `GET /v1/models`. Requests
that wait together are answered together. It is for building data sets, not for the open network: it binds to loopback.
"""

from __future__ import annotations

import argparse
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

MOST_ROWS = 16
GATHER_S = 0.05
"""How long the first of a batch waits for others."""


class ChatMessage(BaseModel):
    """One message of a chat."""

    role: str
    content: str


class ChatRequest(BaseModel):
    """What OpenAI's chat completions take, as far as this server heeds it."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    temperature: float = Field(1.0, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    max_tokens: int = Field(256, ge=1, le=2048)
    seed: int = 0


@dataclass(frozen=True)
class Written:
    """A model's answer and what it took."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    is_finished: bool


class LocalLlm:
    """A causal language model that answers several chats at once."""

    def __init__(self, model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model, self.tokenizer = model.eval(), tokenizer
        tokenizer.padding_side = "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token

    @torch.inference_mode()
    def write(self, requests: Sequence[ChatRequest]) -> list[Written]:
        """One answer to each; the first one's temperature, top_p and seed hold for all of them."""
        chats = [[message.model_dump() for message in request.messages] for request in requests]
        texts = [self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in chats]
        inputs = self.tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        first = requests[0]
        torch.manual_seed(first.seed)
        sampling = {"do_sample": True, "temperature": first.temperature, "top_p": first.top_p}
        output = self.model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=max(request.max_tokens for request in requests),
            pad_token_id=self.tokenizer.pad_token_id,
            **(sampling if first.temperature > 0 else {"do_sample": False}),
        )
        new = output[:, inputs["input_ids"].shape[1] :].tolist()
        read = inputs["attention_mask"].sum(dim=1).tolist()
        return [self._written(*row) for row in zip(requests, new, read, strict=True)]

    def _written(self, request: ChatRequest, ids: list[int], read: int) -> Written:
        end = self.tokenizer.eos_token_id
        length = ids.index(end) if end in ids else len(ids)
        kept = ids[: min(length, request.max_tokens)]
        return Written(self.tokenizer.decode(kept), read, len(kept), length <= request.max_tokens and end in ids)


class Desk:
    """Gathers requests from many callers into batches for the one thread that owns the model."""

    def __init__(self, llm: LocalLlm) -> None:
        self._llm = llm
        self._waiting: queue.Queue[tuple[ChatRequest, Future[Written]]] = queue.Queue()
        threading.Thread(target=self._serve, daemon=True, name="local-llm").start()

    def ask(self, request: ChatRequest) -> Written:
        """Wait for the answer."""
        answer: Future[Written] = Future()
        self._waiting.put((request, answer))
        return answer.result()

    def _serve(self) -> None:
        while True:
            batch = self._gather()
            try:
                answers = list(zip(batch, self._llm.write([request for request, _ in batch]), strict=True))
            except Exception as error:
                for _, answer in batch:
                    answer.set_exception(error)
            else:
                for (_, answer), written in answers:
                    answer.set_result(written)

    def _gather(self) -> list[tuple[ChatRequest, Future[Written]]]:
        batch = [self._waiting.get()]
        deadline = time.monotonic() + GATHER_S
        while len(batch) < MOST_ROWS:
            try:
                batch.append(self._waiting.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                break
        return batch


def load(gguf: Path) -> LocalLlm:
    """Read model, tokenizer and chat template from one GGUF file."""
    place = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(**place)
    return LocalLlm(AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32), tokenizer)


def create_app(llm: LocalLlm, name: str) -> FastAPI:
    """The server around a model."""
    app = FastAPI(title="Local language model")
    desk = Desk(llm)

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "local"}]}

    @app.post("/v1/chat/completions")
    def complete(request: ChatRequest) -> dict[str, Any]:
        written = desk.ask(request)
        return {
            "object": "chat.completion",
            "model": name,
            "created": int(time.time()),
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": written.text},
                    "finish_reason": "stop" if written.is_finished else "length",
                }
            ],
            "usage": {
                "prompt_tokens": written.prompt_tokens,
                "completion_tokens": written.completion_tokens,
                "total_tokens": written.prompt_tokens + written.completion_tokens,
            },
        }

    return app


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, required=True, help="the model's file")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--threads", type=int, default=1, help="threads of the model (default 1)")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    uvicorn.run(create_app(load(given.gguf), given.gguf.stem), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
