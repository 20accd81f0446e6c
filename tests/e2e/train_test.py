"""What the stories of the Train workspace share: getting there, running to a test that is good enough, opening tabs,
drawing on the pad."""

import sys
import os

sys.path.insert(0, os.path.dirname(__file__))
from window_test import WindowTest  # noqa: E402


class TrainTest(WindowTest):
    def start(self, *arguments, **options):
        """The window in the Train workspace, with a run at step 0."""
        app = self.open(*(arguments or (self.rings,)), **options)
        app.settle()
        app.click("workspace/train")
        app.wait(lambda t: t["train"]["run"] and t["train"]["state"] == "paused", "the first run to be ready")
        return app

    def run_to(self, app, accuracy):
        """Trains until the held-out pictures are answered that well, and pauses."""
        app.click("train/run")
        app.wait(lambda t: (t["train"]["held_out_accuracy"] or 0) >= accuracy or
                 t["train"]["state"] not in ("running", "paused"), f"{accuracy:.0%} of the held-out pictures")
        return self.pause(app)

    def pause(self, app):
        if app.twin()["train"]["running"]:
            app.click("train/run")
        return app.wait(lambda t: t["train"]["state"] == "paused" and not t["train"]["running"], "training to pause")

    def train_to(self, app, steps):
        """Runs until so many steps are done, and pauses."""
        app.click("train/run")
        app.wait(lambda t: t["train"]["step"] >= steps, f"{steps} steps")
        return self.pause(app)["train"]

    def at(self, app, step):
        """What is told when the trainer stands there, with the fingerprint of its weights."""
        return app.wait(lambda t: t["train"]["state"] == "paused" and t["train"]["step"] == step and
                        t["train"]["looked_at"] is None and t["train"]["hash"], f"step {step}")["train"]

    def pin(self, app, number):
        """A filter of the first layer, its tab open."""
        app.click(f"train/filter/conv1/{number}")
        name = f"conv1 filter {number}"
        app.wait(lambda t: t["train_filters"]["pinned"] == name and t["train"]["tab"] == "filter", f"{name} pinned")
        app.wait_for_control("train/card/title")
        app.frames(4)

    def weights(self, app, twin=None):
        """Of the pinned filter, by name."""
        twin = twin or app.twin()
        cells = {c["name"]: c["value"] for c in twin["controls"] if c["name"].startswith("train/weight/")}
        self.assertGreaterEqual(len(cells), 9)
        return cells

    def type_weight(self, app, row, col, text):
        app.xdotool("keydown", "ctrl")
        app.click(f"train/weight/{row}/{col}")
        app.xdotool("keyup", "ctrl")
        app.wait_for_control("train/weight_entry")
        app.key("ctrl+a")
        app.type(text)
        app.key("Return")

    def use(self, app, name):
        """An entry of the list "Use..."."""
        app.click("train/use")
        app.click(f"train/{name}")

    def choose_file(self, app, name):
        """Types a path into the file browser that is open."""
        app.wait_for_control("browser/name")
        app.click("browser/name")
        app.key("ctrl+a")
        app.type(str(name))
        app.click("browser/ok")

    def tab(self, app, name):
        app.click(f"train/tab/{name}")
        return app.wait(lambda t: t["train"]["tab"] == name, f"the tab {name}")

    def newest_test(self, app):
        """A test of the present moment on all held-out pictures; the tab of mistakes is open afterwards."""
        self.tab(app, "mistakes")
        app.click("mistakes/test")
        return app.wait(lambda t: t["mistakes"]["step"] == t["train"]["step"] and t["mistakes"]["has_pictures"] and
                        t["mistakes"]["images"] == t["train"]["run"]["test_pictures"],
                        "the test of this moment")

    def draw(self, app, strokes):
        """Strokes on the pad, as lists of points in [0,1]; returns the twin when the net has answered."""
        x, y, side, _ = app.wait_for_control("draw/pad")["rect"]
        before = app.twin()["draw"]["strokes"]
        for points in strokes:
            app.move(x + points[0][0] * side, y + points[0][1] * side)
            app.xdotool("mousedown", 1)
            app.frames(2)
            for (x0, y0), (x1, y1) in zip(points, points[1:]):
                for step in range(1, 9):
                    app.xdotool("mousemove", round(x + (x0 + (x1 - x0) * step / 8) * side),
                                round(y + (y0 + (y1 - y0) * step / 8) * side))
                    app.frames(1)
                app.frames(3)  # so that no frame misses a corner
            app.release()
        app.wait(lambda t: t["draw"]["strokes"] == before + len(strokes), "the strokes to be drawn")
        return self.answer(app)

    def answer(self, app):
        """The twin when what is drawn has gone through the net."""
        app.frames(3)
        return app.wait(lambda t: t["draw"]["answered"] and app.control("draw/prediction", t)["value"],
                        "the net's answer to the drawing")
