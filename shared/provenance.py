"""The history of a picture inside its own file: our JSON in a PNG's text chunk, and an XMP packet for everybody else.

The XMP packet says by IPTC's digital source type that an AI edited the picture. Neither says who did, nor when, nor in
which conversation: the same edit, run again, gives the same bytes.
"""

import io
import re
from xml.sax.saxutils import quoteattr

from PIL import Image, PngImagePlugin
from pydantic import ValidationError

from shared.schemas.provenance import History, Making

KEY, XMP_KEY = "dialogpaint", "XML:com.adobe.xmp"
MAX_CHARACTERS = 64 * 1024  # of the JSON
MAX_PROMPT = 8_000  # characters; a JPEG has room for 64 KB of XMP
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {properties}/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def history_in(data: bytes) -> History:
    """Read the history out of a picture's file; an empty one if it has none that can be read."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
            return history_of(opened)
    except (OSError, SyntaxError, ValueError):
        return History()


def history_of(opened: Image.Image) -> History:
    """The history of an opened picture, which may be anybody's; an empty one if it has none that can be read."""
    told = opened.info.get(KEY)
    if not isinstance(told, str) or len(told) > MAX_CHARACTERS:
        return History()
    try:
        return History.model_validate_json(told)
    except ValidationError:
        return History()


def png_chunks(history: History) -> PngImagePlugin.PngInfo | None:
    """What to save a PNG with so that it tells its history."""
    if not history.steps:
        return None
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt(KEY, _json(history))
    chunks.add_itxt(XMP_KEY, xmp_packet(history).decode())
    return chunks


def xmp_packet(history: History) -> bytes:
    """What everybody's tools read of it: that an AI edited the picture, which one, and what it was told."""
    latest = history.steps[0]
    properties = {
        "xmp:CreatorTool": "DialogPaint",
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
        "Iptc4xmpExt:AISystemUsed": latest.model,
        "Iptc4xmpExt:AISystemVersionUsed": latest.model_digest,
        "Iptc4xmpExt:AIPromptInformation": _prompt(latest),
    }
    written = [f"{name}={quoteattr(NO_XML.sub('', text))}" for name, text in properties.items() if text]
    return PACKET.format(properties="\n ".join(written)).encode()


def _prompt(making: Making) -> str:
    return "; ".join([*making.prior_instructions, making.instruction])[:MAX_PROMPT]


def _json(history: History) -> str:
    """The history, without as many of its oldest edits as would make it too long to be read again."""
    while len(text := history.model_dump_json(exclude_none=True)) > MAX_CHARACTERS and history.steps:
        history = History(steps=history.steps[:-1], earlier=history.earlier + 1)
    return text
