"""What is answered below /openai/v1, as OpenAI's clients read it; `edit_id` is ours, for the calls of /v1/edits."""

from typing import Literal

from pydantic import Field

from shared.schemas.base import Resource
from shared.schemas.operations import EditingModel

OWNER = "dialogpaint"


class ModelCard(Resource):
    """A model that can be named in a call."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(default=0, description="0: weights do not tell when they were made")
    owned_by: str = OWNER

    @classmethod
    def of(cls, model: EditingModel) -> "ModelCard":
        """The card of the served model."""
        return cls(id=model.name)


class ModelCards(Resource):
    """All of them."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class TokenDetails(Resource):
    """Tokens by kind."""

    image_tokens: int = 0
    text_tokens: int = 0


class Usage(Resource):
    """All zero: this server counts no tokens, but programs expect the fields."""

    input_tokens: int = 0
    input_tokens_details: TokenDetails = TokenDetails()
    output_tokens: int = 0
    total_tokens: int = 0


class PictureData(Resource):
    """One picture, by its bytes or by where they are."""

    b64_json: str | None = None
    url: str | None = None


class EditedImages(Resource):
    """The answer in one piece."""

    created: int = Field(description="seconds since 1970")
    data: list[PictureData]
    background: Literal["opaque"] = "opaque"
    output_format: str
    size: str = Field(description="WIDTHxHEIGHT in pixels")
    usage: Usage = Usage()
    edit_id: str


class PictureEvent(Resource):
    """An event of a stream: a partial image, which has an index, or a finished one, which has a usage."""

    type: Literal["image_edit.partial_image", "image_edit.completed"]
    b64_json: str
    background: Literal["opaque"] = "opaque"
    created_at: int = Field(description="seconds since 1970")
    output_format: str
    quality: Literal["auto"] = "auto"
    size: str = Field(description="WIDTHxHEIGHT in pixels")
    partial_image_index: int | None = None
    usage: Usage | None = None
    edit_id: str
