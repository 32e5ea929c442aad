"""Whether a picture says of its pixels how transparent they are, and how it looks on white."""

from PIL import Image


def is_transparent(picture: Image.Image) -> bool:
    """Whether a picture says of its pixels how transparent they are."""
    if picture.mode.startswith("I") or (picture.mode == "P" and picture.palette is None):  # a file may leave it out
        return False
    return picture.has_transparency_data


def on_white(picture: Image.Image) -> Image.Image:
    """The picture in RGB, as it looks on white; the very same where it is so already."""
    if not is_transparent(picture):
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
