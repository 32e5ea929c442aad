"""Pictures: store one, get its bytes."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from starlette.datastructures import UploadFile

from gateway import described, examples
from gateway.caching import immutable, is_known
from gateway.dependencies import ImageId, OperationOf, PortsOf, Tenant
from gateway.idempotency import IdempotentRoute
from gateway.pictures import MEDIA_TYPES, instead_of, read_picture
from gateway.provenance import trace
from gateway.uploads import PNG, decode_upload, form_of, keep_picture
from shared.errors import InvalidRequest, UnsupportedMediaType
from shared.schemas.image import Image
from shared.schemas.problem import FieldError
from shared.schemas.provenance import Provenance

PHONE_TYPES = {"image/heic": "HEIC", "image/heif": "HEIC", "image/avif": "AVIF"}

router = APIRouter(prefix="/v1/images", tags=["images"], route_class=IdempotentRoute)

BINARY = {"schema": {"type": "string", "format": "binary"}}
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            **dict.fromkeys(sorted(MEDIA_TYPES), BINARY),
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": BINARY["schema"]}}
            },
        },
    }
}


@router.post(
    "",
    status_code=201,
    openapi_extra=UPLOAD,
    responses=described.answers(201, examples.IMAGE, *described.BODY, 409, 415),
)
async def create_image(
    request: Request, response: Response, tenant: Tenant, ports: PortsOf, operation: OperationOf
) -> Image:
    """Store a picture, sent as the body or as the multipart field `file`; it is kept as PNG.

    Its metadata is left out, but for the provenance that a picture of this project tells of (it is marked as claimed).
    """
    images = ports.stores.images
    if operation and operation.resource_id:
        image = await images.get(tenant, operation.resource_id)
    else:
        picture = await decode_upload(await _upload(request), read_picture, ports)
        image = await keep_picture(tenant, picture, ports, operation)
    response.headers["Location"] = image.urls.self
    return image


@router.get("/{image_id}", response_class=Response, responses=described.picture_answers())
async def get_image(
    image_id: ImageId, tenant: Tenant, ports: PortsOf, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Get a picture's bytes; they never change, so a client may keep them."""
    sample = ports.samples.find(image_id)
    if sample is not None:
        return immutable(sample.png, PNG, sample.sha256, if_none_match)
    images = ports.stores.images
    image = await images.get(tenant, image_id)
    data = b"" if is_known(image.sha256, if_none_match) else await images.read(tenant, image_id)
    return immutable(data, image.media_type, image.sha256, if_none_match)


@router.get("/{image_id}/provenance", responses=described.answers(200, examples.PROVENANCE, 404))
async def get_provenance(image_id: ImageId, tenant: Tenant, ports: PortsOf) -> Provenance:
    """Read which edits made a picture, newest first, back to the one that was uploaded.

    What is not on record here is read from the picture's file; of an upload that is its sender's claim.
    """
    return await trace(tenant, image_id, ports)


async def _upload(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in MEDIA_TYPES:
        return await request.body()
    if media_type in PHONE_TYPES:
        raise UnsupportedMediaType(instead_of(PHONE_TYPES[media_type]))
    if media_type != "multipart/form-data":
        raise UnsupportedMediaType("Send image/png, image/jpeg or image/webp, or a form with the field `file`.")
    async with form_of(request, max_files=1, max_fields=8) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            wrong = FieldError(field="file", message="put the picture into this field")
            raise InvalidRequest("The form has no file in its field `file`.", errors=[wrong])
        return await file.read()
