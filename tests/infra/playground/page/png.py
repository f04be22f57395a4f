"""Paints a PNG, and makes that of a page a third as large: 256 colours are enough, and nothing needs to be installed.

https://www.w3.org/TR/png-3
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

Colour = tuple[int, ...]
Row = list[Colour]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, PALETTE = 2, 3
SIZE = 3  # bytes of a pixel


def smaller(png: bytes) -> bytes:
    """The same picture with 256 colours; the others become the nearest of them."""
    chunks = list(_chunks(png))
    width, height, depth, kind = struct.unpack(">IIBB", chunks[0][1][:10])
    if (depth, kind) != (8, RGB):
        raise ValueError("this is not a PNG as browsers make them")
    rows = list(_rows(zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT")), width))
    count = Counter(pixel for row in rows for pixel in row)
    palette, place = _palette(count)
    pixels = b"".join(b"\0" + bytes(place[pixel] for pixel in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, depth, PALETTE, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", bytes(part for colour in palette for part in colour))]
    parts += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def painted(width: int, height: int) -> bytes:
    """A picture of a sea under a sky."""
    rows = (
        bytes(part for at in range(width) for part in (30 + at * 90 // width, 90 + y * 120 // height, 200 - y // 2))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, RGB, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return SIGNATURE + b"".join(_chunk(*part) for part in [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")])


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _rows(raw: bytes, width: int) -> Iterator[Row]:
    above = bytearray(width * SIZE)
    for at in range(0, len(raw), width * SIZE + 1):
        above = _unfiltered(raw[at], bytearray(raw[at + 1 : at + 1 + width * SIZE]), above)
        yield list(zip(above[::SIZE], above[1::SIZE], above[2::SIZE], strict=True))


def _unfiltered(kind: int, row: bytearray, above: bytearray) -> bytearray:
    """A row before it was written as differences to its neighbours: the pixel before, above, and before that."""
    for at in range(len(row)):
        before, corner = (row[at - SIZE], above[at - SIZE]) if at >= SIZE else (0, 0)
        guess = (0, before, above[at], (before + above[at]) // 2, _paeth(before, above[at], corner))[kind]
        row[at] = (row[at] + guess) & 255
    return row


def _paeth(before: int, above: int, corner: int) -> int:
    guess = before + above - corner
    return min((before, above, corner), key=lambda neighbour: abs(guess - neighbour))


def _palette(count: Counter[Colour]) -> tuple[list[Colour], dict[Colour, int]]:
    """256 colours, picked greedily by error, and which of them replaces each colour."""
    palette: list[Colour] = []
    place = dict.fromkeys(count, 0)
    missed = dict.fromkeys(count, 3 * 255**2)
    for at in range(min(256, len(count))):
        palette.append(max(count, key=lambda colour: count[colour] * missed[colour]))
        for colour in count:
            distance = sum((one - other) ** 2 for one, other in zip(colour, palette[at], strict=True))
            if distance < missed[colour]:
                place[colour], missed[colour] = at, distance
    return palette, place
