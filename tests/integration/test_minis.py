"""The shipped minis themselves: small enough, carded, loadable by their libraries, and equal there and here."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image

from dialogue_service.engine import load
from editing_service.failures import EditCanceled
from editing_service.guidance import GuidanceScales
from editing_service.images import Pixels
from editing_service.model import load_model
from editing_service.runs import RunRequest
from evaluation.editor import Editor
from evaluation.photographs import generated
from evaluation.pixels import pixels_of, psnr
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from training.datasets.drawing import apply_style, render
from training.datasets.edits import scene_rng
from training.datasets.world import Scene, sample_scene

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
EDITOR, DIALOGUE = CHECKPOINTS / "mini-editor", CHECKPOINTS / "mini-dialogue"
INSTRUCTIONS = (
    "paint the house blue",
    "make it night",
    "make it sepia",
    "remove the tree",
    "move it to the beach",
    "make it rain",
    "add a yellow balloon in the middle",
    "make it pixel art",
)
SCALES = (1.5, 1.0, 3.0, 7.5, 1.0, 2.0, 1.5, 1.2)


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    editor = Editor(load_model(str(EDITOR), device="cpu", dtype="float32"))
    yield editor
    editor.close()


def scene(index: int) -> Scene:
    return sample_scene(scene_rng("test", 99, index))


def far_apart(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other).max())


def test_both_minis_together_are_small_and_have_cards() -> None:
    size = sum(path.stat().st_size for path in CHECKPOINTS.rglob("*") if path.is_file())
    assert size <= 100_000_000
    assert all((folder / "README.md").stat().st_size > 500 for folder in (EDITOR, DIALOGUE))


def test_weights_are_float16_safetensors_and_nothing_is_pickled() -> None:
    names = {path.suffix for path in CHECKPOINTS.rglob("*") if path.is_file()}
    assert names <= {".safetensors", ".json", ".md", ".txt"}


@pytest.mark.parametrize(("text", "image", "steps"), [(1.5, 1.0, 3), (3.0, 1.3, 8)])
def test_diffusers_pipeline_gives_the_engines_picture(editor: Editor, text: float, image: float, steps: int) -> None:
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(EDITOR, safety_checker=None, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    for index, instruction in enumerate(INSTRUCTIONS[:3]):
        theirs = pipeline(
            instruction,
            image=render(scene(index)),
            num_inference_steps=steps,
            guidance_scale=text,
            image_guidance_scale=image,
            generator=torch.Generator().manual_seed(7),
        ).images[0]
        request = RunRequest(
            pixels=pixels_of(scene(index)),
            picture_hash=f"theirs-{index}",
            instructions=(instruction,),
            steps=steps,
            scales=GuidanceScales(text=text, image=image),
            seed=7,
        )
        assert far_apart(editor.engine.submit(request).result().pixels, np.asarray(theirs)) <= 1


def test_eight_unlike_edits_at_once_give_the_pictures_each_gives_alone(editor: Editor) -> None:
    requests = [
        RunRequest(
            pixels=pixels_of(scene(index)),
            picture_hash=f"minis-{index}",
            instructions=(instruction,),
            steps=3 + 2 * index,
            scales=GuidanceScales(text=SCALES[index], image=1.0 + 0.1 * (index % 3)),
            seed=index,
        )
        for index, instruction in enumerate(INSTRUCTIONS)
    ]
    alone = [editor.engine.submit(request).result().pixels for request in requests]
    together = [editor.engine.submit(request) for request in requests]
    together[0].result()  # the one with the fewest steps; the last is then about half way
    together[-1].cancel()
    with pytest.raises(EditCanceled):
        together[-1].result()
    for index, handle in enumerate(together[:-1]):
        assert far_apart(handle.result().pixels, alone[index]) <= 1


def test_a_picture_that_is_no_scene_gets_its_styles_in_full_size_and_nothing_else(editor: Editor) -> None:
    picture = generated(3)["generated 2"]
    grey = editor.edit(picture, "make it black and white", editor.settings())
    assert grey.shape == picture.shape
    assert psnr(grey, np.asarray(apply_style(Image.fromarray(picture), "black and white"))) > 20
    assert np.array_equal(editor.edit(picture, "remove the ball", editor.settings()), picture)


def test_the_mini_blender_states_an_instruction_and_asks_back() -> None:
    engine = load(str(DIALOGUE))
    caption = "a red house on the left and a green tree on the right, in a meadow"
    plain, vague = engine.reply(
        [DialogueRequest(caption=caption, text=text) for text in ("paint the house blue", "make it more fun")]
    )
    assert plain.instruction == "paint the house blue"
    assert vague.kind is ReplyKind.CLARIFICATION
