"""Edits carried over from the model's small, blurred pictures to the source's own pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from PIL import Image, ImageFilter, ImageOps

from editing_service.carrying import (
    RADIUS,
    STIFFNESS,
    carry_over,
    carry_over_as_grey,
    carry_over_as_one,
    fit,
    keep_unchanged,
    repaint,
    restage,
)
from editing_service.images import FramedPicture, Pixels, frame_picture
from evaluation.pixels import pixels_of, psnr
from tests.editing_models import make_picture
from training.datasets.changes import Change, Recolour, SetPlace, SetTime, SetWeather, apply
from training.datasets.drawing import render
from training.datasets.world import Scene, Thing

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


def test_one_map_of_the_whole_picture_is_found_although_the_editor_left_some_of_it_out(
    source: Image.Image, framed: FramedPicture
) -> None:
    untouched = blurred(Image.fromarray(framed.pixels))
    edited = np.asarray(ImageOps.grayscale(Image.fromarray(untouched)).convert("RGB")).copy()
    edited[10:30, 10:40] = untouched[10:30, 10:40]  # as it was: still in colour
    found = np.asarray(carry_over_as_one(source, untouched, edited, framed.placement)).astype(int)
    assert np.ptp(found, axis=2).max() <= 6
    assert psnr(found.astype(np.uint8), np.asarray(ImageOps.grayscale(source).convert("RGB"))) > 38


def test_a_grey_picture_has_no_tint_whatever_the_editor_left_of_the_colours(
    source: Image.Image, framed: FramedPicture
) -> None:
    untouched = blurred(Image.fromarray(framed.pixels))
    grey = np.asarray(ImageOps.grayscale(Image.fromarray(untouched)).convert("RGB"))
    edited = (0.8 * grey + 0.2 * untouched + (12, 6, 0)).clip(0, 255).astype(np.uint8)  # pale and brownish
    found = np.asarray(carry_over_as_grey(source, untouched, edited, framed.placement)).astype(int)
    assert np.ptp(found, axis=2).max() == 0
    assert psnr(found.astype(np.uint8), np.asarray(ImageOps.grayscale(source).convert("RGB"))) > 25


@pytest.mark.parametrize("side", [6, 24])
def test_a_rare_colour_goes_through_the_one_map_like_any_other(side: int) -> None:
    """A grey picture with one red thing, made brighter."""
    own = np.tile(np.linspace(40, 200, 128, dtype=np.uint8)[None, :, None], (128, 1, 3))
    own[50 : 50 + side, 50 : 50 + side] = (200, 30, 30)
    placement = frame_picture(Image.fromarray(own), 128, 8).placement
    found = np.asarray(carry_over_as_one(Image.fromarray(own), own, own + 30, placement)).astype(int)
    assert np.abs(found - own - 30).max() <= 8


SCENE = Scene(place="snow", things=(Thing("cat", "orange", "right", "big"), Thing("star", "yellow", "left")))


@pytest.mark.parametrize("size", [(128, 128), (320, 320)])
def test_a_painted_thing_keeps_lines_that_the_edited_picture_blurs_or_lacks(size: tuple[int, int]) -> None:
    before, after = (render(scene).resize(size) for scene in (SCENE, apply(SCENE, Recolour("cat", "purple"))))
    framed = frame_picture(before, 128, 8)
    untouched, edited = blurred(Image.fromarray(framed.pixels)), blurred(after.resize((128, 128))).copy()
    edited[60:74, 80:128] = untouched[60:74, 80:128]  # the ears were left out
    kept = np.asarray(keep_unchanged(before, untouched, edited, framed.placement))
    painted = np.asarray(repaint(before, untouched, edited, framed.placement))
    changed = np.abs(np.asarray(after).astype(int) - np.asarray(before)).max(axis=2) > 40
    truth = np.asarray(after)
    assert psnr(painted[changed], truth[changed]) > psnr(kept[changed], truth[changed]) + 2
    assert np.array_equal(painted[:, : size[0] // 2], np.asarray(before)[:, : size[0] // 2])


def test_what_one_map_cannot_tell_is_taken_from_the_edited_picture() -> None:
    """A white boat whose hull is painted, while its white sail stays."""
    own = Image.new("RGB", (64, 64), (90, 160, 90))
    own.paste((240, 240, 240), (20, 10, 44, 50))
    edited = np.asarray(own).copy()
    edited[34:50, 20:44] = (230, 140, 30)
    found = np.asarray(repaint(own, np.asarray(own), edited, frame_picture(own, 64, 8).placement)).astype(int)
    assert np.abs(found - edited)[38:46, 24:40].max() < 30
    assert np.abs(found - edited)[14:26, 24:40].max() < 30


def test_nothing_is_painted_where_nothing_changed() -> None:
    own = pixels_of(SCENE)
    found = repaint(Image.fromarray(own), own, own, frame_picture(Image.fromarray(own), 128, 8).placement)
    assert np.array_equal(np.asarray(found), own)


def test_a_picture_taller_than_a_band_is_mapped_without_seams() -> None:
    source = Image.linear_gradient("L").resize((64, 700)).convert("RGB")
    framed = frame_picture(source, 128, 8)
    found = np.asarray(carry_over(source, framed.pixels, 255 - framed.pixels, framed.placement)).astype(int)
    assert found.shape == (700, 64, 3)
    assert np.abs(np.diff(found[:, :, 0], axis=0)).max() <= 4


def test_the_maps_are_those_of_least_squares_in_each_window() -> None:
    before, after = (torch.rand(3, 7, 9, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2))
    side = 2 * max(1, round(RADIUS * 9 / 128)) + 1

    def means(values: torch.Tensor) -> torch.Tensor:
        pooled = functional.avg_pool2d(values[None], side, stride=1, padding=side // 2, count_include_pad=False)
        return pooled[0]

    def matrices(mean: Callable[[torch.Tensor], torch.Tensor], leaning: torch.Tensor) -> torch.Tensor:
        known, sought = (each.permute(1, 2, 0) for each in (mean(before), mean(after)))
        products = torch.einsum("ihw,jhw->ijhw", before, before), torch.einsum("ihw,jhw->ijhw", after, before)
        spread, shared = (mean(each.flatten(0, 1)).permute(1, 2, 0).reshape(*known.shape, 3) for each in products)
        spread = spread - known[..., :, None] * known[..., None, :] + STIFFNESS * torch.eye(3)
        shared = shared - sought[..., :, None] * known[..., None, :] + STIFFNESS * leaning
        solved: torch.Tensor = torch.linalg.solve(spread.double(), shared.double(), left=False)
        return solved.float()

    whole = matrices(lambda values: values.mean(dim=(1, 2), keepdim=True), torch.eye(3))
    each = means(matrices(means, whole).flatten(2).permute(2, 0, 1))
    maps = fit(before, after)
    torch.testing.assert_close(maps.matrices, each, atol=1e-3, rtol=1e-3)
    offsets = means(means(after) - torch.einsum("ijhw,jhw->ihw", each.reshape(3, 3, 7, 9), means(before)))
    torch.testing.assert_close(maps.offsets, offsets, atol=1e-3, rtol=1e-3)


WALK = Scene(things=(Thing("cat", "orange", "left", "big"), Thing("house", "blue", "right")))
ALONE = replace(WALK, things=WALK.things[:1])


def restaged(scene: Scene, after: Scene, side: int = 128) -> tuple[Pixels, Pixels, Pixels]:
    """What is made of an edit that leads from one scene to another; the edited picture, and the true one."""
    source, truth = (render(each).resize((side, side), Image.Resampling.LANCZOS) for each in (scene, after))
    framed = frame_picture(source, 128, 8)
    untouched, edited = blurred(Image.fromarray(framed.pixels)), blurred(render(after))
    found = restage(source, untouched, edited, framed.placement)
    return np.asarray(found), np.asarray(Image.fromarray(edited).resize((side, side))), np.asarray(truth)


def standing(side: int) -> Pixels:
    """Where the house is, in a picture of this size: (side, side), true there."""
    differing = np.abs(np.asarray(render(WALK)).astype(int) - np.asarray(render(ALONE))).max(axis=2) > 0
    return np.asarray(Image.fromarray(differing).resize((side, side)))


@pytest.mark.parametrize("side", [128, 400])
@pytest.mark.parametrize("change", [SetTime("night"), SetTime("sunset"), SetPlace("beach"), SetWeather("rain")])
def test_things_keep_their_lines_where_the_scenery_around_them_is_drawn_anew(change: Change, side: int) -> None:
    found, edited, truth = restaged(WALK, apply(WALK, change), side)
    house = standing(side)
    assert psnr(found[house], truth[house]) > psnr(edited[house], truth[house]) + 2
    assert psnr(found, truth) > psnr(edited, truth)


def test_what_is_gone_behind_new_scenery_leaves_no_trace() -> None:
    found, edited, _ = restaged(WALK, apply(ALONE, SetTime("night")))
    house = standing(128)
    assert np.abs(found[house].astype(int) - edited[house]).mean() < 2


def test_what_is_new_in_the_scenery_is_as_the_editor_drew_it() -> None:
    after = apply(WALK, SetTime("night"))
    found, edited, _ = restaged(WALK, after)
    changed = np.abs(np.asarray(render(after)).astype(int) - np.asarray(render(replace(after, time="day")))).max(axis=2)
    lit = (np.asarray(render(after)).min(axis=2) > 180) & (changed > 0)  # the moon and the stars
    assert lit[:40].sum() > 20
    assert np.abs(found[:40].astype(int) - edited[:40])[lit[:40]].mean() < 6


@pytest.mark.parametrize("size", [(300, 2), (2, 300), (9, 9), (131, 77)])
def test_pictures_of_any_shape_can_be_restaged(size: tuple[int, int]) -> None:
    source = make_picture(3, size)
    framed = frame_picture(source, 128, 8)
    found = restage(source, framed.pixels, 255 - framed.pixels, framed.placement)
    assert found.size == size


def test_a_painted_thing_has_no_halo_of_its_new_colour() -> None:
    scene = replace(SCENE, time="night")
    before, after = (render(each) for each in (scene, apply(scene, Recolour("star", "green"))))
    framed = frame_picture(before, 128, 8)
    untouched = np.asarray(before.filter(ImageFilter.GaussianBlur(2)))
    edited = np.asarray(after.filter(ImageFilter.GaussianBlur(2)))
    painted = np.asarray(repaint(before, untouched, edited, framed.placement)).astype(int)
    own = np.asarray(before).astype(int)
    changed = np.abs(np.asarray(after).astype(int) - own).max(axis=2) > 0
    around = np.asarray(Image.fromarray(changed).convert("L").filter(ImageFilter.MaxFilter(9))) > 0
    assert np.abs(painted - own)[around & ~changed].mean() < 5
