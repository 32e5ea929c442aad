"""The pool of encoded edits: scenes and pictures of nothing in particular side by side."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderTiny

from training import latents
from training.datasets.changes import Relight, SetStyle, family_of
from training.datasets.textures import ANYWHERE
from training.latents import POOL_WEIGHTS, Pool, encode_pool


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool of two groups of scenes and three textures."""
    folder = tmp_path_factory.mktemp("pool")
    torch.manual_seed(0)
    autoencoder = AutoencoderTiny(
        latent_channels=4, encoder_block_out_channels=(8,) * 4, decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(0, 1, 1, 1), num_decoder_blocks=(1, 1, 1, 0),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latents, "GROUPS_PER_SHARD", 3)
        encode_pool(autoencoder, folder, range(3), textures=3)
    return folder


def test_a_pool_holds_scenes_and_textures(folder: Path) -> None:
    assert [path.name for path in sorted(folder.iterdir())] == ["shard-0000.pt", "textures-0000.pt"]
    assert len(Pool(folder)) > 3 * len(ANYWHERE)


def test_every_edit_of_any_picture_is_drawn_with_its_latents(folder: Path) -> None:
    batch = Pool(folder).draw(random.Random(0), 40, {**dict.fromkeys(POOL_WEIGHTS, 0.0), "style": 5.0, "light": 2.0})
    assert {type(change) for change in batch.changes} == {SetStyle, Relight}
    assert batch.sources.shape == batch.targets.shape == (40, 4, 16, 16)
    assert not torch.equal(batch.sources, batch.targets)
    assert batch.masks.mean() > 0.5


def test_families_are_drawn_by_their_weights(folder: Path) -> None:
    batch = Pool(folder).draw(random.Random(0), 40, {**dict.fromkeys(POOL_WEIGHTS, 0.0), "light": 1.0})
    assert {family_of(change) for change in batch.changes} == {"light"}


def test_a_folder_without_shards_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"python -m training\.latents"):
        Pool(tmp_path)
