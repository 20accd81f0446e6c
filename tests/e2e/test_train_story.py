"""One long lesson in the Train workspace, from noise to 95 % and everything that a person does on the way: on digits
written by code and, where CONVLENS_MNIST names a folder with its files, on MNIST. Run by ctest with the program's path in
CONVLENS."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from train_test import TrainTest  # noqa: E402

GOOD = 0.95
SEVEN = [[(0.22, 0.2), (0.78, 0.2), (0.45, 0.85)]]


class Story(TrainTest):
    def setUp(self):
        os.environ["CONVLENS_STATE"] = str(self.folder / self._testMethodName)
        self.addCleanup(os.environ.pop, "CONVLENS_STATE", None)

    def test_digits_written_by_code(self):
        self.tell(self.start(), "accuracy")

    def test_mnist(self):
        mnist = os.environ.get("CONVLENS_MNIST")
        if not mnist:
            self.skipTest("CONVLENS_MNIST does not name a folder with the MNIST files")
        app = self.open(mnist)  # as a folder that is dropped
        app.click("workspace/train")
        app.wait(lambda t: t["train"]["run"] and t["train"]["run"]["train_pictures"] == 60000 and
                 t["train"]["state"] == "paused", "the run on MNIST")
        self.tell(app, "held_out_accuracy")

    def tell(self, app, accuracy):
        """`accuracy` is what becomes good: few digits are learnt by heart before others are known as well."""
        begun = self.at(app, 0)
        app.click("train/run")
        app.wait(lambda t: (t["train"][accuracy] or 0) >= GOOD, f"{GOOD:.0%}")
        self.pause(app)
        there = app.wait(lambda t: t["train"]["hash"], "the fingerprint")["train"]
        last = there["step"]

        # To the start and back, and once more the same way: bit by bit.
        app.key("Home")
        self.assertEqual(self.at(app, 0)["hash"], begun["hash"])
        app.key("End")
        self.assertEqual(self.at(app, last)["hash"], there["hash"])
        app.key("Home")
        self.at(app, 0)
        app.click("train/timeline/fork")
        app.wait(lambda t: t["train"]["last_step"] == 0 and len(t["train"]["branches"]) == 1, "the fork")
        for _ in range(3):
            app.click("train/step")
        third = self.at(app, 3)["hash"]
        app.click("train/timeline/branches")
        app.click("train/timeline/branch/0")
        self.assertEqual(self.at(app, last)["hash"], there["hash"])
        app.key("Home")
        self.at(app, 0)
        for step in range(1, 4):
            app.key("Right")
            self.at(app, step)
        self.assertEqual(self.at(app, 3)["hash"], third)
        app.key("End")
        self.at(app, last)

        # A weight typed while it runs.
        self.pin(app, 3)
        app.click("train/run")
        app.wait(lambda t: t["train"]["running"], "training")
        self.type_weight(app, 1, 2, "2.5")
        app.wait(lambda t: any("conv1 filter 3" in mark["label"] for mark in t["train"]["marks"]), "the mark of the edit")
        self.pause(app)
        app.key("ctrl+z")
        app.frames(4)

        # A frozen filter stays; undo lets it learn again.
        self.pin(app, 2)
        app.click("train/freeze")
        frozen = lambda t: app.control("train/filter/conv1/2", t)["value"]["frozen"]  # noqa: E731
        app.wait(frozen, "the lock")
        before = self.weights(app)
        self.train_to(app, app.twin()["train"]["step"] + 5)
        self.assertEqual(self.weights(app), before)
        app.key("ctrl+z")
        app.wait(lambda t: not frozen(t), "the lock to go")
        self.train_to(app, app.twin()["train"]["step"] + 5)
        self.assertNotEqual(self.weights(app), before)

        # Sobel x, in the middle of a filter of whatever size.
        app.click("train/presets")
        app.click("train/preset/sobel-x")
        app.wait(lambda t: "Sobel x" in " ".join(app.control("train/card/words", t)["value"]), "its name in words")

        # Where it fails: a cell, a picture.
        twin = self.newest_test(app)
        wrong = max((c for c in twin["controls"] if c["name"].startswith("mistakes/cell/") and
                     len(set(c["name"].split("/")[2:])) == 2), key=lambda c: c["value"])
        app.click(wrong["name"])
        picture = app.wait_for_control("mistakes/picture/0")["value"]
        app.click("mistakes/picture/0")
        app.wait(lambda t: t["train"]["tab"] == "sample" and t["train"]["sample"]["index"] == picture["index"],
                 "the picture as the sample")

        # What the trained net says to a seven by hand.
        app.key("ctrl+z")  # Sobel goes
        app.frames(4)
        self.tab(app, "draw")
        self.assertEqual(app.control("draw/prediction", self.draw(app, SEVEN))["value"], "7")

        # The life of the filters; the run as a file.
        film = self.folder / "life.gif"
        self.use(app, "film")
        app.wait_for_control("train/film/plan")
        app.click("train/film/save")
        self.choose_file(app, film)
        app.wait(lambda _: film.exists(), "the film")
        self.assertEqual(film.read_bytes()[:6], b"GIF89a")
        film.unlink()
        app.key("Escape")
        app.wait(lambda t: not app.has("train/film/plan"), "the film's window to close")
        run = self.folder / f"{self._testMethodName}.safetensors"
        last = app.wait(lambda t: t["train"]["hash"], "the fingerprint")["train"]
        app.key("ctrl+s")
        self.choose_file(app, run)
        app.wait(lambda t: f"Saved {run.name}" in (t.get("message") or {}).get("text", ""), "the file")
        app.key("ctrl+q")
        app.process.wait(30)
        self.assertEqual(app.process.returncode, 0)
        again = self.open(run)
        back = again.wait(lambda t: t["train"]["hash"] and t["train"]["step"] == last["step"], "the run")["train"]
        self.assertEqual(back["hash"], last["hash"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
