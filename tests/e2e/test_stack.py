"""The Stack workspace in the real window: presets, a value of LeNet-5's second convolution down to its sum, edits,
receptive boxes, a chain that does not fit, undo and sessions. Run by ctest with the program's path in CONVLENS."""

import json
import math
import os
import re
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from window_test import WindowTest  # noqa: E402



class Stack(WindowTest):
    def start(self, *arguments):
        app = self.open(*(arguments or (self.rings,)))
        app.settle()
        app.click("workspace/stack")
        self.settle(app)
        return app

    def settle(self, app):
        app.frames(6)  # until an edit has been sent
        return app.wait(lambda t: t["stack"]["complete"] and not t["stack"]["busy"] and
                        t["stack"]["generation"] == t["stack"]["requested"], "the layers to be computed")

    def preset(self, app, name):
        app.click("stack/preset")
        app.click(f"stack/preset/{name}")
        return self.settle(app)

    def type_number(self, app, name, value):
        app.set_number(name, value)
        return self.settle(app)

    def choose_layer(self, app, index):
        app.click(f"stack/layer/{index}")
        app.wait(lambda t: t["stack"]["selected"] == index, "the layer to be chosen")
        app.frames(6)  # its controls have moved

    def click_unit(self, app, level, channel, across, down):
        """Clicks a value of a tile, at this part of its width and height, and returns the twin."""
        x, y, width, height = app.wait_for_control(f"stack/tile/{level}/{channel}")["rect"]
        app.move(x + across * width, y + down * height)
        app.press()
        return app.wait(lambda t: t["stack"]["pinned"] and t["stack"]["unit"]["title"], "the value's probe")

    def test_a_value_of_the_second_convolution_of_lenet_and_its_sum(self):
        app = self.start()
        twin = self.preset(app, "lenet5")
        self.assertEqual([level["shape"] for level in twin["stack"]["levels"]],
                         [[1, 28, 28], [6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5], [400, 1, 1], [120, 1, 1],
                          [84, 1, 1], [10, 1, 1]])
        total = app.control("stack/total", twin)["value"]
        self.assertEqual(total["parameters"], 61706)
        self.assertIn("scaled to 28 × 28", twin["stack"]["input"])
        shot = self.display.screenshot()
        for name in ("stack/tile/0/0", "stack/tile/1/0", "stack/tile/3/5"):
            self.assertGreater(shot.colours(app.control(name)["rect"]), 8, f"{name} looks empty")

        twin = self.click_unit(app, 3, 5, 0.55, 0.35)
        pinned = twin["stack"]["pinned"]
        self.assertEqual((pinned["level"], pinned["channel"], pinned["row"], pinned["column"]), (3, 5, 3, 5))
        self.assertEqual(twin["stack"]["unit"]["title"], "conv2, map 5, row 3, column 5")
        lines = app.wait_for_control("stack/number")["value"]
        self.check_sum(lines, twin["stack"]["unit"]["value"])
        # Its field: 14 x 14 pixels, two pixels from one unit to the next.
        app.click("stack/tab/field")
        rows = app.wait_for_control("stack/field-table")["value"]
        self.assertEqual(rows[3][:4], ["conv2", "14", "2", "-2"])
        self.assertEqual(rows[0][4:], ["4–17", "8–21"])
        self.assertGreater(app.wait_for_control("stack/effective")["value"]["total"], 0)
        # The path ends in the picture.
        app.click("stack/tab/path")
        self.assertTrue(app.wait_for_control("stack/path/3")["label"].startswith("picture"))
        app.key("Escape")
        app.wait(lambda t: t["stack"]["pinned"] is None, "the value to be let go")

    def test_the_sum_is_played_scrubbed_and_kept_with_the_session(self):
        app = self.start()
        self.preset(app, "lenet5")
        self.click_unit(app, 3, 5, 0.55, 0.35)
        twin = app.wait(lambda t: t["stack"]["sum"]["steps"][1] > 150, "the steps of the sum")
        steps = twin["stack"]["sum"]["steps"][1]
        self.assertEqual(steps, 6 * (5 * 5 + 1) + 4, "products, subtotals; sum, bias, activation, value")
        self.assertEqual(twin["stack"]["sum"]["steps"][0], steps, "all of it is told at first")
        self.assertEqual([app.control(f"status/{name}", twin)["value"] for name in ("layers", "work")],
                         ["8 layers", "417 k multiply-adds"])

        # Back to the first product: what stands there is the product itself.
        app.drag("stack/sum/scrub", -600, 0)
        app.wait(lambda t: t["stack"]["sum"]["steps"][0] == 0, "the beginning")
        self.assertIn("nothing added yet", app.control("stack/sum/running")["label"])
        app.key("period")
        twin = app.wait(lambda t: t["stack"]["sum"]["steps"][0] == 1 and app.control("stack/sum/0", t)["value"]["taken"],
                        "the first product")
        first = app.control("stack/sum/0", twin)["value"]
        self.assertEqual(first["product"], first["running"])
        self.assertFalse(app.control("stack/sum/1", twin)["value"]["taken"])
        app.click("stack/sum/play")
        app.wait(lambda t: t["stack"]["sum"]["steps"][0] >= 4, "the sum to be played")
        app.key("space")
        twin = app.wait(lambda t: not t["stack"]["sum"]["playing"], "the pause")
        app.key("comma")
        app.wait(lambda t: t["stack"]["sum"]["steps"][0] == twin["stack"]["sum"]["steps"][0] - 1, "one step back")

        session = os.path.join(self.folder, "pinned.json")
        app.key("ctrl+s")
        app.click("browser/name")
        app.key("ctrl+a")
        app.type(session)
        app.key("Return")
        pinned = app.wait(lambda t: t["document"]["session"] == session, "the session to be saved")["stack"]["pinned"]
        app.close()
        again = self.start(session)
        again.wait(lambda t: t["document"]["session"] == session, "the session to open")
        twin = again.wait(lambda t: t["stack"]["pinned"] == pinned and t["stack"]["unit"]["title"], "the pinned value")
        self.assertEqual(twin["stack"]["unit"]["title"], "conv2, map 5, row 3, column 5")

    def test_a_net_from_a_file_is_the_stack(self):
        layers = [{"kind": "conv", "filters": 2, "size": [3, 3], "padding": "same", "activation": "relu"},
                  {"kind": "flatten"}, {"kind": "dense", "outputs": 4}]
        model = {"name": "tiny", "input": [1, 8, 8], "classes": 4, "layers": layers}
        shapes = {"conv1.weight": [2, 1, 3, 3], "conv1.bias": [2], "fc1.weight": [4, 128], "fc1.bias": [4]}
        header, offset = {"__metadata__": {"format": "pt"}}, 0
        for name, shape in shapes.items():
            size = 4 * math.prod(shape)
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
            offset += size
        text = json.dumps(header).encode()
        path = os.path.join(self.folder, "tiny.safetensors")
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + struct.pack("<f", 0.5) * (offset // 4))
        with open(os.path.join(self.folder, "tiny.json"), "w", encoding="utf-8") as file:
            json.dump(model, file)
        app = self.start(path)
        twin = app.wait(lambda t: len(t["stack"]["levels"]) == 4, "the net's layers")
        self.assertEqual([level["shape"] for level in twin["stack"]["levels"]],
                         [[1, 8, 8], [2, 8, 8], [128, 1, 1], [4, 1, 1]])
        self.assertFalse(app.has("stack/complaint"))
        app.key("ctrl+z")
        app.wait(lambda t: len(t["stack"]["levels"]) == 9, "one step back to LeNet-5")

    def check_sum(self, lines, value):
        """The products in the text add up to the sum in the text, in exact decimals."""
        from decimal import Decimal
        text = "\n".join(lines)
        products = re.findall(r"× *(-?[\d.]+) w\(\d+,\d+\) = *(-?[\d.]+)", text)
        self.assertGreaterEqual(len(products), 6 * 5 * 5)
        total = sum(Decimal(product) for _, product in products)
        shown = [Decimal(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text)]
        self.assertIn(total, shown, "the sum of the products stands nowhere in the text")
        self.assertTrue(any(abs(float(n) - value) <= 1e-3 * max(1, abs(value)) for n in shown))

    def test_hovering_shows_the_box_in_every_earlier_layer(self):
        app = self.start()
        self.preset(app, "dilations")
        app.move(5, 400)
        app.frames(4)
        before = self.display.screenshot()
        x, y, width, height = app.wait_for_control("stack/tile/3/0")["rect"]
        app.move(x + width / 2, y + height / 2)
        twin = app.wait(lambda t: t["stack"]["hovered"] and t["stack"]["hovered"]["level"] == 3, "the hovered unit")
        self.assertIn("conv3, map 0", twin["hover"])
        app.frames(4)
        after = self.display.screenshot()
        for level in range(3):
            rect = app.control(f"stack/tile/{level}/0")["rect"]
            self.assertGreater(after.difference(before, rect), 0, f"no box in level {level}")

    def test_edits_undo_and_the_session(self):
        app = self.start()
        self.preset(app, "three-3x3")
        self.choose_layer(app, 1)
        twin = self.type_number(app, "stack/field/filters", 5)
        self.assertEqual(twin["stack"]["levels"][2]["shape"], [5, 124, 124])
        app.click("stack/add")
        app.click("stack/add/max-pool")
        twin = self.settle(app)
        self.assertEqual([level["shape"] for level in twin["stack"]["levels"]],
                         [[3, 128, 128], [3, 126, 126], [5, 124, 124], [5, 62, 62], [3, 60, 60]])
        app.click("stack/up")
        twin = self.settle(app)
        self.assertEqual(twin["stack"]["levels"][2]["shape"], [3, 63, 63])
        app.click("stack/remove")
        twin = self.settle(app)
        self.assertEqual(len(twin["stack"]["levels"]), 4)
        session = os.path.join(self.folder, "stack.json")
        app.key("ctrl+s")
        app.click("browser/name")
        app.key("ctrl+a")
        app.type(session)
        app.key("Return")
        app.wait(lambda t: t["document"]["session"] == session, "the session to be saved")
        shapes = [level["shape"] for level in self.settle(app)["stack"]["levels"]]
        while app.twin()["document"]["history"]["position"] > 1:
            app.key("ctrl+z")
            app.frames(3)
        twin = self.settle(app)
        self.assertEqual(len(twin["stack"]["levels"]), 9, "undo did not lead back to LeNet-5")
        app.close()
        again = self.start(session)
        again.wait(lambda t: t["document"]["session"] == session, "the session to open")
        twin = again.wait(lambda t: [level["shape"] for level in t["stack"]["levels"]] == shapes, "the saved stack")

    def test_a_chain_that_does_not_fit_says_where_and_why(self):
        app = self.start()
        self.preset(app, "lenet5")
        self.choose_layer(app, 2)
        twin = self.type_number(app, "stack/field/size", 20)
        self.assertIn("layer 3 (conv)", twin["stack"]["misfit"])
        self.assertEqual(len(twin["stack"]["levels"]), 3, "the layers before it are still shown")
        self.assertIn("layer 3 (conv)", app.wait_for_control("stack/misfit")["value"])
        app.key("ctrl+z")
        twin = app.wait(lambda t: t["stack"]["misfit"] is None, "the chain to fit again")
        self.assertEqual(len(self.settle(app)["stack"]["levels"]), 9)

    def test_two_linear_layers_are_one_filter(self):
        app = self.start()
        self.preset(app, "two-linear")
        app.click("stack/tab/composed")
        self.assertIn("one convolution of 7 × 7", app.wait_for_control("stack/composed")["value"])
        weights = app.wait_for_control("stack/composed-filter")["value"]
        self.assertEqual(len(weights), 49)
        self.assertLess(abs(sum(weights)), 1e-4, "a blur and a Laplacian sum to zero")
        self.choose_layer(app, 0)
        app.click("stack/field/activation")
        app.click("stack/field/activation/relu")
        self.settle(app)
        self.assertIn("its activation bends", app.wait_for_control("stack/composed")["value"])

    def test_weights_files_that_do_not_belong_are_refused_in_words(self):
        app = self.start()
        self.preset(app, "lenet5")
        app.click("stack/weights")
        app.click("stack/weights/path")
        app.type(os.path.join(self.folder, "missing.safetensors"))
        app.key("Return")
        text = app.wait_for_control("stack/complaint")["value"]
        self.assertIn("missing.safetensors", text)
        self.assertEqual(len(self.settle(app)["stack"]["levels"]), 9)


if __name__ == "__main__":
    unittest.main(verbosity=2)
