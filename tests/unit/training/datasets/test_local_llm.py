"""The local language-model server, with a tiny Llama in a real GGUF file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from fastapi.testclient import TestClient

from training.datasets.local_llm import ChatMessage, ChatRequest, LocalLlm, create_app, load

WIDTH, HEADS, INNER = 32, 2, 48
TEMPLATE = "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + ' ' }}{% endfor %}"


def write_gguf(path: Path) -> None:
    """An untrained Llama of one layer over single letters."""
    words = ["<|end|>", *(chr(code) for code in range(33, 127)), "Ġ", "Ġa"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(256)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(words)
    writer.add_token_types([gguf.TokenType.CONTROL, *[gguf.TokenType.NORMAL] * (len(words) - 1)])
    writer.add_token_merges(["Ġ a"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    writer.add_chat_template(TEMPLATE)
    for name, shape in shapes(len(words)).items():
        rng = np.random.default_rng(len(name))
        writer.add_tensor(name, rng.normal(0, 0.3, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def shapes(words: int) -> dict[str, tuple[int, ...]]:
    """The tensors of the file."""
    square, up, down = (WIDTH, WIDTH), (INNER, WIDTH), (WIDTH, INNER)
    attention = {f"blk.0.attn_{name}.weight": square for name in ("q", "k", "v", "output")}
    feed = {"blk.0.ffn_gate.weight": up, "blk.0.ffn_up.weight": up, "blk.0.ffn_down.weight": down}
    norms = {f"{name}.weight": (WIDTH,) for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm")}
    tables = {"token_embd.weight": (words, WIDTH), "output.weight": (words, WIDTH)}
    return {**tables, **attention, **feed, **norms}


@pytest.fixture(scope="module")
def llm(tmp_path_factory: pytest.TempPathFactory) -> LocalLlm:
    """The model, read from its file."""
    path = tmp_path_factory.mktemp("llm") / "tiny.gguf"
    write_gguf(path)
    return load(path)


def chat(text: str, tokens: int, temperature: float = 0.0) -> ChatRequest:
    """A question of one message."""
    message = ChatMessage(role="user", content=text)
    return ChatRequest(model="tiny", messages=[message], max_tokens=tokens, temperature=temperature)


def test_an_answer_is_the_same_alone_and_in_company(llm: LocalLlm) -> None:
    short, long = chat("hi", 8), chat("a much longer question than that", 8)
    (alone,) = llm.write([short])
    assert llm.write([short, long])[0] == alone
    assert alone.prompt_tokens == len("user: hi ")


def test_each_answer_is_as_long_as_it_may_be(llm: LocalLlm) -> None:
    brief, other = llm.write([chat("hello there", 2), chat("hello there", 9)])
    assert brief.completion_tokens <= 2 < other.completion_tokens <= 9
    assert not brief.is_finished


def test_sampling_depends_on_the_seed(llm: LocalLlm) -> None:
    texts = {llm.write([chat("hello", 12, 1.5).model_copy(update={"seed": seed})])[0].text for seed in (1, 1, 2, 3)}
    assert len(texts) == 3


def test_it_speaks_openai_to_many_at_once(llm: LocalLlm) -> None:
    client = TestClient(create_app(llm, "tiny"))
    assert client.get("/v1/models").json()["data"][0]["id"] == "tiny"
    bodies: list[dict[str, Any]] = [chat(f"question {number}", 4).model_dump() for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: client.post("/v1/chat/completions", json=body).json(), bodies))
    for body, answer in zip(bodies, answers, strict=True):
        (expected,) = llm.write([ChatRequest.model_validate(body)])
        assert answer["choices"][0]["message"] == {"role": "assistant", "content": expected.text}
        assert answer["usage"]["completion_tokens"] == expected.completion_tokens
    assert client.post("/v1/chat/completions", json={**bodies[0], "messages": []}).status_code == 422
