"""The tabs Geometry and Cost in the real window: every overlay is switched on and seen, its legend says what counting by
hand gives; flip, activation and pooling show numbers that agree with each other and with the command line; kernels are
measured. Run by ctest with the program's path in CONVLENS."""

import json
import math
import os
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from window_test import PROGRAM, WindowTest  # noqa: E402



class Layer:
    """One convolution as the twin tells it, with the counts of the legends made window by window."""

    def __init__(self, twin):
        fields, maps = twin["document"]["fields"], twin["maps"]
        self.stride = fields["conv/stride_y"], fields["conv/stride_x"]
        self.dilation = fields["conv/dilation_y"], fields["conv/dilation_x"]
        self.border = fields["conv/border"]
        self.pad = maps["padding"]["top"], maps["padding"]["left"]
        self.input, self.taps, self.output = (maps[s][2:] for s in ("input_shape", "weights_shape", "shape"))

    def positions(self, axis, output):
        return [output * self.stride[axis] - self.pad[axis] + tap * self.dilation[axis]
                for tap in range(self.taps[axis])]

    def reads(self, axis):
        counts = [0] * self.input[axis]
        for output in range(self.output[axis]):
            for position in self.positions(axis, output):
                if self.border == "zero":
                    if 0 <= position < self.input[axis]:
                        counts[position] += 1
                else:
                    assert self.border == "circular"
                    counts[position % self.input[axis]] += 1
        return counts

    def inside(self, axis):
        return [sum(0 <= p < self.input[axis] for p in self.positions(axis, output)) / self.taps[axis]
                for output in range(self.output[axis])]

    def coverage(self):
        rows, cols = self.reads(0), self.reads(1)
        read = sum(n > 0 for n in rows) * sum(n > 0 for n in cols)

        def dropped(counts):
            return next(i for i, n in enumerate(reversed(counts)) if n > 0)
        return {"least": min(rows) * min(cols), "most": max(rows) * max(cols),
                "unread": len(rows) * len(cols) - read, "dropped_rows": dropped(rows), "dropped_cols": dropped(cols)}

    def touched(self):
        clean = [sum(share == 1 for share in self.inside(axis)) for axis in (0, 1)]
        return self.output[0] * self.output[1] - clean[0] * clean[1]

    def alignment(self):
        first = [self.dilation[a] * (self.taps[a] - 1) / 2 - self.pad[a] for a in (0, 1)]
        middle = [first[a] + self.stride[a] * (self.output[a] - 1) / 2 for a in (0, 1)]
        return {"first": first, "step": list(self.stride),
                "shift": [middle[a] - (self.input[a] - 1) / 2 for a in (0, 1)]}


