"""Where a net fails, and what it says to a hand: the tabs Mistakes and Draw of the Train workspace, on digits written by
code. Run by ctest with the program's path in CONVLENS."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from train_test import TrainTest  # noqa: E402

SEVEN = [[(0.22, 0.2), (0.78, 0.2), (0.45, 0.85)]]


class Faults(TrainTest):
    def cells(self, twin):
        """Counts of the confusion matrix by (label, predicted)."""
        found = {}
        for control in twin["controls"]:
            if control["name"].startswith("mistakes/cell/"):
                label, predicted = map(int, control["name"].split("/")[2:])
                found[label, predicted] = control["value"]
        return found

    def test_from_a_cell_to_its_pictures_to_the_sample(self):
        app = self.start()
        self.run_to(app, 0.7)
        twin = self.newest_test(app)
        facts, cells = twin["mistakes"], self.cells(twin)
        self.assertEqual(len(cells), 100)
        self.assertEqual(sum(cells.values()), facts["images"])
        self.assertEqual(facts["images"], twin["train"]["run"]["test_pictures"])
        right = sum(count for (label, predicted), count in cells.items() if label == predicted)
        self.assertAlmostEqual(right / facts["images"], facts["accuracy"], places=6)
        self.assertLess(right, facts["images"], "a short run makes no mistake: nothing can be clicked")

        (label, predicted), count = max(((cell, n) for cell, n in cells.items() if cell[0] != cell[1]),
                                        key=lambda item: item[1])
        app.click(f"mistakes/cell/{label}/{predicted}")
        twin = app.wait(lambda t: t["mistakes"]["cell"] == [label, predicted], "the cell to be chosen")
        self.assertTrue(app.control("mistakes/words", twin)["value"].startswith(
            f"{label} taken for {predicted}: {count} of "))
        first = app.wait_for_control("mistakes/picture/0")
        pictures = [c["value"] for c in app.twin()["controls"] if c["name"].startswith("mistakes/picture/")]
        self.assertLessEqual(len(pictures), count)
        for picture in pictures:
            self.assertEqual((picture["label"], picture["predicted"]), (label, predicted))
        certainty = [picture["probability"] for picture in pictures]
        self.assertEqual(certainty, sorted(certainty, reverse=True))
        self.assertGreater(self.display.screenshot().colours(first["rect"]), 8, "the picture looks empty")

        app.click("mistakes/picture/0")
        twin = app.wait(lambda t: t["train"]["tab"] == "sample", "the picture to become the sample")
        self.assertEqual(twin["train"]["sample"], {"kind": "test", "index": first["value"]["index"]})

    def test_lists_of_the_worst_and_the_least_certain(self):
        app = self.start()
        self.run_to(app, 0.7)
        self.newest_test(app)

        def listed():
            return [c["value"] for c in app.twin()["controls"] if c["name"].startswith("mistakes/picture/")]

        app.click("mistakes/list/uncertain")
        app.wait(lambda t: t["mistakes"]["list"] == "uncertain", "the least certain answers")
        app.frames(3)
        uncertain = [picture["probability"] for picture in listed()]
        self.assertEqual(uncertain, sorted(uncertain))
        self.assertLess(uncertain[0], 0.6)
        app.click("mistakes/list/worst")
        app.wait(lambda t: t["mistakes"]["list"] == "worst", "the worst mistakes")
        app.frames(3)
        worst = listed()
        self.assertTrue(all(picture["label"] != picture["predicted"] for picture in worst))
        self.assertGreater(worst[0]["probability"], uncertain[0])

    def test_a_seven_drawn_by_hand(self):
        app = self.start()
        self.run_to(app, 0.9)
        self.tab(app, "draw")
        self.assertIn("empty pad says nothing", app.wait_for_control("draw/prediction")["label"])
        self.assertTrue(app.twin()["draw"]["empty"])
        twin = self.draw(app, SEVEN)
        self.assertEqual(app.control("draw/prediction", twin)["value"], "7")
        self.assertEqual(twin["train"]["sample"]["kind"], "drawn")
        self.assertEqual(max(twin["draw"]["scaled"]), 20)
        for centre in twin["draw"]["mass"]:
            self.assertAlmostEqual(centre, 14, delta=0.51)
        shares = [app.control(f"draw/share/{digit}", twin)["value"] for digit in range(10)]
        logits = [app.control(f"draw/logit/{digit}", twin)["value"] for digit in range(10)]
        self.assertAlmostEqual(sum(shares), 1, places=5)
        self.assertEqual(shares.index(max(shares)), 7)
        self.assertEqual(logits.index(max(logits)), 7)
        shot = self.display.screenshot()
        for stage in ("strokes", "crop", "scale", "centre", "normalise"):
            self.assertGreater(shot.colours(app.control(f"draw/picture/{stage}", twin)["rect"]), 3, stage)

        # Nudged far to the right, the same strokes are something else to the net.
        for _ in range(6):
            app.click("draw/nudge/right")
        app.wait(lambda t: t["draw"]["nudge"] == [6, 0], "six pixels to the right")
        twin = app.wait(lambda t: app.control("draw/share/7", t)["value"] != shares[7], "another answer")
        app.click("draw/nudge/back")
        twin = app.wait(lambda t: t["draw"]["nudge"] == [0, 0] and
                        abs(app.control("draw/share/7", t)["value"] - shares[7]) < 1e-9, "the first answer again")

        # Without the crop, it is as small as on the pad.
        app.click("draw/stage/crop")
        twin = app.wait(lambda t: t["draw"]["box"] == [0, 0, 280, 280], "the whole pad to go on")
        self.assertIn("Off", app.control("draw/words/crop", twin)["value"])
        app.click("draw/stage/crop")

        app.click("draw/clear")
        twin = app.wait(lambda t: t["draw"]["empty"], "the pad to be empty")
        self.assertIn("empty pad says nothing", app.control("draw/prediction", twin)["label"])
        app.click("draw/undo")
        app.wait(lambda t: not t["draw"]["empty"] and t["draw"]["strokes"] == 1, "the stroke to come back")
        self.assertEqual(app.control("draw/prediction", self.answer(app))["value"], "7")

    def test_the_eraser_and_the_right_button_take_ink_away(self):
        app = self.start()
        self.tab(app, "draw")
        self.draw(app, SEVEN)
        app.click("draw/eraser")
        x, y, side, _ = app.wait_for_control("draw/pad")["rect"]
        box = app.twin()["draw"]["box"]
        app.move(x + 0.22 * side, y + 0.2 * side)
        app.press(1)
        app.wait(lambda t: t["draw"]["box"][0] > box[0], "the stroke to be shorter")
        app.click("draw/pen")
        app.move(x + 0.45 * side, y + 0.85 * side)
        app.press(3)
        app.wait(lambda t: t["draw"]["box"][3] < box[3], "the right button to erase")


if __name__ == "__main__":
    unittest.main(verbosity=2)
