"""The GPU in the real window, on Mesa's software driver: chosen, compared with the processor, its shader rewritten while
the window is open, and what is said where there is none. Run by ctest with the program's path in CONVLENS."""

import json
import os
import pathlib
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from window_test import WindowTest  # noqa: E402

SHADERS = pathlib.Path(__file__).resolve().parents[2] / "shaders"
LAST_LINE = "put(at, map, is_sum ? sum : activate(sum));"


class Gpu(WindowTest):
    picture_size = (120, 90)  # small: the software driver is slow at this

    def start(self, file, *arguments):
        app = self.open(file, *arguments)
        app.wait(lambda twin: twin["maps"].get("input_shape", [])[2:] == [90, 120], "the picture's maps")
        app.settle()
        return app

    def open_kernels(self, app):
        """Opens the list of kernels, far down in its panel."""
        for _ in range(10):
            if app.has("params/advanced"):
                break
            app.wheel("params/formula_rows", -3)
            app.frames(2)
        if not app.control("params/advanced")["value"]:
            app.click("params/advanced")
        for _ in range(10):
            if app.has("conv/kernel"):
                break
            app.wheel("params/advanced", -3)
            app.frames(2)
        app.click("conv/kernel")
        return app.wait_for_control("conv/kernel/glsl")

    def assert_same_stats(self, a, b):
        self.assertEqual(len(a), len(b))
        for one, other in zip(a, b):
            for key in ("min", "max", "mean"):
                self.assertAlmostEqual(one[key], other[key], delta=1e-4 * max(1, abs(one["max"]), abs(one["min"])))

    def test_it_computes_is_compared_and_follows_its_shader(self):
        shaders = self.folder / "shaders"
        shutil.copytree(SHADERS, shaders)
        app = self.start(self.rings, "--shader-dir", str(shaders))
        by_cpu = app.twin()["maps"]["stats"]
        self.assertGreater(max(map["max"] for map in by_cpu), 0.1)
        self.open_kernels(app)
        app.click("conv/kernel/glsl")
        twin = app.wait(lambda t: t["maps"].get("kernel") == "glsl", "maps from the GPU")
        self.assert_same_stats(twin["maps"]["stats"], by_cpu)
        self.assertEqual(app.wait_for_control("status/kernel")["value"], "glsl on llvmpipe")
        self.assertFalse(app.control("conv/isa")["enabled"])

        app.click("menu/edit")
        app.click("menu/edit/compare-gpu")
        said = app.wait(lambda t: t["message"]["text"].startswith("GPU (glsl on llvmpipe)"), "the comparison")
        self.assertRegex(said["message"]["text"], r"differ by at most \d\.\de-\d\d \(map \d+, row \d+, column \d+\)")
        self.assertEqual(said["message"]["kind"], "info")

        shader = shaders / "conv2d.comp"
        text = shader.read_text(encoding="utf-8")
        self.assertEqual(text.count(LAST_LINE), 1)
        shader.write_text(text.replace(LAST_LINE, "put(at, map, 7.0);"), encoding="utf-8")
        app.wait(lambda t: t["maps"]["stats"][0]["max"] == 7.0, "the maps of the new shader")
        self.assertEqual(app.twin()["maps"]["stats"][0]["min"], 7.0)
        shader.write_text(text.replace(LAST_LINE, "put(at, map, nonsense);"), encoding="utf-8")
        twin = app.wait(lambda t: "nonsense" in t["message"]["text"], "the log of the broken shader")
        self.assertEqual(twin["message"]["kind"], "error")
        self.assertEqual(app.settle()["maps"]["stats"][0]["max"], 7.0)  # the old program is kept
        shader.write_text(text, encoding="utf-8")
        twin = app.wait(lambda t: t["maps"]["stats"][0]["max"] != 7.0, "the maps of the old shader")
        self.assert_same_stats(twin["maps"]["stats"], by_cpu)

    def test_maps_that_stay_on_the_gpu_are_shown_as_they_are_and_read_behind_that(self):
        trace = self.folder / "trace.json"
        app = self.start(self.rings, "--colouring", "gpu", "--trace", str(trace))
        app.move(*app.center("maps/tile/0"))  # off the other maps: all are drawn without a pointer's outline
        rect = app.control("maps/tile/1")["rect"]
        by_cpu = app.twin()["maps"]["stats"]
        seen = self.display.screenshot()
        self.assertGreater(seen.colours(rect), 16)
        self.open_kernels(app)
        app.click("conv/kernel/glsl")
        twin = app.wait(lambda t: t["maps"].get("kernel") == "glsl" and t["maps"]["complete"], "maps from the GPU")
        self.assert_same_stats(twin["maps"]["stats"], by_cpu)
        self.assertEqual(twin["maps"]["computed"], len(by_cpu))
        app.move(*app.center("maps/tile/0"))
        app.wait(lambda t: re.search(r"\d", t["hover"]), "the value under the pointer")
        app.settle()
        # Rounded in another order a value may just miss its colour.
        self.assertLess(self.display.screenshot().difference(seen, rect), 0.05)

        weights = twin["document"]["filters"][0]["weights"]
        app.drag("filters/weight/0/0/1/1", 0, -40)
        twin = app.wait(lambda t: t["maps"]["complete"] and
                        t["maps"]["generation"] == t["edit"]["generation"], "the maps of the last edit")
        self.assertNotEqual(twin["document"]["filters"][0]["weights"], weights)
        self.assertEqual(twin["maps"]["kernel"], "glsl")
        self.assertNotEqual(twin["maps"]["stats"][0]["mean"], by_cpu[0]["mean"])

        app.key("ctrl+q")
        app.wait_for_control("unsaved/discard")
        app.move(*app.center("unsaved/discard"))
        app.press()
        self.assertEqual(app.process.wait(30), 0, app.output())
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
        names = [event["name"] for event in events if event["ph"] == "X"]
        first_read = names.index("read back")
        self.assertIn("colour", names)
        self.assertGreater(names.count("read back"), 1)
        self.assertIn("convolve", names[:first_read])

    def test_without_compute_shaders_the_processor_does_it_and_says_why(self):
        os.environ["MESA_GL_VERSION_OVERRIDE"] = "3.3"
        self.addCleanup(os.environ.pop, "MESA_GL_VERSION_OVERRIDE")
        app = self.start(self.rings)
        choice = self.open_kernels(app)
        self.assertFalse(choice["enabled"])
        self.assertIn("OpenGL 4.3", choice["tooltip"])
        app.click("conv/kernel/glsl")
        self.assertEqual(app.twin()["document"]["fields"]["conv/kernel"], "auto")
        app.close()

        # A session from a machine that has one.
        session = self.folder / "gpu.json"
        session.write_text(json.dumps({"format": "convlens session", "version": 1,
                                       "picture": {"kind": "file", "name": str(self.rings)},
                                       "settings": {"conv/kernel": "glsl"},
                                       "bank": {"shape": [3, 1, 1], "filters": [
                                           {"name": "red", "bias": 0, "strength": 1, "weights": [1, 0, 0]}]}}),
                           encoding="utf-8")
        app = self.start(session)
        twin = app.wait(lambda t: "the GPU cannot" in t["message"]["text"], "the reason")
        self.assertIn("OpenGL 4.3", twin["message"]["text"])
        self.assertEqual(twin["message"]["kind"], "error")
        self.assertEqual(twin["document"]["fields"]["conv/kernel"], "glsl")
        self.assertNotEqual(twin["maps"]["kernel"], "glsl")


if __name__ == "__main__":
    unittest.main(verbosity=2)
