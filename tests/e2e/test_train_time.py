"""The time of a run: scrubbing, forks, playing, curves, two moments side by side, a divergence and the way back. Run by
ctest with the program's path in CONVLENS."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from train_test import TrainTest  # noqa: E402

TRACK = "train/timeline/track"


class Time(TrainTest):
    def track_x(self, app, step):
        control = app.wait_for_control(TRACK)
        x, y, width, height = control["rect"]
        first, end = control["range"]
        return x + (step - first) / (end - first) * width, y + height / 2

    def click_track(self, app, step):
        """Goes there; where a pixel of the track is more than a step, by the keys for the rest of the way."""
        app.move(*self.track_x(app, step))
        app.press()
        there = app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["looked_at"] is None and
                         abs(t["train"]["step"] - step) < 20 and t["train"]["hash"], f"about step {step}")["train"]
        for _ in range(abs(step - there["step"])):
            app.key("Right" if step > there["step"] else "Left")
        return self.at(app, step)

    def test_scrub_to_the_start_and_back_bit_by_bit(self):
        app = self.start()
        begun = self.at(app, 0)
        there = self.train_to(app, 40)
        last = there["step"]
        self.assertNotEqual(there["hash"], begun["hash"])
        self.assertGreaterEqual(there["frames"], 40)

        app.move(*self.track_x(app, last))
        app.xdotool("mousedown", 1)
        app.frames(2)
        app.move(*self.track_x(app, last / 2))
        looking = app.wait(lambda t: t["train"]["looked_at"] is not None, "the look to follow the pointer")["train"]
        self.assertAlmostEqual(looking["looked_at"], last / 2, delta=2)
        self.assertEqual(looking["step"], last, "the trainer moved while the handle was dragged")
        app.move(*self.track_x(app, 0))
        app.release()
        self.assertEqual(self.at(app, 0)["hash"], begun["hash"])
        app.key("End")
        self.assertEqual(self.at(app, last)["hash"], there["hash"])
        app.key("Left", "Left", "Right")
        self.at(app, last - 1)
        app.click("train/timeline/end")
        self.assertEqual(self.at(app, last)["hash"], there["hash"])

    def test_a_fork_takes_the_same_way_and_keeps_the_other(self):
        app = self.start()
        there = self.train_to(app, 30)
        last = there["step"]
        self.assertFalse(app.wait_for_control("train/timeline/fork")["enabled"], "there is nothing to fork from")
        app.key("Home")
        self.at(app, 0)
        app.click("train/timeline/fork")
        forked = app.wait(lambda t: t["train"]["last_step"] == 0, "the fork")["train"]
        self.assertEqual(len(forked["branches"]), 1)
        self.assertGreaterEqual(app.control("train/curves/plot/loss")["value"]["ghosts"], 1)
        self.train_to(app, last + 1)
        self.assertEqual(self.click_track(app, last)["hash"], there["hash"])
        self.assertEqual(app.wait_for_control("train/curves/plot/loss")["value"]["ghosts"], 0, "the same way, twice")
        app.click("train/timeline/branches")
        app.click("train/timeline/branch/0")
        taken = app.wait(lambda t: t["train"]["last_step"] == last, "the branch")["train"]
        self.assertEqual(len(taken["branches"]), 1)

    def test_looking_back_while_training_goes_on(self):
        app = self.start()
        app.click("train/run")
        app.wait(lambda t: t["train"]["step"] >= 30, "30 steps")
        app.move(*self.track_x(app, 5))
        app.press()
        looking = app.wait(lambda t: t["train"]["looked_at"] is not None, "a look back")["train"]
        self.assertTrue(looking["running"])
        app.wait(lambda t: t["train"]["step"] > looking["step"] + 5 and t["train"]["looked_at"] is not None,
                 "training to go on while the past is looked at")
        self.assertIn("training at", app.control("train/timeline/words")["value"])
        app.click("train/timeline/now")
        app.wait(lambda t: t["train"]["looked_at"] is None, "the look to come back")
        self.pause(app)

    def test_playing_shows_the_recording_and_computes_nothing(self):
        app = self.start()
        last = self.train_to(app, 60)["step"]
        app.click("train/timeline/speed")
        app.click("train/timeline/speed/1")
        app.wait(lambda t: app.control("train/timeline/speed", t)["value"] == 1, "the speed to be chosen")
        app.click("train/timeline/play")
        seen = set()
        while len(seen) < 5:
            twin = app.wait(lambda t: t["train"]["looked_at"] is not None and t["train"]["looked_at"] not in seen,
                            "the look to move")["train"]
            self.assertEqual(twin["step"], last)
            seen.add(twin["looked_at"])
        app.click("train/timeline/play")
        twin = app.wait(lambda t: t["train"]["looked_at"] is None and t["train"]["state"] == "paused", "it to stop")
        self.assertGreaterEqual(twin["train"]["step"], max(seen))
        self.assertLess(twin["train"]["step"], last)

    def test_curves_zoom_and_lead_to_their_steps(self):
        app = self.start()
        last = self.train_to(app, 50)["step"]
        plot = "train/curves/plot/loss"
        whole = app.wait_for_control(plot)["value"]
        self.assertFalse(whole["zoomed"] or whole["logarithmic"])
        self.assertEqual(whole["steps"], [0, last])
        app.wheel(plot, 3)
        zoomed = app.wait(lambda t: app.control(plot, t)["value"]["zoomed"], "the zoom")
        steps = app.control(plot, zoomed)["value"]["steps"]
        self.assertLess(steps[1] - steps[0], 0.6 * last)
        self.assertEqual(app.control("train/curves/plot/accuracy", zoomed)["value"]["steps"], steps)
        app.drag(plot, 60, 0)
        app.wait(lambda t: app.control(plot, t)["value"]["steps"][0] < steps[0], "the drag")
        self.assertEqual(app.twin()["train"]["step"], last, "a drag went to a step")
        app.move(*app.center(plot))
        app.key("f")
        app.wait(lambda t: not app.control(plot, t)["value"]["zoomed"], "the whole recording")
        app.click("train/curves/logarithmic")
        app.wait(lambda t: app.control(plot, t)["value"]["logarithmic"], "the logarithmic axis")

        app.move(*app.center(plot))
        hover = app.wait(lambda t: t["hover"].startswith("step "), "the read-out")["hover"]
        self.assertIn("batch: loss", hover)
        self.assertIn("learning rate", hover)
        app.press()
        step = app.wait(lambda t: t["train"]["step"] < last and t["train"]["looked_at"] is None,
                        "the trainer to go to the step")["train"]["step"]
        self.assertAlmostEqual(step, last / 2, delta=2)

        app.click("train/curves/layers")
        for quantity in ("gradient", "weight", "update", "dead"):
            app.click(f"train/curves/layers/{quantity}")
            app.wait_for_control(f"train/curves/plot/{quantity}")
        app.click("train/curves/rate")
        self.assertGreater(float(app.wait_for_control("train/curves/plot/rate/rate")["value"]), 0)

    def test_two_moments_side_by_side(self):
        app = self.start()
        app.click("train/moments/keep")
        app.wait_for_control("train/moments/open")
        self.train_to(app, 40)
        app.click("train/moments/open")
        words = app.wait_for_control("train/moments/distance/all layers")["value"]
        self.assertIn("% of B's size", words)
        self.assertGreater(float(words.split(" %")[0]), 1)
        self.assertTrue(app.wait_for_control("train/moments/loss")["value"].startswith("-"), "the loss did not fall")
        app.click("train/moments/look")
        self.at(app, 0)

    def test_a_divergence_is_explained_and_taken_back(self):
        app = self.start()
        self.train_to(app, 40)
        app.set_number("train/learning_rate", 10)
        app.click("train/run")
        away = app.wait(lambda t: t["train"]["state"] == "diverged", "training to run away")["train"]["step"]
        self.assertIn("learning rate", app.wait_for_control("train/divergence/reason")["value"])
        self.assertIn("step", app.wait_for_control("train/divergence/words")["value"])
        app.click("train/divergence/cure")
        twin = app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["step"] < away, "the way back")
        app.wait(lambda t: float(app.control("train/learning_rate", t)["value"]) < 1, "the smaller rate")
        self.assertFalse(app.has("train/divergence/cure"))
        step = twin["train"]["step"]
        app.click("train/run")
        app.wait(lambda t: t["train"]["step"] > step + 30 or t["train"]["state"] == "diverged", "training to go on")
        self.assertNotEqual(self.pause(app)["train"]["state"], "diverged")


if __name__ == "__main__":
    unittest.main()
