"""Writes lines of text as a PDF, in one of the fonts that every reader has."""

from __future__ import annotations

from collections.abc import Sequence

_LINES_OF_PAGE = 62
_HEAD = b"%PDF-1.4\n"


def pdf(lines: Sequence[str]) -> bytes:
    """Return a document with these lines. Characters that Latin-1 lacks are question marks.

    Args:
        lines: The lines, which are not wrapped: 95 characters fit.
    """
    pages = [lines[start : start + _LINES_OF_PAGE] for start in range(0, len(lines), _LINES_OF_PAGE)] or [()]
    kids = " ".join(f"{number} 0 R" for number in range(4, 4 + 2 * len(pages), 2))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for page in pages:
        content = (
            b"BT /F 9 Tf 12 TL 40 800 Td " + b" ".join(b"(" + _escaped(line) + b") Tj T*" for line in page) + b" ET"
        )
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (len(objects) + 2),
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        ]
    return _document(objects)


def _escaped(line: str) -> bytes:
    text = line.encode("latin-1", errors="replace")
    return text.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _document(objects: Sequence[bytes]) -> bytes:
    """Return a document of objects, the first of which is the catalog, with the table of where each is."""
    body, places = _HEAD, []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(body))
    )
