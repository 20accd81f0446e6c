"""ConvLens model descriptions (JSON) and weight files in PyTorch: what the other scripts here share."""

import json
import struct

import numpy
import torch
import torch.nn.functional as F

PREFIXES = {"conv": "conv", "dense": "fc", "activation": "act", "max-pool": "pool", "average-pool": "pool",
            "global-average": "gap", "batch-norm": "bn", "dropout": "drop", "flatten": "flatten"}
ACTIVATIONS = {"none": lambda x: x, "relu": F.relu, "leaky-relu": lambda x: F.leaky_relu(x, 0.01),
               "sigmoid": torch.sigmoid, "tanh": torch.tanh, "elu": F.elu, "gelu": F.gelu, "softplus": F.softplus,
               "abs": torch.abs}
BORDERS = {"zero": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def named_layers(description):
    """The layers with every name filled in, as engine/nn does."""
    counts = {}
    layers = []
    for layer in description["layers"]:
        prefix = PREFIXES[layer["kind"]]
        counts[prefix] = counts.get(prefix, 0) + 1
        layers.append(dict(layer, name=layer.get("name") or prefix + str(counts[prefix])))
    return layers


def pads(layer):
    """Top, bottom, left, right."""
    rows, cols = layer["size"]
    dilation = layer.get("dilation", [1, 1])
    span_y, span_x = dilation[0] * (rows - 1), dilation[1] * (cols - 1)
    padding = layer.get("padding", "same")
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        return span_y // 2, span_y - span_y // 2, span_x // 2, span_x - span_x // 2
    if padding == "full":
        return span_y, span_y, span_x, span_x
    if padding == "custom":
        return tuple(layer["pads"])
    raise ValueError("padding '%s' is not part of these comparisons" % padding)


def convolve(layer, x, weight, bias):
    top, bottom, left, right = pads(layer)
    if top or bottom or left or right:
        x = F.pad(x, (left, right, top, bottom), mode=BORDERS[layer.get("border", "zero")])
    if layer.get("flip", False):
        weight = weight.flip((2, 3))
    y = F.conv2d(x, weight, bias, stride=layer.get("stride", [1, 1]), dilation=layer.get("dilation", [1, 1]),
                 groups=layer.get("groups", 1))
    return ACTIVATIONS[layer.get("activation", "none")](y)


def run(description, state, x, training=False):
    """Logits; `state` maps names to tensors. Training updates running statistics in it; dropout is left out."""
    for layer in named_layers(description):
        kind, name = layer["kind"], layer["name"]
        if kind == "conv":
            x = convolve(layer, x, state[name + ".weight"], state.get(name + ".bias"))
        elif kind == "dense":
            if x.dim() > 2:
                x = x.flatten(1)
            x = F.linear(x, state[name + ".weight"], state.get(name + ".bias"))
            x = ACTIVATIONS[layer.get("activation", "none")](x)
        elif kind == "activation":
            x = ACTIVATIONS[layer["activation"]](x)
        elif kind == "max-pool":
            x = F.max_pool2d(x, layer["size"], layer.get("stride"))
        elif kind == "average-pool":
            x = F.avg_pool2d(x, layer["size"], layer.get("stride"))
        elif kind == "global-average":
            x = x.mean((2, 3))
        elif kind == "flatten":
            x = x.flatten(1)
        elif kind == "batch-norm":
            x = F.batch_norm(x, state[name + ".running_mean"], state[name + ".running_var"], state[name + ".weight"],
                             state[name + ".bias"], training, layer.get("momentum", 0.1), layer.get("epsilon", 1e-5))
        elif kind != "dropout":
            raise ValueError("unknown layer kind '%s'" % kind)
    return x


def read_safetensors(path):
    """Metadata, and float32 tensors by name (https://github.com/huggingface/safetensors#format)."""
    data = open(path, "rb").read()
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + length + begin:8 + length + end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return metadata, tensors
