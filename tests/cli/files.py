"""Arrays and pictures for the command-line tests, from the standard library alone."""

import math
import pathlib
import struct
import zlib


def write_npy(path, shape, values, descr="<f4"):
    code = {"<f4": "f", "<f8": "d", "|u1": "B", "<i8": "q"}[descr]
    text = ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "")
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }" % (descr, text)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    data = struct.pack("<%d%s" % (len(values), code), *values)
    pathlib.Path(path).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def read_npy(path):
    """(shape, values) of a little-endian float32 array in C order."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:8]
    end = 10 + struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:end])  # our own program's output
    assert header["descr"] == "<f4" and header["fortran_order"] is False, header
    count = math.prod(header["shape"])
    assert len(data) == end + 4 * count, len(data)
    return header["shape"], list(struct.unpack("<%df" % count, data[end:]))


def png_bytes(width, height, channels, pixel):
    """A PNG of pixel(y, x) -> tuple of 0..255."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(y, x)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def read_png(path):
    """(width, height, channels, rows of bytes) of an 8-bit PNG without interlacing."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
            assert bits == 8
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    raw, rows, last = zlib.decompress(packed), [], bytearray(width * channels)
    for y in range(height):
        start = y * (width * channels + 1)
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + width * channels])
        for i in range(len(row)):
            left = row[i - channels] if i >= channels else 0
            corner = last[i - channels] if i >= channels else 0
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = last[i]
            elif kind == 3:
                guess = (left + last[i]) // 2
            elif kind == 4:
                p = left + last[i] - corner
                guess = min((left, last[i], corner), key=lambda v, p=p: abs(p - v))
            else:
                guess = 0
            row[i] = (row[i] + guess) & 255
        rows.append(bytes(row))
        last = row
    return width, height, channels, rows


def convolve(shape, x, weights_shape, w, bias=None, stride=(1, 1), pad=(0, 0, 0, 0), dilation=(1, 1), groups=1,
             flip=False):
    """Correlation (or convolution) with zero padding (top, bottom, left, right), in double precision."""
    n, c, h, wide = shape
    k, cg, r, s = weights_shape
    p = (h + pad[0] + pad[1] - dilation[0] * (r - 1) - 1) // stride[0] + 1
    q = (wide + pad[2] + pad[3] - dilation[1] * (s - 1) - 1) // stride[1] + 1
    out = []
    for image in range(n):
        for f in range(k):
            first = f // (k // groups) * cg
            for oy in range(p):
                for ox in range(q):
                    total = bias[f] if bias else 0.0
                    for ch in range(cg):
                        for i in range(r):
                            for j in range(s):
                                y = oy * stride[0] - pad[0] + i * dilation[0]
                                xx = ox * stride[1] - pad[2] + j * dilation[1]
                                if 0 <= y < h and 0 <= xx < wide:
                                    a, b = (r - 1 - i, s - 1 - j) if flip else (i, j)
                                    total += (x[((image * c + first + ch) * h + y) * wide + xx] *
                                              w[((f * cg + ch) * r + a) * s + b])
                    out.append(total)
    return (n, k, p, q), out
