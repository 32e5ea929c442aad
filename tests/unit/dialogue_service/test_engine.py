"""Loading a Blender, and replying with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, PreTrainedTokenizerBase

from dialogue_service.checkpoint import ModelUnusable
from dialogue_service.engine import ASKS_BELOW, generate, load
from dialogue_service.history import HistoryEncoder
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from shared.settings import Settings
from tests.dialogue_models import bpe_tokenizer, save_tiny, tiny_blender, wordpiece_tokenizer

REQUESTS = [
    DialogueRequest(caption="a red ball on the left", text="make the ball blue"),
    DialogueRequest(text="hello"),
    DialogueRequest(caption="a green tree", instructions=["remove the house"], text="paint the tree red please " * 5),
    DialogueRequest(text=""),
]


def test_an_untrained_model_never_edits(tmp_path: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    engine = load(str(save_tiny(tmp_path, tokenizer)), device="cpu")
    engine.warm_up()
    assert {reply.kind for reply in engine.reply(REQUESTS)} == {ReplyKind.CLARIFICATION}


def test_the_same_is_generated_alone_and_in_company(tokenizer: PreTrainedTokenizerBase) -> None:
    model = tiny_blender(tokenizer, seed=1).eval()
    model.generation_config.max_new_tokens = 12
    encoder = HistoryEncoder(tokenizer)
    inputs = [encoder.encode(request) for request in REQUESTS]
    alone = [generate(model, [ids])[0] for ids in inputs]
    assert generate(model, inputs) == alone


def test_the_setting_asks_below_what_was_measured() -> None:
    assert Settings().dialogue_asks_below == ASKS_BELOW


def test_the_longest_input_fits_the_positions() -> None:
    tokenizer = wordpiece_tokenizer()
    model = tiny_blender(tokenizer).eval()
    model.generation_config.max_new_tokens = 3
    long = "red house " * 300
    request = DialogueRequest(caption=long, instructions=[long] * 9, text=long)
    generate(model, [HistoryEncoder(tokenizer).encode(request)])


def test_the_facts_tell_name_digest_and_limits(tmp_path: Path) -> None:
    facts = load(str(save_tiny(tmp_path / "tiny", wordpiece_tokenizer())), device="cpu").facts
    assert (facts.name, facts.device, facts.dtype) == ("tiny", "cpu", "float32")
    assert facts.digest.startswith("sha256:")
    assert facts.limits.max_input_tokens == 128


def test_generation_defaults_of_a_checkpoint_do_not_count(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, wordpiece_tokenizer())
    written = json.loads((folder / "generation_config.json").read_text())
    written.update(num_beams=10, min_length=20, encoder_no_repeat_ngram_size=3)
    (folder / "generation_config.json").write_text(json.dumps(written))
    generation = load(str(folder), device="cpu").model.generation_config
    assert (generation.num_beams, generation.min_length, generation.encoder_no_repeat_ngram_size) == (1, 0, 0)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="nowhere is neither a folder nor a model id"):
        load(str(tmp_path / "nowhere"))


def test_an_empty_folder_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match=r"no readable config\.json"):
        load(str(tmp_path))


def test_another_architecture_is_named(tmp_path: Path) -> None:
    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(ModelUnusable, match="is a bert, not a Blenderbot"):
        load(str(tmp_path))


def test_pickled_weights_are_not_loaded(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, wordpiece_tokenizer())
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ModelUnusable, match="no safetensors weights"):
        load(str(folder))


def test_broken_weights_are_told_in_one_line(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, wordpiece_tokenizer())
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelUnusable, match="cannot be loaded") as raised:
        load(str(folder))
    assert "\n" not in str(raised.value)


def test_missing_weights_are_not_made_up(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, wordpiece_tokenizer())
    weights = load_file(folder / "model.safetensors")
    del weights["model.encoder.layer_norm.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnusable, match=r"lack model\.encoder\.layer_norm\.weight"):
        load(str(folder))


def test_a_tokenizer_without_control_tokens_is_unusable(tmp_path: Path) -> None:
    tokenizer = bpe_tokenizer()
    folder = save_tiny(tmp_path, tokenizer)
    bare = type(tokenizer)(vocab={"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4}, merges=[])
    for path in (*folder.glob("tokenizer*"), *folder.glob("vocab*"), *folder.glob("merges*")):
        path.unlink()
    bare.save_pretrained(folder)
    with pytest.raises(ModelUnusable, match="lacks the control tokens"):
        load(str(folder))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_missing_device_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="no CUDA device"):
        load(str(tmp_path), device="cuda")
