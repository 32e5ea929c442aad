"""Invitations: keys that let people vote in one study and see its pictures, and nothing else.

`tenant.study_id.secret`, sent like any key. The secret is drawn from the study's salt, so nothing more is kept, and an
invitation ends with its study.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from shared.errors import NotFound, Unauthorized
from shared.schemas.study import invitation_secret
from shared.storage.studies import OpenStudy, StudyStore

_BEARER = re.compile(
    r"Bearer +(?P<tenant>[A-Za-z0-9_-]{1,64})\.(?P<study>study_[A-Za-z0-9_-]{1,64})\.(?P<secret>[0-9a-f]{32}) *",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"/v1/images/(?P<id>[A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True)
class Guest:
    """Somebody who was invited: whose study it is, and under what name requests are counted."""

    tenant: str
    counted_as: str


async def guest_of(authorization: str | None, method: str, path: str, studies: StudyStore) -> Guest | None:
    """Return who sent an invitation for this request; None if none was sent.

    Raises Unauthorized for an invitation that is not known, and for one that does not reach so far.
    """
    sent = _BEARER.fullmatch(authorization or "")
    if sent is None:
        return None
    try:
        opened = await studies.open(sent["tenant"], sent["study"])
    except NotFound:
        raise Unauthorized("This study does not exist any more, or its address is not complete.") from None
    if not hmac.compare_digest(invitation_secret(opened.salt), sent["secret"]):
        raise Unauthorized("This invitation is not known: its address is not complete.")
    if not _reaches(opened, method, path):
        raise Unauthorized("This invitation is for voting in its study, and for nothing else.")
    counted = hashlib.sha256(sent["study"].encode()).hexdigest()[:16]
    return Guest(sent["tenant"], f"guests-{counted}")


def _reaches(opened: OpenStudy, method: str, path: str) -> bool:
    own = f"/v1/studies/{opened.study.id}"
    if (method, path) in (("GET", f"{own}/next"), ("POST", f"{own}/votes")):
        return True
    picture = _PICTURE.fullmatch(path)
    return method in ("GET", "HEAD") and picture is not None and picture["id"] in opened.study.image_ids()
