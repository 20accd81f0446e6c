"""What a run survives: the end of the program, being killed, a folder that cannot be written; and runs and nets as
files. Run by ctest with the program's path in CONVLENS."""

import os
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from train_test import TrainTest  # noqa: E402

MOST_LOST = 30  # seconds


class Files(TrainTest):
    def setUp(self):
        self.state = self.folder / self._testMethodName
        self.keep_in(self.state)
        self.addCleanup(os.environ.pop, "CONVLENS_STATE", None)

    def keep_in(self, folder):
        os.environ["CONVLENS_STATE"] = str(folder)

    def kill(self, app):
        app.process.send_signal(signal.SIGKILL)
        app.process.wait()

    def test_a_killed_run_is_offered_and_taken_up(self):
        app = self.start()
        app.click("train/run")
        kept = self.state / "unfinished-run.safetensors"
        deadline = time.monotonic() + MOST_LOST
        while not kept.exists():
            self.assertLess(time.monotonic(), deadline, "nothing was kept in time")
            time.sleep(0.2)
        self.kill(app)

        app = self.open(self.rings)
        app.settle()
        app.click("workspace/train")
        words = app.wait(lambda t: app.control("train/unfinished", t), "the offer")
        words = app.control("train/unfinished", words)["value"]
        self.assertIn("keras-starter, step ", words)
        step = int(words.split("step ")[1].split(",")[0])
        app.click("train/take-up")
        there = app.wait(lambda t: t["train"]["step"] == step and t["train"]["hash"], f"step {step}")["train"]
        self.assertEqual(there["last_step"], step)
        self.assertFalse(app.has("train/unfinished"))
        # It goes on, and its past is there.
        on = self.train_to(app, step + 1)["step"]
        self.assertGreater(on, step)
        app.key("Home")
        self.at(app, 0)

    def test_a_folder_that_cannot_be_written_is_told_and_training_goes_on(self):
        blocked = self.folder / "a-file"
        blocked.write_text("in the way")
        self.keep_in(blocked)
        app = self.start()
        app.click("train/run")
        app.wait(lambda t: "cannot be kept" in (t.get("message") or {}).get("text", ""), "the complaint")
        step = app.twin()["train"]["step"]
        app.wait(lambda t: t["train"]["step"] > step + 20 or t["train"]["state"] == "paused", "training to go on")
        self.assertIsNone(app.process.poll())

    def test_save_quit_and_open_again(self):
        run = self.folder / "kept.safetensors"
        app = self.start()
        there = self.train_to(app, 30)
        app.key("ctrl+s")
        self.choose_file(app, run)
        app.wait(lambda t: "Saved kept.safetensors" in (t.get("message") or {}).get("text", ""), "the file")
        app.key("ctrl+q")
        app.process.wait(20)
        self.assertEqual(app.process.returncode, 0)
        self.assertFalse((self.state / "unfinished-run.safetensors").exists(), "a saved run is not unfinished")

        app = self.open(run)  # a run brings its workspace along
        back = app.wait(lambda t: t["train"]["hash"] and t["train"]["step"] == there["step"], "the run")["train"]
        self.assertEqual(back["hash"], there["hash"])
        app.key("Home")
        self.at(app, 0)
        app.key("End")
        self.assertEqual(self.at(app, there["step"])["hash"], there["hash"])

    def test_a_run_that_nobody_keeps_is_asked_about(self):
        os.environ.pop("CONVLENS_STATE")
        app = self.start()
        self.train_to(app, 5)
        app.key("ctrl+q")
        app.wait_for_control("unsaved/keep-run")
        app.frames(4)  # the question takes its place in the middle
        app.click("unsaved/keep-run")
        self.assertIsNone(app.process.poll())
        app.wait(lambda t: not app.has("unsaved/save-run"), "the question to go")
        app.key("ctrl+q")
        app.wait_for_control("unsaved/save-run")
        app.frames(4)
        app.click("unsaved/save-run")
        self.choose_file(app, self.folder / "asked.safetensors")
        app.process.wait(20)
        self.assertTrue(pathlib.Path(self.folder / "asked.safetensors").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
