"""A Blender's encoder that is taught MiniLM's own last states, once it starts near them.

`minilm_encoder` carries MiniLM's layers over with an error that grows from layer to layer: after six, their states have
nothing in common with MiniLM's (cosine 0.05). Some minutes of learning to give the same states for the same texts bring
that to 0.9, so that all six layers can be had, and with them what MiniLM knows about which sentences mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm.auto import tqdm
from transformers import BertModel, BlenderbotForConditionalGeneration

from dialogue_service.history import USER
from training.dialogue_batches import Batch
from training.run import mixed_precision
from training.tokenizer import SPECIAL_TOKENS, UNKNOWN, read_table

WARMUP_STEPS = 20


def learn_states(
    model: BlenderbotForConditionalGeneration,
    folder: Path,
    pieces: Sequence[str],
    batches: Callable[[int], Sequence[Batch]],
    steps: int,
    learning_rate: float = 5e-4,
) -> float:
    """Teach the encoder the last states of the MiniLM in `folder` on what `batches` gives for each step.

    `pieces` are the words of the table's last rows. Returns the mean cosine between both models' states at the end.
    """
    bert = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    theirs = minilm_ids(folder, pieces)
    encoder = model.model.encoder
    optimizer = torch.optim.AdamW(encoder.parameters(), learning_rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=mixed_precision(on_cpu=True) == "bf16")
    alike = 0.0
    for step in tqdm(range(steps), desc="MiniLM's states", mininterval=5):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * min(1.0, (step + 1) / WARMUP_STEPS) * (1 - step / steps)
        loss = torch.zeros(())
        for part in batches(step):
            mask = part.attention_mask
            with autocast:
                found = encoder(part.input_ids, attention_mask=mask).last_hidden_state[mask.bool()]
                with torch.no_grad():
                    wanted = bert(theirs[part.input_ids], attention_mask=mask).last_hidden_state[mask.bool()]
            loss = loss + (found.float() - wanted.float()).square().mean() / wanted.float().var()
            alike = float(torch.cosine_similarity(found.detach().float(), wanted.float(), dim=-1).mean())
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return alike


def minilm_ids(folder: Path, pieces: Sequence[str]) -> Tensor:
    """MiniLM's id for each of ours: control tokens stand for the marks between which it reads texts."""
    places = {piece: index for index, piece in enumerate(read_table(folder))}
    marks = {USER: "[CLS]", UNKNOWN: "[UNK]"}
    special = [places[marks.get(token, "[SEP]")] for token in SPECIAL_TOKENS]
    return torch.tensor([*special, *(places[piece] for piece in pieces)])
