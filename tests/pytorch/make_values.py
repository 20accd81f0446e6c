#!/usr/bin/env python3
"""Makes cases/NAME.json and cases/NAME.npy: what PyTorch computes for small models, one for each layer and parameter.

    python3 make_values.py        (needs PyTorch; tests/engine/nn_pytorch.cpp reads the files)

NAME.npy holds float32 numbers in a row: the pictures (N,C,H,W), the parameters in the order of the layers (weight, bias;
batch norm: weight, bias, running_mean, running_var), the logits of a training pass, its loss (cross-entropy with label
smoothing 0.1, mean over the batch), for each parameter its gradient (running statistics: their new values), and the
logits of inference with the parameters at the start. Picture i has the label i % classes."""

import json
import pathlib

import numpy
import torch
import torch.nn.functional as F

import model

PICTURES = 5
CLASSES = 4
SMOOTHING = 0.1


def conv(filters=3, size=(3, 3), **more):
    return dict(dict(kind="conv", filters=filters, size=list(size), padding="valid"), **more)


FLATTEN = {"kind": "flatten"}
END = [FLATTEN, {"kind": "dense", "outputs": CLASSES}]
SAME = {"padding": "same", "activation": "relu"}
CASES = {
    "conv-valid": [conv(activation="relu")] + END,
    "conv-same-twice": [conv(**SAME), conv(5, **SAME)] + END,
    "conv-full": [conv(padding="full", activation="relu")] + END,
    "conv-stride": [conv(stride=[2, 3], padding="same")] + END,
    "conv-dilation": [conv(size=(3, 2), dilation=[2, 3])] + END,
    "conv-uneven-pads": [conv(padding="custom", pads=[0, 2, 1, 0])] + END,
    "conv-groups": [conv(4, groups=2), conv(4, size=(2, 2), groups=4)] + END,
    "conv-flip": [conv(flip=True)] + END,
    "conv-reflect": [conv(padding="same", border="reflect")] + END,
    "conv-replicate": [conv(padding="same", border="replicate")] + END,
    "conv-circular": [conv(padding="same", border="circular")] + END,
    "conv-without-bias": [conv(bias=False)] + END,
    "conv-relu-pool": [conv(6, **SAME), {"kind": "max-pool", "size": [2, 2]}, conv(4, size=(2, 2), activation="relu")] + END,
    "max-pool-overlapping": [conv(), {"kind": "max-pool", "size": [3, 2], "stride": [1, 2]}] + END,
    "average-pool": [conv(), {"kind": "average-pool", "size": [2, 3]}] + END,
    "global-average": [conv(), conv(CLASSES, size=(1, 1)), {"kind": "global-average"}],
    "batch-norm": [conv(), {"kind": "batch-norm"}, {"kind": "activation", "activation": "relu"}] + END,
    "batch-norm-flat": [FLATTEN, {"kind": "dense", "outputs": 6}, {"kind": "batch-norm", "momentum": 0.3},
                        {"kind": "dense", "outputs": CLASSES}],
    "dense": [FLATTEN, {"kind": "dense", "outputs": 7, "activation": "relu"}, {"kind": "dense", "outputs": CLASSES}],
}
for activation in ("leaky-relu", "sigmoid", "tanh", "elu", "gelu", "softplus", "abs"):
    CASES["activation-" + activation] = [conv(), {"kind": "activation", "activation": activation}] + END


def parameters(description, generator):
    """Random ones for each layer, in order; shapes are found by running the layers before."""
    state = {}
    x = torch.zeros([PICTURES] + description["input"])
    draw = lambda shape, size: (2 * torch.rand(shape, generator=generator) - 1) * size
    layers = model.named_layers(description)
    for count, layer in enumerate(layers):
        name = layer["name"]
        if layer["kind"] == "conv":
            shape = [layer["filters"], x.shape[1] // layer.get("groups", 1)] + layer["size"]
            state[name + ".weight"] = draw(shape, 0.5)
            if layer.get("bias", True):
                state[name + ".bias"] = draw([layer["filters"]], 0.3)
        elif layer["kind"] == "dense":
            state[name + ".weight"] = draw([layer["outputs"], x.flatten(1).shape[1]], 0.4)
            state[name + ".bias"] = draw([layer["outputs"]], 0.3)
        elif layer["kind"] == "batch-norm":
            for suffix, middle in ((".weight", 1), (".bias", 0), (".running_mean", 0), (".running_var", 1)):
                state[name + suffix] = middle + draw([x.shape[1]], 0.4)
        before = {key: value.clone() for key, value in state.items()}
        x = model.run(dict(description, layers=layers[:count + 1]), before, torch.zeros([PICTURES] + description["input"]))
    return state


def make(name, layers, seed):
    description = {"name": name, "input": [2, 8, 7], "classes": CLASSES, "layers": layers}
    generator = torch.Generator().manual_seed(seed)
    pictures = 2 * torch.rand([PICTURES] + description["input"], generator=generator) - 1
    labels = torch.arange(PICTURES) % CLASSES
    state = parameters(description, generator)
    # In double, so that the values are right to the last bit of the float32 that is stored.
    inference = model.run(description, {k: v.double() for k, v in state.items()}, pictures.double())
    wide = {k: v.double().requires_grad_(not ".running" in k) for k, v in state.items()}
    logits = model.run(description, wide, pictures.double(), training=True)
    loss = F.cross_entropy(logits, labels, label_smoothing=SMOOTHING)
    loss.backward()
    row = [pictures, *state.values(), logits, loss, *(v if ".running" in k else v.grad for k, v in wide.items()), inference]
    values = numpy.concatenate([part.detach().numpy().astype("<f4").ravel() for part in row])
    folder = pathlib.Path(__file__).resolve().parent / "cases"
    folder.mkdir(exist_ok=True)
    (folder / (name + ".json")).write_text(json.dumps(description, indent=2) + "\n")
    numpy.save(folder / (name + ".npy"), values)


if __name__ == "__main__":
    for number, (case, case_layers) in enumerate(CASES.items()):
        make(case, case_layers, 100 + number)
    print("%d cases made with PyTorch %s" % (len(CASES), torch.__version__))
