"""End-to-end tests of `convlens film`: python3 film.py PATH_TO_CONVLENS [unittest arguments]."""

import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = ""


def gif_pictures(data):
    """Width, height and the delay of each picture of a GIF file, read block by block."""
    assert data[:6] == b"GIF89a", data[:6]
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    delays, pictures = [], 0

    def skip_blocks(at):
        while data[at]:
            at += data[at] + 1
        return at + 1

    while data[at:at + 1] != b";":
        if data[at] == 0x21:
            if data[at + 1] == 0xF9:
                delays.append(struct.unpack("<H", data[at + 4:at + 6])[0])
            at = skip_blocks(at + 2)
        else:
            assert data[at] == 0x2C, hex(data[at])
            local = data[at + 9]
            at = skip_blocks(at + 10 + (3 << ((local & 7) + 1) if local & 0x80 else 0) + 1)
            pictures += 1
    assert at == len(data) - 1
    assert pictures == len(delays)
    return width, height, delays


def png_size(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


class Film(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.owner = tempfile.TemporaryDirectory(prefix="convlens-film-")
        cls.folder = pathlib.Path(cls.owner.name)
        cls.run_file = cls.folder / "run.safetensors"
        trained = subprocess.run([PROGRAM, "train", "--data", "synthetic:600", "--model", "lenet5", "--steps", "24",
                                  "--timeline", str(cls.run_file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True, timeout=600, check=False)
        assert trained.returncode == 0, trained.stderr

    @classmethod
    def tearDownClass(cls):
        cls.owner.cleanup()

    def film(self, *arguments, code=0):
        result = subprocess.run([PROGRAM, "film", *map(str, arguments)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, code, (arguments, result.stderr))
        if code:
            self.assertRegex(result.stderr, "^convlens: [^\n]+\n$")
            return result.stderr
        return result.stdout

    def test_a_gif_with_a_picture_for_each_moment(self):
        out = self.folder / "life.gif"
        said = self.film(self.run_file, out, "--frames", 10, "--time", 120)
        width, height, delays = gif_pictures(out.read_bytes())
        self.assertEqual(len(delays), 10)
        self.assertEqual(delays[4], 12)
        self.assertGreater(delays[-1], 100)
        self.assertIn(f"10 moments from step 0 to 24, {width} x {height} pixels", said)
        # The same run gives the same bytes.
        again = self.folder / "again.gif"
        self.film(self.run_file, again, "--frames", 10, "--time", 120)
        self.assertEqual(out.read_bytes(), again.read_bytes())

    def test_strips_pictures_and_layers(self):
        strip = self.folder / "strip.png"
        said = self.film(self.run_file, strip, "--frames", 4, "--layer", "conv2", "--tile", 20)
        width, height = png_size(strip.read_bytes())
        self.assertEqual(width % 4, 0)
        self.assertIn(f"4 moments from step 0 to 24, {width} x {height} pixels", said)
        slices = self.folder / "slices.png"
        self.film(self.run_file, slices, "--frames", 4, "--layer", 2, "--tile", 60, "--slices")
        self.assertGreater(png_size(slices.read_bytes())[0], width)
        self.film(self.run_file, self.folder / "one.png", "--form", "pictures", "--frames", 3, "--even")
        names = sorted(path.name for path in self.folder.glob("one*"))
        self.assertEqual(names, ["one-001.png", "one-002.png", "one-003.png"])
        self.assertEqual(len({png_size((self.folder / name).read_bytes()) for name in names}), 1)

    def test_what_cannot_be(self):
        out = self.folder / "no.gif"
        self.assertIn("conv1, conv2", self.film(self.run_file, out, "--layer", "conv9", code=1))
        self.assertIn(".gif or .png", self.film(self.run_file, self.folder / "no.txt", code=1))
        self.assertIn("no.such", self.film(self.folder / "no.such", out, code=1))
        self.assertIn("colour map", self.film(self.run_file, out, "--colormap", "rainbow", code=1))
        self.assertIn("--frames", self.film(self.run_file, out, "--frames", 1, code=2))
        self.film(self.run_file, code=2)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
