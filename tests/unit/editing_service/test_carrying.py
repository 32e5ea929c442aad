"""Edits carried over from the model's small, blurred pictures to the source's own pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from editing_service.carrying import carry_over, keep_unchanged
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


def test_where_no_colour_changed_the_source_stays_as_it_is(source: Image.Image, framed: FramedPicture) -> None:
    untouched = blurred(Image.fromarray(framed.pixels))
    found = carried(source, framed, untouched).astype(int)
    assert np.abs(found - np.asarray(source)).max() <= 1


def test_muted_colours_change_too() -> None:
    tinted = Image.new("RGB", LARGE, (104, 100, 95))
    small = frame_picture(tinted, 128, 8)
    grey = np.asarray(ImageOps.grayscale(Image.fromarray(small.pixels)).convert("RGB"))
    found = np.asarray(carry_over(tinted, small.pixels, grey, small.placement)).astype(int)
    assert np.ptp(found, axis=2).max() <= 2


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
    assert np.abs(found[-20:].astype(int) - np.asarray(source)[-20:]).mean() < 3


def test_new_things_stand_where_something_changed_and_the_rest_keeps_its_own_pixels() -> None:
    untouched = np.full((64, 64, 3), 100, np.uint8)  # what the autoencoder makes of the source
    edited, own = untouched.copy(), Image.effect_noise((64, 64), 10).convert("RGB")
    edited[:, 40:] = 200
    found = np.asarray(keep_unchanged(own, untouched, edited, frame_picture(own, 64, 8).placement))
    assert found[:, 45:].min() == 200
    assert np.array_equal(found[:, :34], np.asarray(own)[:, :34])


def test_a_slight_change_everywhere_is_carried_over_in_part_and_noise_is_not() -> None:
    own, grey = Image.new("RGB", (32, 32), (100, 100, 100)), np.full((32, 32, 3), 100, np.uint8)
    placement = frame_picture(own, 32, 8).placement
    assert np.array_equal(np.asarray(keep_unchanged(own, grey, grey + 4, placement)), grey)
    assert 100 < np.asarray(keep_unchanged(own, grey, grey + 16, placement)).min() < 116


def test_a_picture_taller_than_a_band_is_mapped_without_seams() -> None:
    source = Image.linear_gradient("L").resize((64, 700)).convert("RGB")
    framed = frame_picture(source, 128, 8)
    found = np.asarray(carry_over(source, framed.pixels, 255 - framed.pixels, framed.placement)).astype(int)
    assert found.shape == (700, 64, 3)
    assert np.abs(np.diff(found[:, :, 0], axis=0)).max() <= 4
