"""End-to-end tests of `convlens data`: python3 data.py PATH_TO_CONVLENS [unittest arguments]."""

import functools
import gzip
import http.server
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from files import png_bytes, read_png

PROGRAM = ""


def idx(shape, values):
    return struct.pack(">BBBB", 0, 0, 8, len(shape)) + struct.pack(">%dI" % len(shape), *shape) + bytes(values)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Data(unittest.TestCase):
    def setUp(self):
        owner = tempfile.TemporaryDirectory(prefix="convlens-data-")
        self.addCleanup(owner.cleanup)
        self.folder = pathlib.Path(owner.name)

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, "data", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=120, check=False)

    def succeeds(self, *arguments):
        result = self.run_program(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def fails(self, code, *arguments):
        result = self.run_program(*arguments)
        self.assertEqual(result.returncode, code, (arguments, result.stderr))
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr.splitlines()[-1], "^convlens: ")
        return result.stderr

    def write_mnist(self, folder):
        """Four small files under MNIST's names."""
        folder.mkdir(parents=True, exist_ok=True)
        for part, count in (("train", 30), ("t10k", 10)):
            pixels = [(7 * i) % 256 for i in range(count * 28 * 28)]
            (folder / (part + "-images-idx3-ubyte.gz")).write_bytes(gzip.compress(idx((count, 28, 28), pixels)))
            labels = [i % 10 for i in range(count)]
            (folder / (part + "-labels-idx1-ubyte")).write_bytes(idx((count,), labels))

    def test_info_of_digits_made_by_code(self):
        text = self.succeeds("info", "synthetic:600")
        self.assertIn("600 pictures to train, 100 pictures to test, 28 x 28 pixels, grey, 10 classes", text)
        told = json.loads(self.succeeds("info", "synthetic:600", "--json"))
        self.assertEqual(told["train_per_class"], [60] * 10)
        self.assertEqual(told["classes"], [str(i) for i in range(10)])
        self.assertTrue(0.05 < told["mean"] < 0.3, told["mean"])

    def test_sheet(self):
        sheet = self.folder / "sheet.png"
        self.succeeds("info", "synthetic:400", "--sheet", sheet)
        width, height, channels, rows = read_png(sheet)
        self.assertEqual((width, height, channels), (20 * 29 - 1, 10 * 29 - 1, 1))
        self.assertGreater(sum(1 for row in rows for value in row if value > 200), 10000)
        self.assertTrue(all(value == 96 for value in rows[28]))

    def test_info_of_idx_files(self):
        self.write_mnist(self.folder)
        for word in (self.folder, "mnist:%s" % self.folder, "idx:%s" % self.folder):
            text = self.succeeds("info", word)
            self.assertIn("30 pictures to train, 10 pictures to test", text)

    def test_info_of_folders_of_pictures(self):
        for name, shade in (("cat", 10), ("dog", 200)):
            (self.folder / name).mkdir()
            for i in range(6):
                (self.folder / name / ("%d.png" % i)).write_bytes(png_bytes(5, 4, 1, lambda y, x: (shade + i,)))
        (self.folder / "dog" / "broken.png").write_bytes(b"no picture")
        text = self.succeeds("info", self.folder)
        self.assertIn("10 pictures to train, 2 pictures to test, 5 x 4 pixels, grey, 2 classes", text)
        self.assertRegex(text, r"left out: .*broken\.png")

    def test_bad_data(self):
        self.assertIn("does not exist", self.fails(1, "info", "mnist:%s/nowhere" % self.folder))
        self.assertIn("holds no pictures in folders", self.fails(1, "info", self.folder))
        self.assertIn("is no data set", self.fails(1, "info", "mnits:x"))
        self.write_mnist(self.folder)
        (self.folder / "t10k-labels-idx1-ubyte").write_bytes(idx((10,), [11] * 10))
        self.assertIn("label 11", self.fails(1, "info", "mnist:%s" % self.folder))
        self.fails(2, "info")
        self.fails(2, "fetch", "imagenet", self.folder)
        self.fails(2)

    def serve(self, folder, handler=QuietHandler):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return "http://127.0.0.1:%d" % server.server_port

    def test_fetching_the_wrong_files(self):
        served, target = self.folder / "served", self.folder / "target"
        self.write_mnist(served)
        address = self.serve(served)
        self.assertIn("MD5 sum", self.fails(1, "fetch", "mnist", target, "--mirror", address))
        self.assertEqual(list(target.iterdir()), [])
        self.assertIn("404", self.fails(1, "fetch", "mnist", target, "--mirror", address + "/nothing"))

    def test_fetching_the_real_files_from_a_local_mirror(self):
        source = os.environ.get("CONVLENS_MNIST")
        if not source:
            self.skipTest("CONVLENS_MNIST does not name a folder with the MNIST files")
        target = self.folder / "target"
        address = self.serve(source)
        result = self.run_program("fetch", "mnist", target, "--mirror", address)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("4 files fetched", result.stdout)
        self.assertEqual(len(list(target.iterdir())), 4)
        self.assertIn("60000 pictures to train, 10000 pictures to test", self.succeeds("info", "mnist:%s" % target))
        self.assertIn("0 files fetched into %s, 4 already there" % target,
                      self.succeeds("fetch", "mnist", target, "--mirror", address))

    def test_control_c_keeps_what_has_come(self):
        class Slow(QuietHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                try:
                    for _ in range(600):
                        self.wfile.write(b"x" * 1000)
                        time.sleep(0.05)
                except OSError:
                    pass

        target = self.folder / "target"
        address = self.serve(self.folder, Slow)
        process = subprocess.Popen([PROGRAM, "data", "fetch", "mnist", str(target), "--mirror", address],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        part = target / "train-images-idx3-ubyte.gz.part"
        deadline = time.monotonic() + 60
        while not (part.exists() and part.stat().st_size > 0) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, error)
        self.assertEqual(output, "")
        self.assertIn("cancelled", error.splitlines()[-1])
        self.assertGreater(part.stat().st_size, 0)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
