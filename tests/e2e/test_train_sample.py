"""One picture through the net while it learns, and the way back: the tabs Sample and Backward of the Train workspace, on
digits written by code. Run by ctest with the program's path in CONVLENS."""

import math
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from train_test import TrainTest  # noqa: E402


class Sample(TrainTest):
    def answered(self, app, check=lambda t: True, what="the sample's answer"):
        return app.wait(lambda t: "sample" in t and not t["sample"]["busy"] and check(t), what)

    def test_an_answer_its_loss_and_a_value_in_full(self):
        app = self.start()
        self.tab(app, "sample")
        twin = self.answered(app)
        facts = twin["sample"]
        self.assertEqual(len(facts["probabilities"]), 10)
        self.assertAlmostEqual(sum(facts["probabilities"]), 1, places=9)
        self.assertEqual(facts["predicted"], max(range(10), key=lambda c: facts["logits"][c]))
        self.assertAlmostEqual(facts["loss"], -math.log(facts["probabilities"][facts["label"]]), places=6)
        told = re.fullmatch(r"loss = -ln ([0-9.e-]+) = ([0-9.]+)", app.control("sample/loss", twin)["value"])
        self.assertAlmostEqual(-math.log(float(told[1])), float(told[2]), places=4)
        self.assertAlmostEqual(float(told[2]), facts["loss"], places=2)
        self.assertGreater(self.display.screenshot().colours(app.control("stack/tile/0/0", twin)["rect"]), 8)

        app.click("sample/next")
        twin = self.answered(app, lambda t: t["sample"]["index"] == 1, "the next picture")
        app.click("sample/part/training")
        self.answered(app, lambda t: t["sample"]["part"] == "training", "a picture of the training part")

        # A value of the first layer: every product of its sum, and the way back.
        tile = app.wait_for_control("stack/tile/1/0")
        x, y, width, height = tile["rect"]
        app.move(x + width * 0.5, y + height * 0.5)
        app.press()
        twin = app.wait(lambda t: "unit_text" in t["sample"] and app.control("stack/number", t), "the value in full")
        self.assertEqual(twin["sample"]["unit"]["level"], 1)
        self.assertIn("×", twin["sample"]["unit_text"])
        app.key("Escape")
        app.wait(lambda t: "unit" not in t["sample"] or app.control("sample/share/0", t), "the whole answer again")

    def test_the_answer_follows_training_and_the_timeline(self):
        app = self.start()
        self.tab(app, "sample")
        before = self.answered(app)["sample"]["logits"]
        twin = self.run_to(app, 0.8)
        twin = self.answered(app, lambda t: t["sample"]["step"] == t["train"]["step"], "the answer of this moment")
        self.assertNotEqual(before, twin["sample"]["logits"])
        self.assertGreater(twin["train"]["step"], 10)

    def test_a_weights_gradient_adds_up(self):
        app = self.start()
        self.tab(app, "backward")
        app.click("train/step")
        app.wait(lambda t: t["train"]["step"] == 1, "one step")
        self.tab(app, "sample")
        self.answered(app, lambda t: t["sample"]["step"] == 1)
        self.tab(app, "backward")
        app.click("backward/cell/0/1")
        twin = app.wait(lambda t: app.control("backward/weight", t) and
                        app.control("backward/weight", t)["label"].endswith("row 0, column 1") and
                        app.control("backward/terms", t), "the weight's gradient")
        lines = app.control("backward/terms", twin)["value"]
        products = [float(line.rsplit("=", 1)[1]) for line in lines if "=" in line]
        others = [float(line.split()[-1]) for line in lines if "others" in line]
        total = [float(line.split()[-1]) for line in lines if line.startswith("sum")][0]
        self.assertGreater(len(products), 20)
        self.assertAlmostEqual(sum(products) + sum(others), total, places=9)
        self.assertEqual([abs(p) for p in products], sorted((abs(p) for p in products), reverse=True))
        # Small ones are told in thousandths and the like, and once in full.
        full = [float(line.split()[-1]) for line in lines if line.startswith("in full")] or [total]
        gradient = app.control("backward/gradient", twin)["value"]
        self.assertEqual(float(gradient.rsplit("=", 1)[1]), full[0])
        self.assertIn("mean over", app.control("backward/batch", twin)["value"])

        app.click("backward/tab/value")
        twin = app.wait(lambda t: app.control("backward/value/terms", t), "a pixel's delta")
        lines = app.control("backward/value/terms", twin)["value"]
        products = [float(line.rsplit("=", 1)[1]) for line in lines if "=" in line]
        total = [float(line.split()[-1]) for line in lines if line.startswith("sum")][0]
        self.assertAlmostEqual(sum(products), total, places=9)
        app.click("backward/tab/deltas")
        twin = app.wait(lambda t: "deltas" in t and app.control("stack/tile/1/0", t), "the deltas of all layers")
        self.assertTrue(any(high > 0 for _, high in twin["deltas"]))

    def test_a_step_as_arithmetic_is_what_the_optimizer_does(self):
        app = self.start()
        self.tab(app, "backward")
        app.click("backward/tab/step")
        app.wait_for_control("backward/up-to-update")
        app.click("backward/up-to-update")
        twin = app.wait(lambda t: "update" in t and app.control("backward/apply", t), "the step up to its update")
        self.assertFalse(twin["update"]["done"])
        told = float(twin["update"]["told"])
        app.click("backward/apply")
        twin = app.wait(lambda t: t["update"]["done"] and t["train"]["step"] == 1, "the update")
        self.assertTrue(twin["update"]["agrees"])
        self.assertEqual(float(twin["update"]["told"]), told)
        self.assertIn("the same", app.control("backward/verdict", twin)["value"])
        for step in range(2, 5):
            app.click("backward/step")
            twin = app.wait(lambda t: t["train"]["step"] == step and t["update"]["step"] == step - 1, "another step")
            self.assertTrue(twin["update"]["agrees"])


if __name__ == "__main__":
    unittest.main()
