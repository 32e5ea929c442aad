"""Edits carried over from the model's small, blurred pictures to the source's own pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from editing_service.carrying import carry_over
from editing_service.images import FramedPicture, Pixels, frame_picture
from evaluation.pixels import psnr
from tests.editing_models import make_picture

LARGE = (300, 200)


@pytest.fixture
def source() -> Image.Image:
    """A picture with detail that a frame of 128 pixels cannot hold."""
    noise = np.random.default_rng(0).integers(-20, 21, (LARGE[1], LARGE[0], 3))
    levels = np.asarray(make_picture(3, LARGE).filter(ImageFilter.GaussianBlur(2))).astype(int)
    return Image.fromarray((levels + noise).clip(0, 255).astype(np.uint8))


@pytest.fixture
def framed(source: Image.Image) -> FramedPicture:
    """The source in the model's frame."""
    return frame_picture(source, 128, 8)


def blurred(picture: Image.Image) -> Pixels:
    """As an autoencoder would render it."""
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)))


def carried(source: Image.Image, framed: FramedPicture, edited: Pixels) -> Pixels:
    untouched = blurred(Image.fromarray(framed.pixels))
    return np.asarray(carry_over(source, untouched, edited, framed.placement))


def test_where_nothing_was_edited_the_sources_own_pixels_stay(source: Image.Image, framed: FramedPicture) -> None:
    untouched = blurred(Image.fromarray(framed.pixels))
    assert np.array_equal(carried(source, framed, untouched), np.asarray(source))
    assert np.array_equal(carried(source, framed, np.clip(untouched, 4, 251) + 4), np.asarray(source))


@pytest.mark.parametrize("edit", [ImageOps.invert, lambda picture: ImageOps.grayscale(picture).convert("RGB")])
def test_new_colours_reach_detail_that_the_frame_does_not_hold(
    source: Image.Image, framed: FramedPicture, edit: object
) -> None:
    assert callable(edit)
    edited = np.asarray(edit(Image.fromarray(blurred(Image.fromarray(framed.pixels)))))
    truth = np.asarray(edit(source))
    enlarged = np.asarray(Image.fromarray(edited).resize(LARGE, Image.Resampling.LANCZOS))
    found = carried(source, framed, edited)
    assert psnr(found, truth) > psnr(enlarged, truth) + 6


def test_a_new_thing_is_taken_from_the_edited_picture(source: Image.Image, framed: FramedPicture) -> None:
    edited = blurred(Image.fromarray(framed.pixels)).copy()
    stripes = np.arange(40) // 5 % 2 * 255
    edited[20:60, 40:80] = stripes[:, None, None]
    found = carried(source, framed, edited)
    scale = LARGE[0] / 128
    row, column = round(22 * scale), round(60 * scale)  # the middle of the first, black stripe
    assert found[row, column].max() < 40
    assert found[row + round(5 * scale), column].min() > 215
    assert np.array_equal(found[-20:], np.asarray(source)[-20:])


def test_a_picture_taller_than_a_band_is_mapped_without_seams() -> None:
    source = Image.linear_gradient("L").resize((64, 700)).convert("RGB")
    framed = frame_picture(source, 128, 8)
    found = np.asarray(carry_over(source, framed.pixels, 255 - framed.pixels, framed.placement)).astype(int)
    assert found.shape == (700, 64, 3)
    assert np.abs(np.diff(found[:, :, 0], axis=0)).max() <= 4
