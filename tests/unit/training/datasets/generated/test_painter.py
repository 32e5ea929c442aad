from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.painting_models import make_painter, save_painter
from training.datasets.generated.painter import Painter, Stroke, UnusablePainter, shared_attention

STEPS = 4


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Painter:
    return Painter(save_painter(tmp_path_factory.mktemp("painter")), STEPS, 32, "cpu")


def levels(pair: tuple[Image.Image, Image.Image] | None) -> tuple[np.ndarray, np.ndarray]:
    assert pair is not None
    return np.asarray(pair[0], dtype=int), np.asarray(pair[1], dtype=int)


def test_the_same_words_and_seed_paint_the_same_picture_twice(painter: Painter) -> None:
    (pair,) = painter.paint("a red house", "a red house", Stroke((3,), 7.5, 0.0))
    before, after = levels(pair)
    assert before.shape == (32, 32, 3)
    assert np.abs(before - after).max() <= 1


def test_other_words_and_other_seeds_paint_others(painter: Painter) -> None:
    one, two = painter.paint("a red house", "q8 zz 7", Stroke((3, 4), 7.5, 0.0))
    before, after = levels(one)
    other, _ = levels(two)
    assert np.abs(before - after).max() > 1
    assert np.abs(before - other).max() > 20


def test_a_seed_paints_the_same_pair_in_any_batch(painter: Painter) -> None:
    _, together = painter.paint("a red house", "a blue tree", Stroke((3, 4), 7.5, 0.5))
    (alone,) = painter.paint("a red house", "a blue tree", Stroke((4,), 7.5, 0.5))
    for one, other in zip(levels(together), levels(alone), strict=True):
        assert np.abs(one - other).max() <= 1


def test_shared_attention_gives_odd_rows_the_queries_and_keys_of_even_ones_while_it_lasts() -> None:
    unet = make_painter().unet
    torch.manual_seed(0)
    sample = torch.randn(4, 4, 4, 4)
    words = torch.randn(4, 3, 16)
    seen: list[torch.Tensor] = []
    with torch.inference_mode(), shared_attention(unet, steps=1):
        name, query = next((name, one) for name, one in unet.named_modules() if name.endswith(".attn1.to_q"))
        hook = query.register_forward_hook(lambda _module, _inputs, output: seen.append(output.clone()))
        first = unet(sample, 10, words).sample
        second = unet(sample, 10, words).sample
        hook.remove()
    assert name
    assert torch.equal(seen[0][0], seen[0][1])
    assert torch.equal(seen[0][2], seen[0][3])
    assert not torch.equal(seen[1][0], seen[1][1])
    with torch.inference_mode():
        plain = unet(sample, 10, words).sample
    assert torch.equal(plain, second)
    assert torch.allclose(plain[0::2], first[0::2], atol=1e-5)
    assert not torch.allclose(plain[1::2], first[1::2], atol=1e-5)


def test_a_folder_that_is_no_pipeline_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusablePainter, match="no diffusers pipeline"):
        Painter(tmp_path)
