"""Pictures that the end-to-end tests open and save, written without any library."""

import struct
import zlib


def write_png(path, width, height, rows):
    """An 8-bit RGB PNG from rows of 3 * width bytes."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)) + chunk(b"IEND", b""))


def rings(width, height):
    """Rows of coloured rings: edges in every direction, different in each channel."""
    def pixel(x, y):
        distance = (x - width / 2) ** 2 + (y - height / 2) ** 2
        return int(distance / 40) % 256, int(distance / 90 + x) % 256, (x * 255 // width + int(distance / 60)) % 256
    return [bytes(value for x in range(width) for value in pixel(x, y)) for y in range(height)]
