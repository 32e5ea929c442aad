"""Base classes and small types that the other schemas share."""

import unicodedata
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

Item = TypeVar("Item")

UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"})  # categories of characters that show nothing
MAX_TEXT = 2_000  # characters of what a person may say at once
MAX_URL = 2_048
HTTP_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

ID_PATTERN = r"^[a-z]+_[A-Za-z0-9_-]{1,64}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


def visible(text: str) -> str:
    """Return the text without control characters; raises ValueError if nothing of it can be seen."""
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc").strip()
    if all(unicodedata.category(char) in UNSEEN for char in kept):
        raise ValueError("write something that can be read")
    return kept


def plain_url(text: str) -> str:
    """Return an http(s) URL in the one form that everybody reads alike; raises ValueError."""
    try:
        url = HTTP_URL.validate_python(text, strict=True)
    except ValidationError as error:
        raise ValueError("write an http:// or https:// URL") from error
    if url.username is not None or url.password is not None:
        raise ValueError("leave user and password out of the URL")
    return str(url)


Text = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TEXT, strip_whitespace=True), AfterValidator(visible)
]
WebhookUrl = Annotated[
    str,
    StringConstraints(max_length=MAX_URL),
    AfterValidator(plain_url),
    Field(description="told of the edit's end by a signed POST (Standard Webhooks); a public http:// or https:// URL"),
]
Moment = AwareDatetime


class Request(BaseModel):
    """What a client or another process sends: strict about types, and an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Resource(BaseModel):
    """What an answer holds; a reader skips fields it does not know, so that servers may add some."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Page(Resource, Generic[Item]):
    """Some items of a longer list, and where the next page begins (None on the last page)."""

    items: list[Item]
    next_cursor: str | None = Field(default=None, description="pass it as `cursor` to read on")
