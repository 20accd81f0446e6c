"""The tabs Frequency and Compare in the real window: the same words and numbers as the command line's, the wave under the
pointer, B frozen and followed, the swipe, the key that holds B. Run by ctest with the program's path in CONVLENS."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from window_test import PROGRAM, WindowTest  # noqa: E402



class Signals(WindowTest):
    picture_size = (120, 90)

    def start(self, *arguments):
        app = self.open(*arguments)
        app.settle()
        app.key("space")  # the sliding window rests
        return app

    def cli(self, *arguments):
        done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def scroll_to(self, app, name, over):
        """Scrolls the open tab until a control is in view; `over` is one to put the pointer on."""
        for _ in range(30):
            if app.has(name):
                return app.control(name)
            here = next(c for c in over if app.has(c))
            app.wheel(here, -1)
            app.frames(2)
        self.fail(f"{name} did not come into view")

    def open_frequencies(self, app):
        app.click("tabs/frequency")
        return app.wait_for_control("frequency/words")

    # --- frequencies

    def test_the_tab_says_what_the_command_line_says(self):
        app = self.start()
        app.click("conv/channels/grey")
        for preset in ("gaussian", "laplacian-4", "sobel-x"):
            app.choose_preset(preset)
            said = self.cli("spectrum", "--preset", preset + ":3", "--output", self.folder / "response.npy")
            words = said[1:next(i for i, line in enumerate(said) if line.startswith("singular values"))]
            self.assertGreater(len(words), 2)
            self.open_frequencies(app)
            app.wait(lambda t: app.control("frequency/words", t)["value"] == words, f"the words about {preset}")
        places = ("frequency/words", "frequency/reading", "frequency/window", "frequency/rule", "frequency/gain")
        reading = self.scroll_to(app, "frequency/reading", places)["value"]
        self.assertFalse(reading["pointed"])
        self.assertAlmostEqual(reading["gain"], 8, places=4)
        self.assertIn("largest gain 8 at 0.25 across, 0 down cycles/px, period 4 px", said)
        self.assertIn("0.25 across, 0 down cycles/px, period 4 px", reading["words"][0])
        # "across: 0.125 to 0.375 ...", as under the curves.
        for axis in ("across", "down"):
            line = self.scroll_to(app, f"frequency/gain/{axis}", places)["value"]["words"]
            self.assertIn(line, said)
        singular = self.scroll_to(app, "frequency/singular", places)["value"]
        numbers = next(line for line in said if line.startswith("singular values")).split()[2:]
        self.assertEqual([f"{value:.4g}" for value in singular[:1]], numbers[:1])
        passes = self.scroll_to(app, "frequency/passes", places + ("frequency/singular",))["value"]
        self.assertEqual([round(v, 4) for v in passes["column"]], [1, 2, 1])
        self.assertEqual([round(v, 4) for v in passes["row"]], [-1, 0, 1])
        self.assertAlmostEqual(passes["factor"], 1, places=4)
        self.assertLess(passes["error"], 1e-6)

    def test_the_pointer_reads_gain_and_period_and_the_stride_folds(self):
        app = self.start()
        app.click("conv/channels/grey")
        app.choose_preset("sobel-x")
        self.open_frequencies(app)
        app.click("frequency/large")
        x, y, width, height = app.wait_for_control("spectra/response")["rect"]
        app.move(x + 0.75 * width, y + 0.5 * height)

        def is_read(twin):
            value = app.control("spectra/reading", twin)["value"]
            return value["pointed"] and abs(value["fx"] - 0.25) < 0.01

        value = app.control("spectra/reading", app.wait(is_read, "the reading at a quarter across"))["value"]
        self.assertAlmostEqual(value["fy"], 0, delta=0.01)
        self.assertAlmostEqual(value["gain"], 8, delta=0.05)
        self.assertAlmostEqual(value["period"], 4, delta=0.2)
        self.assertFalse(value["folded"])
        self.assertIn("border is Zero", app.control("spectra/rule")["label"])
        self.assertFalse(app.has("spectra/folding"))
        for name in ("input", "response", "product", "map"):
            shown = self.display.screenshot().colours(app.control(f"spectra/{name}")["rect"])
            self.assertGreater(shown, 40, f"{name} looks empty")

        app.key("Escape")  # the window goes
        app.wait(lambda t: not any(c["name"] == "spectra/response" for c in t["controls"]), "the window to close")
        app.click("tabs/parameters")
        app.set_number("conv/stride_y", 4)
        self.open_frequencies(app)
        app.click("frequency/large")
        words = app.wait_for_control("spectra/folding")["value"]["words"]
        self.assertIn("0.125 × 0.125", words)
        x, y, width, height = app.wait_for_control("spectra/product")["rect"]
        app.move(x + 0.75 * width, y + 0.5 * height)
        twin = app.wait(lambda t: app.control("spectra/reading", t)["value"]["folded"], "the folded wave")
        alias = app.control("spectra/reading", twin)["value"]["alias"]
        self.assertAlmostEqual(alias[1], 0, delta=0.01)

    # --- A and B

    def result(self, app, condition, what):
        def holds(twin):
            value = app.control("compare/result", twin)["value"]
            return value["current"] and condition(value)

        return app.control("compare/result", app.wait(holds, what))["value"]

    def test_frozen_b_shows_an_edit_and_undo_takes_it_back(self):
        app = self.start()
        app.click("tabs/compare")
        app.click("compare/freeze")
        value = self.result(app, lambda v: v["equal"] == v["count"], "equal maps")
        self.assertEqual(value["largest"], 0)
        self.assertEqual(value["ssim"], 1)
        self.assertIn("the same settings", app.control("compare/differs")["value"])
        app.move(5, 5)
        app.frames(5)
        tile = app.control("maps/tile/0")["rect"]
        flat = self.display.screenshot().colours(tile)

        app.drag("filters/weight/0/0/1/1", 0, -40)
        app.settle()
        value = self.result(app, lambda v: v["largest"] > 0, "a difference")
        self.assertGreater(value["mean_absolute"], 0)
        self.assertLess(value["ssim"], 1)
        self.assertIn("of Sobel x", app.control("compare/differs")["value"])
        app.move(5, 5)
        app.frames(10)
        self.assertGreater(self.display.screenshot().colours(tile), flat + 20, "the difference is not painted")

        # Captions and the key are the difference's, not A's.
        twin = app.twin()
        shown = app.control("maps/tile/0", twin)["value"]["shown"]
        self.assertEqual(shown["name"], "A − B")
        self.assertAlmostEqual(max(shown["max"], -shown["min"]), value["largest"], places=5)
        self.assertEqual(app.control("maps/stats", twin)["value"]["max"], shown["max"])
        bar = app.control("maps/colourbar", twin)["value"]
        self.assertEqual(bar["lo"], -bar["hi"])
        self.assertLessEqual(bar["hi"], value["largest"] * 1.0001)

        # The pointer compares one value, and B stands in for A while the key is held.
        app.move(*app.center("maps/tile/0"))
        twin = app.wait(lambda t: "A − B" in t["hover"], "the words about both")
        self.assertIn("; B ", twin["hover"])
        difference = self.display.screenshot()
        app.xdotool("keydown", "b")
        app.wait(lambda t: app.control("compare/hold", t)["value"], "B to be held")
        app.frames(4)
        self.assertGreater(self.display.screenshot().difference(difference, tile), 0.2)
        app.xdotool("keyup", "b")
        app.wait(lambda t: not app.control("compare/hold", t)["value"], "B to be let go")

        app.key("ctrl+z")
        app.settle()
        value = self.result(app, lambda v: v["equal"] == v["count"], "equal maps again")
        self.assertEqual(value["largest"], 0)

    def test_b_comes_back_with_the_session(self):
        app = self.start(str(self.rings))
        app.wait(lambda twin: twin["maps"].get("input_shape", [])[2:] == [90, 120], "the picture's maps")
        app.click("tabs/compare")
        app.click("compare/freeze")
        app.wait_for_control("compare/result")
        app.drag("filters/weight/0/0/1/1", 0, -40)
        app.settle()
        before = self.result(app, lambda v: v["largest"] > 0, "a difference")
        app.click("compare/show/swipe")
        session = os.path.join(self.folder, "ab.json")
        app.key("ctrl+s")
        app.click("browser/name")
        app.key("ctrl+a")
        app.type(session)
        app.key("Return")
        app.wait(lambda t: t["document"]["session"] == session, "the session to be saved")
        app.close()
        again = self.start(session)
        again.wait(lambda t: t["document"]["session"] == session, "the session to open")
        again.click("tabs/compare")
        again.wait_for_control("compare/line/0")
        after = self.result(again, lambda v: v["largest"] > 0, "the same difference")
        self.assertEqual(after["largest"], before["largest"])
        self.assertEqual(after["psnr_db"], before["psnr_db"])

    def test_one_click_comparisons_the_swipe_and_the_swap(self):
        app = self.start(str(self.rings))
        app.wait(lambda twin: twin["maps"].get("input_shape", [])[2:] == [90, 120], "the picture's maps")
        app.click("tabs/compare")
        app.click("compare/border")
        border = self.result(app, lambda v: v["largest"] > 0, "the border's difference")
        self.assertLessEqual(border["count"] - border["equal"], 2 * (90 + 120))
        row, col = border["at"]
        self.assertTrue(row in (0, 89) or col in (0, 119), border)
        app.click("compare/flip")
        flip = self.result(app, lambda v: v["count"] - v["equal"] > 2 * (90 + 120), "the flip's difference")
        # Sobel x turned by 180 degrees is its negative: the difference is twice the map.
        stats = app.twin()["maps"]["stats"][0]
        self.assertAlmostEqual(flip["largest"], 2 * max(stats["max"], -stats["min"]), places=4)

        app.click("compare/show/swipe")
        app.wait_for_control("compare/line/0")
        app.drag("compare/line/0", 25, 0)
        twin = app.wait(lambda t: app.control("compare/line/0", t)["value"] > 0.55, "the line to follow the hand")
        # The line was dragged, not the picture under it.
        self.assertEqual(app.control("maps/tile/0/canvas", twin)["value"]["visible"], [0, 0, 120, 90])

        app.click("compare/swap")
        twin = app.wait(lambda t: t["document"]["fields"]["conv/flip"], "A to become the convolution")
        self.assertEqual(app.settle()["document"]["history"]["entries"][-1], "True convolution on")
        app.key("ctrl+z")
        app.wait(lambda t: not t["document"]["fields"]["conv/flip"], "undo")

        app.click("compare/side")
        app.wait_for_control("side/difference")
        app.move(*app.center("side/a"))
        twin = app.wait(lambda t: "A − B" in t["hover"], "the words about both")
        self.assertIn("map 0", twin["hover"])
        app.key("Escape")
        app.wait(lambda t: not any(c["name"] == "side/a" for c in t["controls"]), "the window to close")

        app.click("compare/processor")
        gpu = self.result(app, lambda v: v["largest"] < flip["largest"] / 2, "the GPU's difference")
        self.assertLess(gpu["largest"], 1e-4 * max(stats["max"], -stats["min"], 1))
        app.click("compare/clear")
        app.wait(lambda t: not any(c["name"] == "compare/result" for c in t["controls"]), "the comparison to end")


if __name__ == "__main__":
    unittest.main(verbosity=2)
