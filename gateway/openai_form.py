"""The form of OpenAI's Images edit call: what it asks for, and the pictures that come with it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from starlette.datastructures import UploadFile

from gateway.uploads import form_of
from shared.errors import InvalidRequest, UnsupportedMediaType
from shared.schemas.base import Text
from shared.schemas.parameters import (
    Count,
    EditParameters,
    ImageGuidanceScale,
    Quality,
    Seed,
    Steps,
    TextGuidanceScale,
)

MAX_FILES, MAX_FIELDS = 32, 64
AUTO = "auto"
ONE_PICTURE = "This server edits one picture a call, and {} came. Send one, and edit the others in calls of their own."


def _known_size(size: str) -> str:
    width, _, height = size.partition("x")
    sides = (width, height)
    if size == AUTO or all(side.isascii() and side.isdigit() and len(side) <= 5 and int(side) for side in sides):
        return size
    raise ValueError("write auto, or width and height in pixels such as 512x512")


class EditForm(BaseModel):
    """The text fields of the form, under OpenAI's names and with its meanings; the last four are ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    prompt: Text
    model: str | None = None
    n: Count = 1
    size: Annotated[str, AfterValidator(_known_size)] = AUTO
    stream: bool = False
    response_format: Literal["b64_json", "url"] = "b64_json"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    output_compression: Annotated[int, Field(ge=0, le=100)] = 100
    background: Literal["auto", "opaque"] = "auto"
    partial_images: Annotated[int, Field(ge=0, le=3)] = 0

    quality: str | None = None  # low is served as fast, everything else as exact

    # Taken so that programs written for other models run as they are; nothing here depends on them.
    moderation: str | None = None
    input_fidelity: str | None = None
    complexity: str | None = None
    user: str | None = None
    safety_identifier: str | None = None

    steps: Steps | None = None
    text_guidance_scale: TextGuidanceScale | None = None
    image_guidance_scale: ImageGuidanceScale | None = None
    seed: Seed | None = None

    @field_validator("response_format")
    @classmethod
    def _streams_no_urls(cls, response_format: str, info: ValidationInfo) -> str:
        if response_format == "url" and info.data.get("stream"):
            raise ValueError("a stream brings its pictures as b64_json; leave response_format out")
        return response_format

    @property
    def pixels(self) -> tuple[int, int] | None:
        """The (width, height) asked for; None for the picture's own."""
        if self.size == AUTO:
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)

    def parameters(self, default_steps: int) -> EditParameters:
        """What the edit shall run with; previews are spread over its steps, at least one for each partial image."""
        steps = self.steps or default_steps
        previewing = self.stream and self.partial_images > 0
        return EditParameters(
            steps=steps,
            text_guidance_scale=self.text_guidance_scale,
            image_guidance_scale=self.image_guidance_scale,
            seed=self.seed,
            count=self.n,
            quality=Quality.FAST if self.quality == "low" else None,
            preview_every=max(1, steps // (self.partial_images + 1)) if previewing else 0,
        )


@dataclass(frozen=True)
class EditCall:
    """One call: the form, the bytes of the picture, and those of the mask if there is one."""

    form: EditForm
    image: bytes
    mask: bytes | None


async def read_call(request: Request) -> EditCall:
    """Read the call; raises UnsupportedMediaType, InvalidRequest or RequestValidationError."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        raise UnsupportedMediaType("Send a form (multipart/form-data) with the fields image and prompt.")
    if "idempotency-key" in request.headers:
        await request.body()  # kept by the request, for the fingerprint that goes with the key
    texts: dict[str, str] = {}
    files: dict[str, list[bytes]] = {"image": [], "mask": []}
    async with form_of(request, MAX_FILES, MAX_FIELDS) as form:
        for key, value in form.multi_items():
            name = key.removesuffix("[]")  # how OpenAI's clients name the items of a list
            if not isinstance(value, UploadFile):
                texts.update({name: value} if value else {})
            elif name in files:
                files[name].append(await value.read())
            else:
                texts[name] = ""  # a file that no field takes
    return EditCall(_form(texts), _only(files["image"]), files["mask"][0] if files["mask"] else None)


def _form(texts: dict[str, str]) -> EditForm:
    try:
        return EditForm.model_validate(texts)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


def _only(images: list[bytes]) -> bytes:
    if len(images) == 1:
        return images[0]
    detail = ONE_PICTURE.format(len(images)) if images else "Send the picture as a file in the field image."
    raise InvalidRequest.about("image", detail)
