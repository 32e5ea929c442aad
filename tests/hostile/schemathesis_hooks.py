"""What Schemathesis sends where an archive of a conversation is asked for: a right one, or any bytes."""

import schemathesis
from hypothesis import strategies

from tests.archives import archive

schemathesis.serializer.alias("application/zip", "application/octet-stream")
schemathesis.openapi.media_type("application/zip", strategies.just(archive()) | strategies.binary())
