#!/usr/bin/env python3
"""Every preset's .safetensors file, loaded into PyTorch, gives ConvLens's logits: python3 compare_exports.py CONVLENS.

1,000 test pictures: MNIST's where CONVLENS_MNIST names a folder with its files, else drawn here. Without PyTorch it says
so and ends with exit code 77."""

import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

SKIPPED = 77
PRESETS = ("keras-starter", "lenet5", "mnist-cnn", "tiny-vgg", "all-conv")
PICTURES = 1000
LIMIT = 1e-4

try:
    import numpy
    import torch
except ImportError:
    print("skipped: PyTorch is not installed for %s (Debian: python3-torch)" % sys.executable)
    sys.exit(SKIPPED)

import model


def write_idx(path, array):
    path.write_bytes(struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(">%dI" % array.ndim, *array.shape) +
                     array.astype(numpy.uint8).tobytes())


def drawn_pictures(count, seed):
    """Bright bars on black at ten angles, with noise."""
    random = numpy.random.default_rng(seed)
    labels = random.integers(0, 10, count)
    y, x = numpy.mgrid[0:28, 0:28] - 13.5
    angles = labels * numpy.pi / 10
    offsets = random.uniform(-6, 6, count)
    distance = numpy.abs(x * numpy.cos(angles)[:, None, None] + y * numpy.sin(angles)[:, None, None] -
                         offsets[:, None, None])
    values = 255 * numpy.clip(2.5 - distance, 0, 1) + random.normal(0, 20, (count, 28, 28))
    return numpy.clip(values, 0, 255).astype(numpy.uint8), labels


def mnist_pictures(folder, part, count):
    def read(name, skip):
        for path in (folder / name, folder / (name + ".gz")):
            if path.exists():
                data = path.read_bytes()
                return numpy.frombuffer(gzip.decompress(data) if path.suffix == ".gz" else data, numpy.uint8)[skip:]
        sys.exit("%s lacks %s" % (folder, name))
    pixels = read(part + "-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    return pixels[:count], read(part + "-labels-idx1-ubyte", 8)[:count]


def run(program, *arguments):
    result = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit("%s failed: %s" % (" ".join(map(str, arguments)), result.stderr))
    return result.stdout


def main():
    program = os.path.abspath(sys.argv[1])
    mnist = os.environ.get("CONVLENS_MNIST")
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="convlens-pytorch-") as name:
        folder = pathlib.Path(name)
        for part, count, seed in (("train", 2000, 1), ("t10k", PICTURES, 2)):
            pixels, labels = mnist_pictures(pathlib.Path(mnist), part, count) if mnist else drawn_pictures(count, seed)
            write_idx(folder / (part + "-images-idx3-ubyte"), pixels)
            write_idx(folder / (part + "-labels-idx1-ubyte"), labels)
        for preset in PRESETS:
            weights, logits = folder / (preset + ".safetensors"), folder / (preset + ".npy")
            run(program, "train", "--data", "mnist:%s" % folder, "--model", preset, "--steps", 60, "--save", weights)
            run(program, "eval", "--data", "mnist:%s" % folder, "--model", weights, "--logits", logits)
            metadata, state = model.read_safetensors(weights)
            description = json.loads((folder / (preset + ".json")).read_text())
            if json.loads(metadata["model"]) != description:
                sys.exit("%s: the description beside the weights is not the one in them" % preset)
            normal = description["preprocessing"]["normalisation"]
            inputs = (torch.from_numpy(pixels.astype(numpy.float32) / 255) - normal["mean"]) / normal["deviation"]
            with torch.no_grad():
                expected = model.run(description, state, inputs[:, None]).numpy()
            got = numpy.load(logits)
            if got.shape != (PICTURES, 10) or numpy.abs(expected).max() < 0.1:
                sys.exit("%s: logits of shape %s compare nothing" % (preset, got.shape))
            difference = float(numpy.abs(expected - got).max())
            worst = max(worst, difference)
            print("%-14s largest difference of %d logits: %.2e (largest logit %.2f)" %
                  (preset, got.size, difference, numpy.abs(expected).max()))
    print("PyTorch %s, %s pictures" % (torch.__version__, "MNIST's" if mnist else "drawn"))
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