class Geometry(WindowTest):
    picture_size = (61, 44)

    def start(self, *arguments, **options):
        app = self.open(*arguments, **options)
        app.settle()
        app.key("space")  # the sliding window stands still
        return app

    def value(self, app, name):
        return app.wait_for_control(name)["value"]

    def tab(self, app, name):
        for _ in range(3):  # the first click may close a list that is still open
            app.click(f"tabs/{name}")
            app.frames(4)
            if app.control(f"tabs/{name}")["value"]:
                return
        self.fail(f"the tab {name} does not open")

    def section(self, app, name):
        app.click(f"geometry/section/{name}")
        app.wait(lambda t: app.control(f"geometry/section/{name}", t)["value"], f"the section {name}")

    def reach(self, app, name):
        """Scrolls the open tab, up and then down, until a control is in view."""
        for direction in (4, 5):
            for _ in range(25):
                if app.has(name):
                    return app.control(name)
                x, y, _, height = app.control("tabs/parameters")["rect"]
                app.move(x + 2, y + height + 220)
                app.xdotool("click", direction)
                app.frames(3)
        raise KeyError(name)

    def check_legends(self, app):
        layer = Layer(app.settle())
        app.frames(4)
        for name, number in layer.coverage().items():
            self.assertEqual(self.value(app, "geometry/coverage")[name], number, name)
        padding = self.value(app, "geometry/padding_share")
        self.assertEqual(padding["touched"], layer.touched())
        self.assertEqual(padding["outputs"], layer.output[0] * layer.output[1])
        gridding = self.value(app, "geometry/gridding")
        for axis, key in ((0, "grids_y"), (1, "grids_x")):
            common = math.gcd(layer.stride[axis], layer.dilation[axis])
            self.assertEqual(gridding[key], layer.dilation[axis] // common if layer.taps[axis] > 1 else 1)
        self.reach(app, "geometry/alignment")
        self.assertEqual(self.value(app, "geometry/alignment"), layer.alignment())
        sampling = self.value(app, "geometry/sampling")
        self.assertAlmostEqual(sampling["kept"], 1 / (layer.stride[0] * layer.stride[1]))
        return layer

    def test_each_overlay_is_seen_and_its_legend_counts_right(self):
        app = self.start(self.rings)
        self.tab(app, "parameters")
        app.set_number("conv/kernel_rows", 2)
        app.set_number("conv/stride_y", 5)
        app.set_number("conv/dilation_y", 2)
        self.tab(app, "geometry")
        layer = self.check_legends(app)
        self.assertGreater(layer.coverage()["unread"], 0, "nothing would be hatched or dark")
        for field, canvas in [("view/coverage", "input/canvas"), ("view/gridding", "input/canvas"),
                              ("view/sampling", "input/canvas"), ("view/alignment", "input/canvas"),
                              ("view/padding_share", "maps/tile/2"), ("view/gridding", "maps/tile/2"),
                              ("view/alignment", "maps/tile/2")]:
            with self.subTest(overlay=field, canvas=canvas):
                self.reach(app, field)
                app.frames(6)
                rect = app.control(canvas)["rect"]
                before = self.display.screenshot()
                app.click(field)
                app.wait(lambda t, f=field: t["document"]["fields"][f], f"{field} to be on")
                app.frames(6)
                self.assertGreater(self.display.screenshot().difference(before, rect), 0.004,
                                   f"{field} is not to be seen on {canvas}")
                app.click(field)
                app.wait(lambda t, f=field: not t["document"]["fields"][f], f"{field} to be off")
                app.frames(6)
                self.assertEqual(self.display.screenshot().difference(before, rect), 0, f"{field} leaves something")
        labels = app.twin()["document"]["history"]["entries"]
        self.assertIn("Coverage on", labels)
        app.key("ctrl+z")
        app.wait(lambda t: t["document"]["fields"]["view/alignment"], "undo to switch the last overlay on again")

    def test_legends_follow_the_geometry(self):
        app = self.start(self.rings)
        self.tab(app, "geometry")
        self.check_legends(app)
        self.tab(app, "parameters")
        app.set_number("conv/dilation_y", 3)
        app.click("conv/padding/valid")
        self.tab(app, "geometry")
        self.check_legends(app)
        self.tab(app, "parameters")
        app.click("conv/padding/full")
        app.click("conv/border/circular")
        self.tab(app, "geometry")
        self.check_legends(app)

    def test_flip(self):
        app = self.start()
        self.tab(app, "geometry")
        self.section(app, "flip")
        twin = app.wait(lambda t: app.control("geometry/flip/impulse", t)["value"], "the response")
        weights = app.control("geometry/flip/filter", twin)["value"]

        def middle(control):
            rows, cols = control["range"]
            self.assertEqual((rows, cols), (5, 5))
            return [control["value"][cols * (1 + r) + 1 + s] for r in range(3) for s in range(3)]
        self.assertEqual(middle(app.control("geometry/flip/impulse", twin)), weights[::-1])
        self.assertIn("correlation", app.control("geometry/flip/words", twin)["label"])
        app.click("geometry/flip/mode")
        twin = app.wait(lambda t: t["document"]["fields"]["conv/flip"] and
                        app.control("geometry/flip/turned", t)["value"] == 180, "the filter to be turned")
        app.settle()
        twin = app.wait(lambda t: middle(app.control("geometry/flip/impulse", t)) == weights,
                        "the pixel to come out as the filter")
        self.assertIn("convolution", app.control("geometry/flip/words", twin)["label"])

    def test_activation_before_and_after(self):
        app = self.start()
        self.tab(app, "parameters")
        app.click("conv/activation")
        app.click("conv/activation/relu")
        app.settle()
        self.tab(app, "geometry")
        self.section(app, "activation")
        before = app.wait_for_control("geometry/before/plane")["value"]
        self.assertLess(before["min"], -1)
        self.assertEqual(app.wait_for_control("geometry/after/plane")["value"]["min"], 0)
        signs = set()
        places = [(across, down) for down in (0.4, 0.55, 0.8) for across in (0.15, 0.33, 0.48, 0.61, 0.72, 0.85)]
        for across, down in places:
            x, y, width, height = app.control("geometry/before")["rect"]
            app.move(x + across * width, y + down * height)
            app.frames(3)
            value = self.value(app, "geometry/activation/value")
            self.assertAlmostEqual(value["col"], across * 640, delta=6, msg="the value is not the pointer's")
            self.assertEqual(value["after"], max(value["before"], 0))
            signs.add(value["before"] < 0)
        self.assertEqual(signs, {True, False}, "the pointer met one side of the curve only")
        self.reach(app, "view/activation_first")
        app.click("view/activation_first")
        app.wait(lambda t: t["document"]["fields"]["view/activation_first"], "the experiment")
        self.reach(app, "geometry/activation/experiment")
        self.assertGreater(self.value(app, "geometry/activation/experiment")["largest"], 0.5)

    def test_pooling(self):
        app = self.start()
        self.tab(app, "geometry")
        self.section(app, "pooling")
        app.click("pool/on")
        app.wait_for_control("geometry/pool/shape")
        self.assertEqual(self.value(app, "geometry/pool/shape"), [240, 320])
        x, y, width, height = app.wait_for_control("geometry/pooled")["rect"]
        app.move(x + 0.4 * width, y + 0.6 * height)
        app.frames(4)
        probe = self.value(app, "geometry/pool/probe")
        self.assertEqual(len(probe["cells"]), 4)
        self.assertEqual({(c["row"] // 2, c["col"] // 2) for c in probe["cells"]}, {(probe["row"], probe["col"])})
        self.assertEqual([c["shown"] for c in probe["cells"] if c["wins"]], [probe["value"]])
        self.assertEqual(float(probe["value"]), max(float(c["shown"]) for c in probe["cells"]))

        app.click("pool/kind/average")
        app.set_number("pool/size", 3)
        app.wait(lambda t: app.control("geometry/pool/shape", t)["value"] == [239, 319], "the smaller map")
        x, y, width, height = app.control("geometry/pooled")["rect"]
        app.move(x + 0.5 * width, y + 0.5 * height)
        app.frames(4)
        probe = self.value(app, "geometry/pool/probe")
        self.assertEqual(len(probe["cells"]), 9)
        mean = sum(float(c["shown"]) for c in probe["cells"]) / 9
        unit = 10.0 ** -len(probe["value"].partition(".")[2])
        self.assertLessEqual(abs(float(probe["value"]) - mean), unit / 2 + 1e-12, "the shown values do not add up")

    def test_cost(self):
        app = self.start()
        twin = app.settle()
        self.tab(app, "cost")
        shape, weights = twin["maps"]["input_shape"], twin["maps"]["weights_shape"]
        k, c, r, s = weights
        self.assertEqual(self.value(app, "cost/parameters"), k * c * r * s + k)
        p, q = twin["maps"]["shape"][2:]
        adds = app.control("cost/multiply-adds")
        self.assertEqual(adds["value"], k * p * q * c * r * s)
        self.assertEqual(adds["label"].replace(" ", ""), f"1×{k}×{p}×{q}×{c}×{r}×{s}={k * p * q * c * r * s}")

        self.reach(app, "cost/dense_parameters")
        inputs, outputs = shape[1] * shape[2] * shape[3], k * p * q
        self.assertEqual(self.value(app, "cost/dense_parameters"), inputs * outputs + outputs)
        self.reach(app, "cost/measure")
        app.click("cost/measure")
        app.wait(lambda t: app.control("cost/measured", t)["value"] > 0, "the kernels to be measured")
        self.reach(app, "cost/kernel/direct")
        direct = self.value(app, "cost/kernel/direct")
        self.assertGreater(direct["measured"], 0)

    def test_cost_equals_the_command_line(self):
        app = self.start(self.rings)
        self.tab(app, "cost")
        fields = app.settle()["document"]["fields"]
        self.assertEqual(fields["conv/padding"], "same")
        weights = os.path.join(self.folder, "weights.npy")
        self.write_weights(weights, app.twin())
        arguments = [PROGRAM, "cost", "--input", self.rings, "--weights", weights, "--padding", "same", "--json"]
        told = json.loads(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout)
        for line in told["cost"]:
            name = "cost/" + line["name"].replace(" ", "_")
            control = self.reach(app, name)
            self.assertEqual(control["value"], line["value"], name)
            self.assertEqual(control["label"], line["arithmetic"], name)

    def write_weights(self, path, twin):
        bank = twin["document"]["bank"]
        filters = twin["document"]["filters"]
        shape = len(filters), bank["channels"], bank["rows"], bank["cols"]
        header = repr({"descr": "<f4", "fortran_order": False, "shape": shape}).encode()
        header += b" " * (-(len(header) + 11) % 64) + b"\n"
        with open(path, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
            for one in filters:
                file.write(struct.pack(f"<{len(one['weights'])}f", *one["weights"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
