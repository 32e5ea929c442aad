"""Forms (multipart/form-data) that no library would write."""

from dataclasses import dataclass

from tests.hostile.pictures import drawing, encoded

PICTURE = encoded(drawing())


@dataclass(frozen=True)
class Form:
    """The bytes of a form and the type that it is sent with; FIELD stands for the name of the picture's field."""

    body: bytes
    content_type: str = "multipart/form-data; boundary=x"


def form_of(data: bytes) -> Form:
    """A form that holds one picture, as it should be, for `POST /v1/images`."""
    return Form(_part(data=data).replace(b"FIELD", b"file") + END)


def _part(
    disposition: bytes = b'form-data; name="FIELD"; filename="a.png"', more: bytes = b"", data: bytes = PICTURE
) -> bytes:
    return b"--x\r\nContent-Disposition: " + disposition + b"\r\n" + more + b"\r\n" + data + b"\r\n"


def _named(file_name: bytes) -> Form:
    return Form(PROMPT + _part(b'form-data; name="FIELD"; filename="' + file_name + b'"') + END)


BOUNDARY, LONG = "multipart/form-data; boundary=", b"x" * 5_000
END = b"--x--\r\n"
PROMPT = _part(b'form-data; name="prompt"', data=b"make it night")
WHOLE = PROMPT + _part() + END
FORMS: dict[str, Form] = {
    "a line break in the file name": _named(b"a\r\nX-Evil: 1\r\n\r\n.png"),
    "an encoded line break in the file name": _named(b"a%0d%0aX-Evil:%201.png"),
    "a path as file name": _named(b"../../../../etc/passwd"),
    "a windows path as file name": _named(b"C:\\windows\\a.png"),
    "NUL in the file name": _named(b"a\0.png"),
    "bytes that are no text as file name": _named(b"\xff\xfe\xed\xa0\x80.png"),
    "text that runs backwards as file name": _named("a\u202egnp.exe".encode()),
    "a very long file name": _named(b"a" * 60_000),
    "an extended file name": Form(WHOLE.replace(b'filename="a.png"', b"filename*=UTF-8''%e2%80%ae%0d%0aX-Evil%3a1")),
    "an extended file name in no known charset": Form(WHOLE.replace(b'filename="a.png"', b"filename*=idna''%ff%ff")),
    "no name": Form(PROMPT + _part(b"form-data") + END),
    "no disposition": Form(b"--x\r\nContent-Type: image/png\r\n\r\n" + PICTURE + b"\r\n" + END),
    "two pictures": Form(PROMPT + _part() * 2 + END),
    "a hundred pictures": Form(PROMPT + _part() * 100 + END),
    "ten thousand fields": Form(_part(b'form-data; name="a"', data=b"1") * 10_000 + WHOLE),
    "a field of two megabytes": Form(_part(b'form-data; name="prompt"', data=b"a" * 2**21) + _part() + END),
    "a part with a header of a megabyte": Form(PROMPT + _part(more=b"X-A: " + b"a" * 2**20 + b"\r\n") + END),
    "a part with ten thousand headers": Form(PROMPT + _part(more=b"X-A: 1\r\n" * 10_000) + END),
    "base64 as transfer encoding": Form(PROMPT + _part(more=b"Content-Transfer-Encoding: base64\r\n") + END),
    "a form inside of the form": Form(PROMPT + _part(more=b"Content-Type: multipart/mixed; boundary=x\r\n") + END),
    "no end": Form(PROMPT + _part()),
    "something behind the end": Form(WHOLE + b"--x\r\n" + PICTURE),
    "something before the start": Form(b"hello\r\n" + WHOLE),
    "another boundary": Form(WHOLE, "multipart/form-data; boundary=y"),
    "no boundary": Form(WHOLE, "multipart/form-data"),
    "an empty boundary": Form(WHOLE, "multipart/form-data; boundary="),
    "a boundary of 5000 characters": Form(WHOLE.replace(b"--x", b"--" + LONG), f"{BOUNDARY}{LONG.decode()}"),
    "a boundary in quotation marks": Form(WHOLE, 'multipart/form-data; boundary="x"'),
    "two boundaries": Form(WHOLE, "multipart/form-data; boundary=y; boundary=x"),
    "charset idna": Form(WHOLE.replace(b"night", b"\xff\xfe"), f"{BOUNDARY}x; charset=idna"),
    "charset undefined": Form(WHOLE, f"{BOUNDARY}x; charset=undefined"),
    "charset utf-16": Form(WHOLE, f"{BOUNDARY}x; charset=utf-16"),
    "charset zip": Form(WHOLE, f"{BOUNDARY}x; charset=zip"),
    "charset punycode": Form(WHOLE.replace(b"night", b"\xff-\xfe"), f"{BOUNDARY}x; charset=punycode"),
    "charset that makes half characters": Form(
        WHOLE.replace(b"night", b"\\ud800"), f"{BOUNDARY}x; charset=unicode_escape"
    ),
    "nothing": Form(b""),
    "only line breaks": Form(b"\r\n" * 1_000),
}
