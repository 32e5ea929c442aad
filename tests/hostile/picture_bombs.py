"""Files made by hand: small ones that declare, or unpack to, far more than they weigh."""

import io
import struct
import zlib

from PIL import Image

Size = tuple[int, int]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4, 7: 1}  # a pixel's, by colour type
SCANS = 3_000
ORIENTATION, DESCRIPTION = 0x0112, 0x010E


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(size: Size, bits: int, colour: int, between: bytes) -> bytes:
    """A PNG file of one colour, with other chunks between its header and its pixels."""
    width, height = size
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    row = b"\0" * (1 + -(-width * bits * SAMPLES[colour] // 8))
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    return SIGNATURE + header + between + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def flat_png(size: Size, bits: int, colour: int) -> bytes:
    """A PNG file of one colour that unpacks a thousandfold."""
    return png_of(size, bits, colour, b"")


def declared_png(size: Size) -> bytes:
    """A PNG file that only says how large it is."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0))
    return SIGNATURE + header + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def declared_jpeg(size: Size) -> bytes:
    """A JPEG file whose header claims another size than its pixels have."""
    data = _jpeg((8, 8))
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", size[1], size[0]) + data[at + 4 :]


def declared_webp(size: Size) -> bytes:
    """A WebP file whose canvas claims another size than its pixels have."""
    canvas = struct.pack("<I", size[0] - 1)[:3] + struct.pack("<I", size[1] - 1)[:3]
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "WEBP", lossless=True)
    extended = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + buffer.getvalue()[12:]
    return b"RIFF" + struct.pack("<I", len(extended) + 4) + b"WEBP" + extended


def many_scans(size: Size) -> bytes:
    """A progressive JPEG file that has its decoder go over all of its blocks again and again for 26 bytes each time."""
    data = _jpeg(size, progressive=True)
    blocks = (size[0] // 8) * (size[1] // 8)
    table = b"\xff\xc4" + struct.pack(">H", 19 + 1) + b"\x10" + b"\x01" + b"\0" * 15 + b"\xe0"  # AC: one code, EOB14
    scan = b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 63, 63, 0)
    runs = -(-blocks // 2**15) + 1
    bits = "".join("0" + "1" * 14 for _ in range(runs))
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    assert data.endswith(b"\xff\xd9")
    return data[:-2] + table + (scan + coded) * SCANS + b"\xff\xd9"


def exif_of(orientation: int, note: bytes) -> bytes:
    """EXIF that turns a picture and says something."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[DESCRIPTION] = note.decode()
    return exif.tobytes()


def tag_bomb() -> bytes:
    """EXIF of which each of 60,000 tags says that all of it is its own."""
    count = 60_000
    weight = 4_000_000
    entries = b"".join(struct.pack("<HHII", tag, 7, weight, 8) for tag in range(count))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + struct.pack("<I", 0) + b"x" * weight


def _jpeg(size: Size, **options: bool) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", size, 128).save(buffer, "JPEG", quality=50, **options)
    return buffer.getvalue()
