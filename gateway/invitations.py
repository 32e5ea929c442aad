"""Invitations: keys that let people vote in one study and see its pictures, and nothing else.

`tenant.study_id.secret`, sent like any key. The secret is drawn from the study's salt, so nothing more is kept, and an
invitation ends with its study, or with the last key of the tenant whose it is.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from shared.errors import NotFound, Unauthorized
from shared.schemas.study import invitation_secret
from shared.storage.studies import StudyStore

_BEARER = re.compile(
    r"Bearer +(?P<tenant>[A-Za-z0-9_-]{1,64})\.(?P<study>study_[A-Za-z0-9_-]{1,64})\.(?P<secret>[0-9a-f]{32}) *",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"/v1/images/(?P<id>[A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True)
class Guest:
    """Somebody who sent an invitation, which nobody has looked at yet."""

    tenant: str
    study_id: str
    secret: str

    def counted_as(self, client_host: str | None) -> str:
        """Under what name requests are counted: one for each study and address, which no tenant can have."""
        return "~" + hashlib.sha256(f"{self.study_id} {client_host}".encode()).hexdigest()[:24]


def guest_of(authorization: str | None) -> Guest | None:
    """Return who sent an invitation in place of a key; None if none was sent."""
    sent = _BEARER.fullmatch(authorization or "")
    return Guest(sent["tenant"], sent["study"], sent["secret"]) if sent else None


async def let_in(guest: Guest, method: str, path: str, studies: StudyStore) -> None:
    """Raise Unauthorized for an invitation that is not known, and for one that does not reach so far."""
    try:
        salt = await studies.salt(guest.tenant, guest.study_id)
    except NotFound:
        raise Unauthorized("This study does not exist any more, or its address is not complete.") from None
    if not hmac.compare_digest(invitation_secret(salt), guest.secret):
        raise Unauthorized("This invitation is not known: its address is not complete.")
    if not await _reaches(guest, method, path, studies):
        raise Unauthorized("This invitation is for voting in its study, and for nothing else.")


async def _reaches(guest: Guest, method: str, path: str, studies: StudyStore) -> bool:
    own = f"/v1/studies/{guest.study_id}"
    if (method, path) in (("GET", f"{own}/next"), ("POST", f"{own}/votes")):
        return True
    picture = _PICTURE.fullmatch(path)
    if picture is None or method not in ("GET", "HEAD"):
        return False
    return picture["id"] in (await studies.get(guest.tenant, guest.study_id)).image_ids()
