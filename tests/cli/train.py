"""End-to-end tests of `convlens train`, `eval` and `predict`: python3 train.py PATH_TO_CONVLENS [unittest arguments]."""

import csv
import json
import os
import pathlib
import pty
import re
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from files import png_bytes

PROGRAM = ""
DATA = "synthetic:1200"


def idx(shape, values):
    return struct.pack(">BBBB", 0, 0, 8, len(shape)) + struct.pack(">%dI" % len(shape), *shape) + bytes(values)


class Train(unittest.TestCase):
    def setUp(self):
        owner = tempfile.TemporaryDirectory(prefix="convlens-train-")
        self.addCleanup(owner.cleanup)
        self.folder = pathlib.Path(owner.name)

    def run_program(self, *arguments, **more):
        return subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=600, check=False, **more)

    def succeeds(self, *arguments):
        result = self.run_program(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def fails(self, code, *arguments, **more):
        result = self.run_program(*arguments, **more)
        self.assertEqual(result.returncode, code, (arguments, result.stderr))
        self.assertRegex(result.stderr.splitlines()[-1], "^convlens: ")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        return result.stderr

    def write_idx(self, name, side=28, labels=range(10)):
        folder = self.folder / name
        folder.mkdir()
        for part, count in (("train", 40), ("t10k", 10)):
            pixels = [(7 * i) % 256 for i in range(count * side * side)]
            (folder / (part + "-images-idx3-ubyte")).write_bytes(idx((count, side, side), pixels))
            (folder / (part + "-labels-idx1-ubyte")).write_bytes(idx((count,), [labels[i % len(labels)] for i in range(count)]))
        return folder

    def test_plain_lines_and_json(self):
        text = self.succeeds("train", "--data", DATA, "--epochs", 2, "--threads", 2)
        lines = text.splitlines()
        self.assertEqual(len(lines), 5, text)
        self.assertIn("lenet5, 61706 parameters, on 1200 pictures (synthetic:1200), tested on 200", lines[0])
        self.assertIn("adam, learning rate 0.002 cosine, batch 64, 38 steps, seed 1, 2 threads", lines[1])
        self.assertRegex(lines[2], r"^epoch 1 of 2, step 19: loss [\d.]+, accuracy [\d.]+ %, test loss [\d.]+, "
                                   r"test accuracy [\d.]+ %, \d+ samples/s$")
        self.assertRegex(lines[4], r"^done after step 38 of 38 and \d+ s; weights [0-9a-f]{16}$")
        told = json.loads(self.succeeds("train", "--data", DATA, "--epochs", 2, "--threads", 1, "--json"))
        self.assertIn(told["weights"], lines[4])
        self.assertEqual([e["step"] for e in told["epochs"]], [19, 38])
        self.assertFalse(told["stopped"])
        self.assertGreater(told["test_accuracy"], 0.4)
        other = json.loads(self.succeeds("train", "--data", DATA, "--epochs", 2, "--seed", 2, "--json"))
        self.assertNotEqual(told["weights"], other["weights"])

    def test_options_reach_the_training(self):
        common = ("train", "--data", DATA, "--steps", 6, "--json", "--model", "keras-starter")
        weights = set()
        for more in ((), ("--optimizer", "sgd"), ("--lr", 0.01), ("--batch", 32), ("--augment", "shift=2"),
                     ("--init", "glorot-normal"), ("--init", "filter:sobel-x"), ("--init", "normal:0.01"),
                     ("--schedule", "steps,every=2,factor=0.5"), ("--schedule", "cosine,warm-up=3"), ("--l2", 0.01),
                     ("--label-smoothing", 0.1), ("--optimizer", "adamw", "--decay", 0.5), ("--seed", 9)):
            told = json.loads(self.succeeds(*common, *more))
            self.assertEqual(told["steps"], 6)
            weights.add(told["weights"])
        self.assertEqual(len(weights), 14)
        description = self.folder / "small.json"
        description.write_text(json.dumps({"name": "small", "input": [1, 28, 28], "classes": 10, "layers": [
            {"kind": "conv", "filters": 4, "size": [5, 5], "stride": [2, 2], "activation": "relu"}, {"kind": "batch-norm"},
            {"kind": "flatten"}, {"kind": "dense", "outputs": 10}]}))
        told = json.loads(self.succeeds("train", "--data", DATA, "--model", description, "--epochs", 1, "--json"))
        self.assertEqual(told["model"], "small")

    def test_resuming_equals_never_having_stopped(self):
        whole = self.folder / "whole.csv"
        common = ("train", "--data", DATA, "--model", "mnist-cnn", "--augment", "shift=2", "--json")
        first = json.loads(self.succeeds(*common, "--epochs", 2, "--metrics", whole))
        # Stopped in the middle of an epoch, under another number of threads.
        checkpoint, part, timeline = self.folder / "c", self.folder / "part.csv", self.folder / "t"
        stopped = json.loads(self.succeeds(*common, "--steps", 25, "--schedule", "cosine,total=38", "--decay", "0.01",
                                           "--checkpoint", checkpoint, "--metrics", part, "--timeline", timeline,
                                           "--threads", 3))
        self.assertEqual(stopped["steps"], 25)
        self.assertNotEqual(stopped["weights"], first["weights"])
        resumed = json.loads(self.succeeds("train", "--resume", checkpoint, "--epochs", 2, "--metrics", part,
                                           "--timeline", timeline, "--json"))
        self.assertEqual(resumed["weights"], first["weights"])
        self.assertEqual(resumed["test_accuracy"], first["test_accuracy"])
        rows, others = (list(csv.reader(path.read_text().splitlines())) for path in (whole, part))
        self.assertEqual(len(rows), 39)
        # The stopped run had an end, and so a test, of its own.
        others[25][5:7] = rows[25][5:7]
        self.assertEqual(rows, others)
        self.assertIn("conv1.gradient_norm", rows[0])
        self.assertTrue(rows[1][rows[0].index("conv1.update_ratio")])
        self.assertEqual(rows[2][rows[0].index("conv1.update_ratio")], "")
        self.assertTrue(rows[19][5])
        # The whole run is behind it.
        self.succeeds("train", "--resume", checkpoint, "--epochs", 2, "--checkpoint", checkpoint, "--json")
        self.assertIn("behind it", self.fails(1, "train", "--resume", checkpoint))

    def test_control_c_saves_and_the_run_can_be_gone_on_with(self):
        checkpoint, saved = self.folder / "c", self.folder / "m.safetensors"
        process = subprocess.Popen([PROGRAM, "train", "--data", DATA, "--epochs", "2000", "--checkpoint", str(checkpoint),
                                    "--save", str(saved), "--schedule", "constant"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.assertIn("lenet5", process.stdout.readline())
        process.stdout.readline()
        self.assertIn("epoch 1 of 2000", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=120)
        self.assertEqual((process.returncode, error), (0, ""))
        match = re.search(r"stopped after step (\d+) of 38000 and .*weights (\w+)\nsaved (.*)", output)
        self.assertTrue(match, output)
        self.assertEqual(match.group(3), ", ".join(map(str, (saved, self.folder / "m.json", checkpoint))))
        steps = int(match.group(1))
        same = json.loads(self.succeeds("train", "--data", DATA, "--steps", steps, "--schedule", "constant", "--json"))
        self.assertEqual(same["weights"], match.group(2))
        on = json.loads(self.succeeds("train", "--resume", checkpoint, "--steps", steps + 5, "--json"))
        whole = json.loads(self.succeeds("train", "--data", DATA, "--steps", steps + 5, "--schedule", "constant", "--json"))
        self.assertEqual(on["weights"], whole["weights"])

    def test_progress_line_on_a_terminal(self):
        master, slave = pty.openpty()
        process = subprocess.Popen([PROGRAM, "train", "--data", DATA, "--epochs", "30"], stdout=subprocess.DEVNULL,
                                   stderr=slave)
        os.close(slave)
        shown = b""
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        os.close(master)
        self.assertEqual(process.wait(timeout=120), 0)
        lines = [line for line in shown.decode().replace("\x1b[K", "").split("\r") if line.strip()]
        self.assertTrue(lines)
        for line in lines:
            self.assertRegex(line, r"^epoch \d+/30  step \d+/570  loss [\d.]+  [\d.]+ %  \d+ samples/s  .* left$")
            self.assertLess(len(line), 80)

    def test_eval_and_predict(self):
        model = self.folder / "m.npz"
        told = json.loads(self.succeeds("train", "--data", "synthetic:3000", "--epochs", 3, "--save", model, "--json"))
        text = self.succeeds("eval", "--data", "synthetic:3000", "--model", model, "--confusion")
        self.assertIn("accuracy %.2f %%" % (100 * told["test_accuracy"]), text.splitlines()[0])
        self.assertEqual(len(text.splitlines()), 2 + 10 + 2 + 10)
        numbers = json.loads(self.succeeds("eval", "--data", "synthetic:3000", "--model", model, "--confusion", "--json"))
        self.assertEqual(numbers["accuracy"], told["test_accuracy"])
        self.assertEqual(sum(map(sum, numbers["confusion"])), 500)
        self.assertEqual(json.loads(self.succeeds("eval", "--data", "synthetic:3000", "--model", model, "--train",
                                                  "--json"))["images"], 3000)
        # A thick upright stroke is a one, white on black or black on white, at any size.
        picture, inverse = self.folder / "one.png", self.folder / "inverse.png"
        is_ink = lambda y, x: 16 <= y < 96 and 50 <= x < 62
        picture.write_bytes(png_bytes(112, 112, 1, lambda y, x: (255 if is_ink(y, x) else 0,)))
        inverse.write_bytes(png_bytes(112, 112, 3, lambda y, x: (0, 0, 0) if is_ink(y, x) else (255, 255, 255)))
        lines = self.succeeds("predict", "--model", model, picture, inverse).splitlines()
        self.assertRegex(lines[0], r"^preprocessing: .*28 x 28 grey.*inverted where its border is bright, minus 0\.")
        self.assertRegex(lines[1], r"one\.png: 1 [\d.]+ %, \d [\d.]+ %, \d [\d.]+ %$")
        self.assertRegex(lines[2], r"inverse\.png \(inverted\): 1 ")
        told = json.loads(self.succeeds("predict", "--model", model, picture, "--json"))
        self.assertEqual(told["pictures"][0]["class"], "1")
        self.assertAlmostEqual(sum(told["pictures"][0]["probabilities"]), 1)
        self.assertIn("does not exist", self.fails(1, "predict", "--model", model, self.folder / "none.png"))

    def test_folders_of_pictures(self):
        for name, level in (("dark", 40), ("light", 200)):
            (self.folder / "data" / name).mkdir(parents=True)
            for i in range(20):
                (self.folder / "data" / name / ("%d.png" % i)).write_bytes(
                    png_bytes(9, 8, 3, lambda y, x: (level, level + i, (x * y + i) % 256)))
        model = self.folder / "m.safetensors"
        self.succeeds("train", "--data", "folder:%s" % (self.folder / "data"), "--model", "keras-starter", "--epochs", 20,
                      "--save", model)
        text = self.succeeds("predict", "--model", model, self.folder / "data" / "light" / "3.png")
        self.assertIn("3.png: light", text)
        told = json.loads(self.succeeds("eval", "--data", "folder:%s" % (self.folder / "data"), "--model", model, "--json"))
        self.assertEqual(told["classes"], ["dark", "light"])

    def test_divergence_leaves_earlier_files_alone(self):
        saved, checkpoint, metrics = self.folder / "m.safetensors", self.folder / "c", self.folder / "m.csv"
        outputs = ("--save", saved, "--checkpoint", checkpoint, "--metrics", metrics)
        self.succeeds("train", "--data", DATA, "--steps", 3, *outputs)
        before = saved.read_bytes(), checkpoint.read_bytes()
        message = self.fails(1, "train", "--data", DATA, "--optimizer", "sgd", "--lr", "1e9", *outputs)
        self.assertRegex(message, r"training diverged at step \d+: .* lower learning rate")
        self.assertEqual((saved.read_bytes(), checkpoint.read_bytes()), before)

    def test_full_disk(self):
        saved, checkpoint = self.folder / "m.safetensors", self.folder / "c"
        self.succeeds("train", "--data", DATA, "--steps", 2, "--save", saved, "--checkpoint", checkpoint)
        before = saved.read_bytes(), checkpoint.read_bytes()

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

        message = self.fails(1, "train", "--data", DATA, "--steps", 3, "--save", saved, "--checkpoint", checkpoint,
                             preexec_fn=limit)
        self.assertIn("cannot write", message)
        self.assertEqual((saved.read_bytes(), checkpoint.read_bytes()), before)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"m.safetensors", "m.json", "c"})
        link = self.folder / "full.safetensors"
        link.symlink_to("/dev/full")
        self.assertIn("the disk is full", self.fails(1, "train", "--data", DATA, "--steps", 1, "--save", link))
        # In between a full disk is told, and training goes on; at the end it counts.
        result = self.run_program("train", "--data", DATA, "--epochs", 3, "--checkpoint", "/dev/full")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(re.findall("training goes on", result.stderr)), 2)
        self.assertEqual(len(re.findall("epoch . of 3", result.stdout)), 3)

    def test_what_does_not_fit(self):
        small, one_class, model = self.write_idx("small", side=20), self.write_idx("one", labels=[3]), self.folder / "m.safetensors"
        eleven = self.write_idx("eleven", labels=[0, 11])
        self.succeeds("train", "--data", DATA, "--steps", 1, "--save", model)
        self.assertIn("sees grey pictures of 28 x 28, and the data has grey pictures of 20 x 20",
                      self.fails(1, "eval", "--data", "mnist:%s" % small, "--model", model))
        self.assertIn("of one class", self.fails(1, "train", "--data", "mnist:%s" % one_class))
        self.assertIn("label 11", self.fails(1, "train", "--data", "mnist:%s" % eleven))
        (self.folder / "empty").mkdir()
        self.fails(1, "train", "--data", "folder:%s" % (self.folder / "empty"))
        self.assertIn("cannot be built", self.fails(1, "train", "--data", "idx:%s" % self.write_idx("tiny", side=3)))
        self.assertIn("no model called", self.fails(1, "train", "--data", DATA, "--model", "resnet"))
        self.assertIn("does not exist", self.fails(1, "train", "--data", DATA, "--model", "nothing.json"))
        self.assertIn("its folder does not exist", self.fails(1, "train", "--data", DATA, "--save", "/nowhere/m.npz"))
        self.assertIn(".safetensors or .npz", self.fails(1, "train", "--data", DATA, "--save", self.folder / "m.onnx"))
        self.assertIn("no checkpoint", self.fails(1, "train", "--resume", model))
        self.assertIn("does not exist", self.fails(1, "eval", "--data", DATA, "--model", self.folder / "none.npz"))
        # Weights of one architecture under the description of another.
        other = self.folder / "other.npz"
        self.succeeds("train", "--data", DATA, "--model", "keras-starter", "--steps", 1, "--save", other)
        (self.folder / "other.json").write_bytes((self.folder / "m.json").read_bytes())
        self.assertIn("another architecture", self.fails(1, "eval", "--data", DATA, "--model", other))

    def test_changed_data_is_noticed(self):
        data, checkpoint = self.write_idx("data"), self.folder / "c"
        self.succeeds("train", "--data", "mnist:%s" % data, "--steps", 2, "--checkpoint", checkpoint)
        labels = data / "train-labels-idx1-ubyte"
        labels.write_bytes(labels.read_bytes()[:-1] + bytes([0]))
        self.assertIn("no longer holds the pictures", self.fails(1, "train", "--resume", checkpoint, "--steps", 4))
        self.succeeds("train", "--resume", checkpoint, "--steps", 4, "--data", "mnist:%s" % data)

    def test_usage(self):
        for arguments in ((), ("--data",), ("--data", DATA, "--optimizer", "newton"), ("--data", DATA, "--epochs", 0),
                          ("--data", DATA, "--schedule", "cosine,bend=3"), ("--data", DATA, "--augment", "twist=1"),
                          ("--data", DATA, "--init", "he-normal:3"), ("--data", DATA, "--lr", "fast"),
                          ("--data", DATA, "--epochs", 1, "--steps", 1), ("--resume", "c", "--model", "lenet5")):
            self.fails(2, "train", *arguments)
        self.fails(2, "eval", "--data", DATA)
        self.fails(2, "predict", "--model", "m.npz")
        self.assertIn("adamw, learning rate 0.0015 cosine", self.succeeds("train", "--help"))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
