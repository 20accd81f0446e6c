"""The filters of a net in training: tiles that follow, one filter closely, everything done to it by hand while it
learns, films, and the ways to the other workspaces. Run by ctest with the program's path in CONVLENS."""

import os
import pathlib
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from train_test import TrainTest  # noqa: E402

TILE = "train/filter/conv1/"


class Filters(TrainTest):
    def facts(self, app, number):
        return app.wait_for_control(f"{TILE}{number}")["value"]

    def test_tiles_follow_training_and_show_what_is_asked(self):
        app = self.start()
        shot = self.display.screenshot()
        rect = app.wait_for_control(f"{TILE}1")["rect"]
        self.assertGreater(shot.colours(rect), 4, "the first filter looks empty")
        before = self.facts(app, 1)["norm"]
        self.train_to(app, 30)
        after = app.wait(lambda t: app.control(f"{TILE}1", t)["value"]["norm"] != before, "the weights to change")
        self.assertEqual(after["train_filters"]["layers"][0], "conv1")
        for part in ("gradient", "change", "response"):
            app.click(f"train/filters/show/{part}")
            app.wait(lambda t: part in t["train_filters"]["shown"], f"{part} to be shown")
            bar = app.wait(lambda t: app.has(f"train/filters/conv1/{part}") and
                           app.control(f"train/filters/conv1/{part}", t)["value"]["shown"], f"values of {part}")
            value = app.control(f"train/filters/conv1/{part}", bar)["value"]
            self.assertGreater(value["hi"], 0)
            if part != "response":
                self.assertEqual(value["lo"], -value["hi"])
        app.move(*app.center(f"{TILE}2"))
        app.wait(lambda t: t["train_filters"]["hovered"] == "conv1 filter 2" and "conv1 filter 2" in t["hover"],
                 "the hovered filter in words")
        app.click("train/filters/range")
        app.wait(lambda t: t["train_filters"]["range"] == "filter", "ranges of their own")

    def test_type_a_weight_while_it_runs_and_undo(self):
        app = self.start()
        self.train_to(app, 5)
        self.pin(app, 3)
        app.click("train/run")
        app.wait(lambda t: t["train"]["running"], "training")
        self.type_weight(app, 1, 2, "2.5")
        app.wait(lambda t: any("conv1 filter 3" in mark["label"] for mark in t["train"]["marks"]), "the mark of the edit")
        twin = self.pause(app)
        typed = self.weights(app, app.wait(lambda t: abs(app.control("train/weight/1/2", t)["value"]) > 1.5, "the weight"))
        self.assertAlmostEqual(typed["train/weight/1/2"], 2.5, delta=0.6)
        self.assertGreater(twin["train"]["step"], 5)
        app.key("ctrl+z")
        app.wait(lambda t: abs(app.control("train/weight/1/2", t)["value"]) < 1.5, "the edit to be taken back")
        app.key("ctrl+shift+z")
        app.wait(lambda t: abs(app.control("train/weight/1/2", t)["value"]) > 1.5, "the edit to be done again")

    def test_a_drag_is_one_entry(self):
        app = self.start()
        self.train_to(app, 3)
        self.pin(app, 1)
        before = self.weights(app)["train/weight/0/0"]
        app.drag("train/weight/0/0", 0, -40)
        app.wait(lambda t: app.control("train/weight/0/0", t)["value"] > before + 0.05, "the weight to rise")
        app.frames(10)
        app.key("ctrl+z")
        app.wait(lambda t: app.control("train/weight/0/0", t)["value"] == before, "one undo to take the drag back")

    def test_freeze_a_filter_and_see_it_unchanged(self):
        app = self.start()
        self.train_to(app, 5)
        self.pin(app, 2)
        app.click("train/freeze")
        app.wait(lambda t: self.facts(app, 2)["frozen"], "the lock")
        before = self.weights(app)
        other = self.facts(app, 1)["norm"]
        step = app.twin()["train"]["step"]
        self.train_to(app, step + 20)
        self.assertEqual(self.weights(app), before)
        self.assertNotEqual(self.facts(app, 1)["norm"], other)
        self.assertTrue(any("frozen" in word for word in app.wait_for_control("train/card/words")["value"]))
        app.key("ctrl+z")
        app.wait(lambda t: not self.facts(app, 2)["frozen"], "the lock to go")
        self.train_to(app, app.twin()["train"]["step"] + 10)
        self.assertNotEqual(self.weights(app), before)

    def test_paste_sobel_remove_and_randomise(self):
        app = self.start()
        self.train_to(app, 3)
        self.pin(app, 4)
        app.click("train/presets")
        app.click("train/preset/sobel-x")
        twin = app.wait(lambda t: app.control("train/weight/1/0", t)["value"] == -2, "Sobel in the filter")
        self.assertEqual(list(self.weights(app, twin).values()), [-1, 0, 1, -2, 0, 2, -1, 0, 1])
        twin = app.wait(lambda t: "Sobel x" in " ".join(app.control("train/card/words", t)["value"]), "its name in words")
        app.click("train/copy")
        app.click("train/remove")
        app.wait(lambda t: self.facts(app, 4)["removed"] and self.facts(app, 4)["norm"] == 0, "the filter to be removed")
        app.key("ctrl+z")
        app.wait(lambda t: self.facts(app, 4)["norm"] > 3, "the filter to come back")
        self.pin(app, 5)
        app.click("train/paste")
        app.wait(lambda t: app.control("train/weight/1/0", t)["value"] == -2, "the pasted matrix")
        app.click("train/randomise")
        app.wait(lambda t: self.facts(app, 5)["norm"] < 2, "new random weights")

    def test_history_goes_back(self):
        app = self.start()
        self.train_to(app, 25)
        self.pin(app, 1)
        last = app.twin()["train"]["step"]
        norms = app.wait_for_control("train/card/norms")["value"]
        self.assertNotEqual(norms["first"], norms["last"])
        app.click("train/card/moment/0")
        app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["step"] == 0, "the first moment")
        self.assertAlmostEqual(self.facts(app, 1)["norm"], norms["first"], places=5)
        self.assertEqual(app.twin()["train"]["last_step"], last)

    def test_film_from_the_window(self):
        app = self.start()
        self.train_to(app, 20)
        with tempfile.TemporaryDirectory(prefix="convlens-film-") as folder:
            path = pathlib.Path(folder) / "life.gif"
            self.use(app, "film")
            app.wait_for_control("train/film/plan")
            app.click("train/film/save")
            app.wait_for_control("browser/name")
            app.click("browser/name")
            app.key("ctrl+a")
            app.type(str(path))
            app.key("Return")
            app.wait(lambda _: path.exists(), "the film")
            data = path.read_bytes()
            self.assertEqual(data[:6], b"GIF89a")
            width, height = struct.unpack("<HH", data[6:10])
            self.assertGreater(width * height, 10_000)
            app.wait(lambda t: "life.gif" in t["message"]["text"], "the message")

    def test_to_explore_and_to_stack(self):
        app = self.start()
        self.train_to(app, 10)
        self.pin(app, 2)
        learnt = list(self.weights(app).values())
        self.use(app, "to-explore")
        twin = app.settle()
        shown = [c["value"] for c in twin["controls"] if c["name"].startswith("filters/weight/0/")]
        self.assertEqual(len(shown), 9)
        app.click("workspace/train")
        self.use(app, "to-stack")
        twin = app.wait(lambda t: "stack" in t and t["stack"]["complete"] and not t["stack"]["busy"], "the net in Stack")
        self.assertIsNone(twin["stack"]["misfit"])
        self.assertEqual(twin["stack"]["levels"][0]["shape"], [1, 28, 28])
        self.assertEqual(len(learnt), 9)


if __name__ == "__main__":
    unittest.main()
