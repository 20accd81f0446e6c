"""The controls of the Train workspace in the real window: run, pause, step, phases, epochs, slow motion and keys;
settings that take effect at once and with Reset; the data by class; fetching that fails; saving and opening a run. Run
by ctest with the program's path in CONVLENS."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from pictures import write_png  # noqa: E402
from train_test import TrainTest  # noqa: E402

# Nobody listens there.
os.environ["CONVLENS_MNIST_MIRROR"] = "http://127.0.0.1:9/"


class TrainControls(TrainTest):
    def stop_at(self, app, step, what):
        return app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["step"] == step, what)

    def scroll_to(self, app, name, over="train/data"):
        """Turns the wheel over the settings until the control is in view."""
        for _ in range(40):
            if app.has(name):
                return
            app.wheel(over if app.has(over) else "train/section/optimizer", -2)
            app.frames(3)
        self.fail(f"{name} never came into view")

    def test_steps_phases_epochs_and_keys(self):
        app = self.start()
        first = app.twin()["train"]
        self.assertEqual((first["step"], first["last_step"]), (0, 0))
        app.click("train/step")
        one = self.stop_at(app, 1, "one step")["train"]
        self.assertNotEqual(one["hash"], first["hash"])
        for phase in ("loss", "backward", "update", "forward"):
            app.click("train/phase")
            app.wait(lambda t: t["train"]["next_phase"] == phase and t["train"]["state"] == "paused",
                     f"{phase} to be next")
            lit = [c["name"] for c in app.twin()["controls"] if c["name"].startswith("train/phase/") and c["value"]]
            done = {"loss": "forward", "backward": "loss", "update": "backward"}.get(phase)
            self.assertEqual(lit, [f"train/phase/{done}"] if done else [])
        two = self.stop_at(app, 2, "the second step")["train"]
        app.key("comma")
        back = self.stop_at(app, 1, "the step before")["train"]
        self.assertEqual(back["hash"], one["hash"])
        app.key("period")
        again = self.stop_at(app, 2, "the second step again")["train"]
        self.assertEqual(again["hash"], two["hash"])
        app.key("space")
        app.wait(lambda t: t["train"]["running"] and t["train"]["step"] > 4, "training to run")
        app.key("space")
        self.pause(app)
        now = app.twin()["train"]
        per_epoch = now["run"]["steps_per_epoch"]
        app.click("train/epoch")
        self.stop_at(app, (now["step"] // per_epoch + 1) * per_epoch, "the end of the epoch")

    def test_slow_motion_lights_phase_after_phase(self):
        app = self.start()
        app.click("train/slow")
        app.wait_for_control("train/pace")
        app.click("train/run")
        seen = set()

        def look(twin):
            seen.update(c["label"] for c in twin["controls"] if c["name"].startswith("train/phase/") and c["value"])
            return len(seen) == 4

        app.wait(look, "every phase to have been lit")
        step = self.pause(app)["train"]["step"]
        self.assertLess(step, 60)

    def test_what_takes_effect_at_once_and_what_with_reset(self):
        app = self.start()
        app.click("train/run")
        app.wait(lambda t: t["train"]["step"] > 3, "some steps")
        self.scroll_to(app, "train/learning_rate")
        app.set_number("train/learning_rate", "0.01")
        twin = app.wait(lambda t: any("0.01" in mark["label"] for mark in t["train"]["marks"]), "the new rate's mark")
        self.assertEqual(twin["train"]["waiting"], "")
        self.scroll_to(app, "train/batch")
        app.set_number("train/batch", "32")
        twin = app.wait(lambda t: t["train"]["waiting"], "words about what waits")
        self.assertIn("batch", twin["train"]["waiting"])
        self.assertEqual(twin["train"]["run"]["batch"], 64)
        self.pause(app)
        app.click("train/reset")
        twin = app.wait(lambda t: t["train"]["run"]["batch"] == 32 and t["train"]["state"] == "paused", "the new run")
        self.assertEqual((twin["train"]["step"], twin["train"]["waiting"]), (0, ""))
        self.assertEqual(len(twin["train"]["branches"]), 1)

    def test_another_net_and_its_layers(self):
        app = self.start()
        before = app.wait_for_control("train/total")["value"]["parameters"]
        app.click("train/net")
        app.click("train/net/lenet5")
        twin = app.wait(lambda t: t["train"]["run"]["model"] == "lenet5" and t["train"]["state"] == "paused",
                        "LeNet-5 to be ready")
        self.assertEqual(app.control("train/total", twin)["value"]["parameters"], 61706)
        self.assertNotEqual(before, 61706)
        app.click("train/layers")
        app.click("train/layer/0")
        app.frames(6)
        app.set_number("train/field/filters", "9")
        app.wait(lambda t: "9 of 5" in app.control("train/layer/0", t)["value"]["details"], "nine filters")
        app.wait(lambda t: t["train"]["state"] == "paused" and
                 app.control("train/total", t)["value"]["parameters"] != 61706, "the edited net")
        app.key("ctrl+z")
        app.wait(lambda t: app.control("train/total", t)["value"]["parameters"] == 61706, "the edit to be undone")

    def test_data_by_class(self):
        app = self.start()
        self.tab(app, "data")
        app.wait_for_control("train/data/picture/0")
        app.frames(8)  # the scroll bar has taken its room
        twin = app.twin()
        classes = [c for c in twin["controls"] if c["name"].startswith("train/data/class/")]
        self.assertEqual(len(classes), 10)
        run = twin["train"]["run"]
        self.assertEqual(sum(c["value"] for c in classes), run["train_pictures"])
        shot = self.display.screenshot()
        self.assertGreater(shot.colours(app.control("train/data/picture/3", twin)["rect"]), 8)
        app.click("train/data/next")
        app.wait(lambda t: app.control("train/data/page", t)["value"] == 2, "the second page")
        app.click("train/data/class/7")
        app.wait(lambda t: len([c for c in t["controls"] if c["name"].startswith("train/data/class/")]) == 1,
                 "the sevens alone")
        index = app.wait_for_control("train/data/picture/2")["value"]
        self.assertIn(": 7", app.control("train/data/picture/2")["label"])
        app.click("train/data/picture/2")
        twin = app.wait(lambda t: t["train"]["tab"] == "sample", "the tab of the sample")
        self.assertEqual(twin["train"]["sample"], {"kind": "train", "index": index})

    def use_folder(self, app, folder):
        app.click("train/data/folder")
        app.click("browser/edit_path")
        app.wait_for_control("browser/path")
        app.frames(10)
        app.key("ctrl+a")
        app.type(str(folder))
        app.key("Return")
        app.wait(lambda t: folder.name in app.control("browser/selection", t)["value"], "the folder to be shown")
        app.click("browser/ok")

    def test_a_folder_of_pictures_and_one_that_cannot_be_learnt_from(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="shapes-", dir=self.folder))
        for name, stripe in (("bars", lambda x, y: x // 3), ("lines", lambda x, y: y // 3)):
            (folder / name).mkdir()
            for shift in range(12):
                rows = [bytes(255 * (stripe(x + shift, y + shift) % 2) for x in range(20) for _ in range(3))
                        for y in range(20)]
                write_png(folder / name / f"{shift}.png", 20, 20, rows)
        empty = folder / "empty"
        app = self.start()
        self.tab(app, "data")
        self.use_folder(app, folder)
        twin = app.wait(lambda t: t["train"]["run"]["data"] == f"folder:{folder}" and t["train"]["state"] == "paused",
                        "the run on pictures")
        self.assertEqual((twin["train"]["run"]["train_pictures"], twin["train"]["run"]["classes"]), (20, 2))
        self.assertIn("20 x 20", app.control("train/data/preprocessing")["value"])
        empty.mkdir()
        self.use_folder(app, empty)
        twin = app.wait(lambda t: t["train"]["state"] == "failed", "the refusal")
        self.assertIn("empty", twin["train"]["words"])
        self.assertFalse(app.control("train/run")["enabled"])
        app.click("train/data/synthetic")
        app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["run"]["data"].startswith("synthetic"),
                 "digits again")

    def test_an_unfinished_run_is_offered_and_taken_up(self):
        os.environ["CONVLENS_STATE"] = tempfile.mkdtemp(prefix="convlens-state-", dir=self.folder)
        self.addCleanup(os.environ.pop, "CONVLENS_STATE")
        first = self.start()
        self.assertFalse(first.has("train/unfinished"))
        first.click("train/step")
        self.stop_at(first, 1, "a step")
        first.click("train/step")
        kept = self.stop_at(first, 2, "another step")["train"]
        first.key("ctrl+q")
        first.process.wait(timeout=60)
        second = self.start()
        second.wait_for_control("train/unfinished")
        second.click("train/take-up")
        twin = self.stop_at(second, 2, "the unfinished run")
        self.assertEqual(twin["train"]["hash"], kept["hash"])
        self.assertFalse(second.has("train/unfinished"))

    def test_a_fetch_that_finds_no_mirror_says_so(self):
        app = self.start()
        self.tab(app, "data")
        app.click("train/data/fetch")
        twin = app.wait(lambda t: t["message"]["kind"] == "error", "the failure to be told")
        self.assertIn("MNIST could not be fetched", twin["message"]["text"])
        app.wait_for_control("train/data/fetch")
        self.assertEqual(twin["train"]["state"], "paused")

    def test_saving_a_run_and_opening_it_again(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="convlens-run-", dir=self.folder))
        path = folder / "first-run.safetensors"
        app = self.start()
        app.click("train/run")
        app.wait(lambda t: t["train"]["step"] > 5, "some steps")
        kept = self.pause(app)["train"]
        app.key("ctrl+s")
        app.wait_for_control("browser/name")
        app.key("ctrl+a")
        app.type(str(path))
        app.key("Return")
        app.wait(lambda t: path.exists() and not app.has("browser/name"), "the run to be saved")
        app.click("train/reset")
        self.stop_at(app, 0, "a new run")
        app.click("menu/train")
        app.click("menu/train/open")
        app.click("browser/edit_path")
        app.key("ctrl+a")
        app.type(str(path))
        app.key("Return")
        twin = app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["last_step"] == kept["last_step"],
                        "the saved run")
        if twin["train"]["step"] != kept["step"]:
            self.fail(f"the run stands at step {twin['train']['step']}, not {kept['step']}")
        self.assertEqual(twin["train"]["hash"], kept["hash"])

    def test_everything_is_reachable_with_panels_hidden_and_when_large(self):
        app = self.start("--scale", "2")
        names = {c["name"] for c in app.twin()["controls"]}
        for name in ("train/reset", "train/run", "train/step", "train/phase", "train/epoch", "train/tab/filters",
                     "train/tab/curves", "train/tab/data"):
            self.assertIn(name, names)
        app.key("Tab")
        app.wait(lambda t: not any(c["name"] == "train/slow" for c in t["controls"]), "the side panels to go")
        app.click("train/step")
        self.stop_at(app, 1, "a step with hidden panels")


if __name__ == "__main__":
    unittest.main()
