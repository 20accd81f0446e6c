"""`convlens explain`, `cost` and `spectrum`: python3 explain.py PATH_TO_CONVLENS [unittest arguments]."""

import json
import math
import re
import shutil
import subprocess
import sys
import unittest
from decimal import ROUND_HALF_EVEN, Decimal

import command_line
from command_line import CommandLine
from files import read_npy, read_png, write_npy

NAN = float("nan")


class HandWorked(CommandLine):
    """Layers small enough to work out by hand; every expected number was."""

    def explain(self, x_shape, x, w_shape, w, *arguments, bias=None):
        write_npy(self.path("x.npy"), x_shape, x)
        write_npy(self.path("w.npy"), w_shape, w)
        command = ["explain", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), *arguments]
        if bias is not None:
            write_npy(self.path("b.npy"), (len(bias),), bias)
            command += ["--bias", self.path("b.npy")]
        return self.succeeds(*command)

    def assert_products(self, text, wanted):
        """wanted: (place, input, weight, index, product, running sum) of each line."""
        pattern = r"^  (\(.*?)  +(\S+) × +(\S+) (w\(\S+\)) += +(\S+)   running sum +(\S+)$"
        self.assertEqual([tuple(found) for found in re.findall(pattern, text, re.M)], wanted)

    def test_a_valid_window_of_ones(self):
        text = self.explain((3, 3), range(1, 10), (3, 3), [1] * 9, "--padding", "valid", "--at", "0,0,0")
        self.assertIn("window: rows 0 to 2, columns 0 to 2 of 1 input channel\n", text)
        self.assertIn("(2,2)  9 × 1 w(2,2) = 9   running sum 45\n", text)
        self.assertIn("sum = 45\nvalue = 45 (float32 45)\n", text)

    def test_stride_2_with_the_asymmetric_same_of_tensorflow(self):
        # 4 columns, stride 2, 3 taps: 2 outputs need 1 column of padding, all of it at the right.
        text = self.explain((1, 4), [1, 2, 3, 4], (1, 3), [1, 10, 100], "--padding", "same-tf", "--stride", "1,2",
                            "--at", "0,0,1")
        self.assert_products(text, [("(0,2)", "3", "1", "w(0,0)", "3", "3"),
                                    ("(0,3)", "4", "10", "w(0,1)", "40", "43"),
                                    ("(0,4) outside: 0", "0", "100", "w(0,2)", "0", "43")])
        self.assertIn("padding: 1 of 3 cells, border zero, 0.0 %", text)
        self.assertIn("value = 43 ", text)

    def test_dilation_3_with_reflect(self):
        text = self.explain((1, 7), range(1, 8), (1, 3), [1, 10, 100], "--dilation", "3", "--border", "reflect", "--at",
                            "0,0,0")
        self.assertIn("columns -3 to 3 in steps of 3", text)
        self.assert_products(text, [("(0,-3) reads (0,3)", "4", "1", "w(0,0)", "4", "4"),
                                    ("(0,0)", "1", "10", "w(0,1)", "10", "14"),
                                    ("(0,3)", "4", "100", "w(0,2)", "400", "414")])
        self.assertIn("value = 414 ", text)

    def test_depthwise_reads_its_own_channel_alone(self):
        text = self.explain((1, 2, 1, 3), [1, 2, 3, 10, 20, 30], (2, 1, 1, 3), [1, 1, 1, 1, -1, 0], "--groups", "2",
                            "--at", "1,0,1")
        self.assertIn("of 1 input channel (group 1 of 2)", text)
        self.assert_products(text, [("(0,0)", "10", "1", "w(0,0)", "10", "10"),
                                    ("(0,1)", "20", "-1", "w(0,1)", "-20", "-10"),
                                    ("(0,2)", "30", "0", "w(0,2)", "0", "-10")])
        self.assertIn("subtotal of channel 1 = -10\n", text)

    def test_a_flipped_filter_of_even_size(self):
        text = self.explain((2, 2), [1, 2, 3, 4], (2, 2), [1, 10, 100, 1000], "--flip", "--padding", "valid", "--at",
                            "0,0,0")
        self.assertIn("convolution: the filter is turned by 180 degrees", text)
        self.assert_products(text, [("(0,0)", "1", "1000", "w(1,1)", "1000", "1000"),
                                    ("(0,1)", "2", "100", "w(1,0)", "200", "1200"),
                                    ("(1,0)", "3", "10", "w(0,1)", "30", "1230"),
                                    ("(1,1)", "4", "1", "w(0,0)", "4", "1234")])
        self.assertIn("value = 1234 ", text)

    def test_circular_borders_read_the_other_side(self):
        text = self.explain((1, 4), [1, 2, 3, 4], (1, 3), [1, 10, 100], "--border", "circular", "--at", "0,0,0")
        self.assertIn("(0,-1) reads (0,3)  4 ×   1 w(0,0) =   4", text)
        self.assertIn("value = 214 ", text)

    def test_padding_on_one_side_replicates_the_edge(self):
        text = self.explain((1, 2), [5, 7], (1, 3), [1, 1, 1], "--padding", "0,0,2,0", "--border", "replicate", "--at",
                            "0,0,0")
        self.assert_products(text, [("(0,-2) reads (0,0)", "5", "1", "w(0,0)", "5", "5"),
                                    ("(0,-1) reads (0,0)", "5", "1", "w(0,1)", "5", "10"),
                                    ("(0,0)", "5", "1", "w(0,2)", "5", "15")])
        self.assertIn("66.7 % of the sum of absolute products", text)

    def test_bias_and_relu(self):
        text = self.explain((1, 3), [1, 2, 3], (1, 3), [1, 1, 1], "--padding", "valid", "--activation", "relu", "--at",
                            "0,0,0", bias=[-10])
        self.assertIn("sum = 6\nbias = -10\npre-activation = 6 - 10 = -4\nrelu(-4) = 0\nvalue = 0 (float32 0)\n", text)

    def test_short_decimals_stay_short(self):
        text = self.explain((1, 3), [0.1, 0.2, 0.3], (1, 3), [0.5, 0.25, 2], "--padding", "valid", "--at", "0,0,0")
        self.assert_products(text, [("(0,0)", "0.1", "0.50", "w(0,0)", "0.05", "0.05"),
                                    ("(0,1)", "0.2", "0.25", "w(0,1)", "0.05", "0.10"),
                                    ("(0,2)", "0.3", "2.00", "w(0,2)", "0.60", "0.70")])
        self.assertIn("value = 0.70 ", text)

    def test_the_second_image_with_full_padding_stride_and_leaky_relu(self):
        text = self.explain((2, 1, 3, 1), [9, 9, 9, -1, -2, -4], (2, 1), [1, 10], "--padding", "full", "--stride", "2,1",
                            "--activation", "leaky-relu", "--image", "1", "--at", "0,1,0")
        self.assertIn("map 0, row 1, column 0, image 1 of 2x1x2x1\n", text)
        self.assert_products(text, [("(1,0)", "-2", "1", "w(0,0)", "-2", "-2"),
                                    ("(2,0)", "-4", "10", "w(1,0)", "-40", "-42")])
        self.assertIn("leaky-relu(-42) = -0.4200000\nvalue = -0.42000 ", text)

    def test_channels_add_up(self):
        text = self.explain((1, 3, 1, 1), [1, 2, 4], (1, 3, 1, 1), [0.5, -1, 0.25], "--at", "0,0,0", "--depth", "2")
        self.assertNotIn("running sum", text)
        self.assertIn("subtotal of channel 0 = 0.5\nsubtotal of channel 1 = -2.0\nsubtotal of channel 2 = 1.0\n"
                      "sum = 0.5 - 2.0 + 1.0 = -0.5\nvalue = -0.5 ", text)

    def test_nan_and_infinity_are_named(self):
        text = self.explain((1, 3), [1, NAN, math.inf], (1, 3), [1, 1, -1], "--padding", "valid", "--at", "0,0,0")
        self.assert_products(text, [("(0,0)", "1", "1", "w(0,0)", "1", "1"),
                                    ("(0,1)", "NaN", "1", "w(0,1)", "NaN", "NaN"),
                                    ("(0,2)", "+Inf", "-1", "w(0,2)", "-Inf", "NaN")])
        self.assertIn("value = NaN (float32 nan)\n", text)


class Formats(CommandLine):
    def setUp(self):
        super().setUp()
        self.array("x.npy", (2, 3, 9, 8), 11)
        self.array("w.npy", (4, 3, 3, 2), 12)
        self.array("b.npy", (4,), 13)
        self.layer = ["--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--bias", self.path("b.npy"),
                      "--border", "reflect", "--flip", "--activation", "sigmoid", "--stride", "2"]

    def value(self):
        self.succeeds("conv", *self.layer, "--output", self.path("y.npy"))
        shape, values = read_npy(self.path("y.npy"))
        return values[((1 * shape[1] + 2) * shape[2] + 4) * shape[3] + 3]

    def explain(self, *arguments):
        return self.succeeds("explain", *self.layer, "--image", "1", "--at", "2,4,3", *arguments)

    def test_json_adds_up_in_decimals(self):
        for digits in ("2", "4", "6", "7"):
            probe = json.loads(self.explain("--format", "json", "--digits", digits))
            total, products = Decimal(0), 0
            for channel in probe["channels"]:
                subtotal = Decimal(0)
                for cell in channel["cells"]:
                    product = Decimal(cell["product"])
                    exact = Decimal(cell["input"]) * Decimal(cell["weight"])
                    self.assertEqual(exact.quantize(product, ROUND_HALF_EVEN), product)
                    subtotal += product
                    total += product
                    self.assertEqual(Decimal(cell["running_sum"]), total)
                    products += product != 0
                self.assertEqual(Decimal(channel["subtotal"]), subtotal)
            self.assertEqual(Decimal(probe["sum"]), total)
            self.assertEqual(Decimal(probe["pre_activation"]), total + Decimal(probe["bias"]))
            sigmoid = Decimal(1 / (1 + math.exp(-float(probe["pre_activation"]))))
            self.assertEqual(sigmoid.quantize(Decimal(probe["activated"]), ROUND_HALF_EVEN), Decimal(probe["activated"]))
            value = Decimal(probe["value"])
            self.assertEqual(Decimal(self.value()).quantize(value, ROUND_HALF_EVEN), value)
            self.assertEqual(Decimal(probe["activated"]).quantize(value, ROUND_HALF_EVEN), value)
            self.assertTrue(probe["agrees"])
            self.assertGreater(products, 10)

    def test_the_program_prints_the_value(self):
        compiler = shutil.which("c++")
        if not compiler:
            self.skipTest("no C++ compiler here")
        self.folder.joinpath("probe.cpp").write_text(self.explain("--format", "cpp"), encoding="utf-8")
        subprocess.run([compiler, self.path("probe.cpp"), "-o", self.path("probe")], check=True)
        printed = subprocess.run([self.path("probe")], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertAlmostEqual(float(printed), self.value(), delta=1e-6)

    def test_the_script_is_python_and_prints_the_value(self):
        script = self.explain("--format", "numpy")
        compile(script, "probe.py", "exec")
        try:
            import numpy  # noqa: F401
        except ImportError:
            self.skipTest("no NumPy here: the script was compiled, not run")
        printed = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertAlmostEqual(float(printed), self.value(), delta=1e-6)

    def test_latex_has_a_matrix_for_inputs_weights_and_products_of_each_channel(self):
        text = self.explain("--format", "latex")
        self.assertTrue(text.startswith("\\begin{align*}\n") and text.endswith("\\end{align*}\n"))
        self.assertEqual(text.count("\\begin{bmatrix}"), 9)
        self.assertEqual(text.count("\\begin{bmatrix}"), text.count("\\end{bmatrix}"))
        self.assertIn("z &= s_{0} + s_{1} + s_{2} + b = ", text)

    def test_depth_1_is_the_window_and_the_value(self):
        text = self.explain("--depth", "1")
        self.assertEqual(len(text.splitlines()), 4, text)
        self.assertTrue(text.splitlines()[-1].startswith("value = "))


class OtherProbes(CommandLine):
    def test_a_weight_sums_what_it_multiplies(self):
        write_npy(self.path("x.npy"), (3, 3), range(1, 10))
        write_npy(self.path("w.npy"), (3, 3), [1] * 9)
        text = self.succeeds("explain", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--weight",
                             "0,0,0,0")
        self.assertIn("multiplies 3 x 3 cells: rows -1, 0, 1; columns -1, 0, 1\n", text)
        self.assertIn("5 of 9 products read padding", text)
        self.assertIn("with dL/dz = 1 everywhere it is 12\n", text)  # 1 + 2 + 4 + 5

    def test_a_pixel_names_its_readers(self):
        write_npy(self.path("x.npy"), (1, 3), [1, 2, 3])
        write_npy(self.path("w.npy"), (1, 3), [4, 5, 6])
        text = self.succeeds("explain", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--border",
                             "replicate", "--pixel", "0,0,0")
        self.assertIn("is read 3 times in map 0\n"
                      "  map 0 (0,0) with w(0,0) = 4 through the padding at (0,-1)\n"
                      "  map 0 (0,0) with w(0,1) = 5\n"
                      "  map 0 (0,1) with w(0,0) = 4\n", text)


class Cost(CommandLine):
    def test_the_arithmetic_is_written_out(self):
        x, _, _ = self.picture(width=20, height=14)
        w, _ = self.array("w.npy", (8, 3, 3, 3), 5)
        text = self.succeeds("cost", "--input", x, "--weights", w)
        for line in ("8 × 3 × 3 × 3 + 8 = 224", "1 × 8 × 14 × 20 × 3 × 3 × 3 = 60 480",
                     "4 × (840 in + 224 parameters + 2 240 out) = 13 216 B",
                     "(3 × 14 × 20) × (8 × 14 × 20) + 8 × 14 × 20 = 1 883 840", "floor((14 + 1 + 1 - 1·(3 - 1) - 1) / 1) + 1"):
            self.assertIn(line, text)
        self.assertEqual(text.count("the automatic choice"), 1)
        self.assertNotIn("measured", text)

    def test_measured_kernels_as_json(self):
        x, _, _ = self.picture(width=20, height=14)
        w, _ = self.array("w.npy", (8, 3, 3, 3), 5)
        told = json.loads(self.succeeds("cost", "--input", x, "--weights", w, "--measure", "--repeat", "2", "--json"))
        self.assertEqual(told["output_shape"], [1, 8, 14, 20])
        self.assertEqual({line["name"]: line["value"] for line in told["cost"]}["parameters"], 224)
        able = [kernel for kernel in told["kernels"] if "refusal" not in kernel]
        self.assertGreaterEqual(len(able), 3)
        self.assertTrue(all(kernel["measured_ms"] > 0 for kernel in able))
        self.assertEqual(sum(kernel["is_choice"] for kernel in told["kernels"]), 1)


class Spectrum(CommandLine):
    def test_the_response_of_a_blur(self):
        text = self.succeeds("spectrum", "--preset", "box", "--size", "9", "--output", self.path("r.npy"))
        self.assertIn("100 % Box blur\n", text)
        self.assertIn("rank 1: two 1-D passes would do, 3 + 3 = 6 products in place of 9\n", text)
        shape, values = read_npy(self.path("r.npy"))
        self.assertEqual(shape, (1, 1, 9, 9))
        for u in range(9):
            for v in range(9):
                side = lambda i: abs(1 + 2 * math.cos(2 * math.pi * (i - 4) / 9)) / 3
                self.assertAlmostEqual(values[9 * u + v], side(u) * side(v), delta=1e-6)

    def test_the_largest_gain_and_the_half_power_bands(self):
        text = self.succeeds("spectrum", "--preset", "sobel-x", "--output", self.path("r.npy"))
        self.assertIn("largest gain 8 at 0.25 across, 0 down cycles/px, period 4 px\n", text)
        # Across |2 sin(2 pi f)| is 3 dB down at f = 1/8 and 3/8.
        self.assertIn("across: 0.125 to 0.375 cycles/px (waves of 2.67 to 8 px), most at 0.25\n", text)
        self.assertIn("down: nothing passes\n", text)

    def test_a_picture_of_decibels(self):
        self.succeeds("spectrum", "--preset", "gaussian:7", "--db", "--output", self.path("r.png"))
        width, height, channels, rows = read_png(self.path("r.png"))
        self.assertEqual((width, height, channels), (256, 256, 1))
        self.assertEqual(rows[128][128], 255)
        self.assertLess(rows[0][0], 200)

    def test_the_spectrum_of_a_wave_and_what_a_stride_folds(self):
        wave = [math.cos(2 * math.pi * 3 * x / 8) for _ in range(8) for x in range(8)]
        write_npy(self.path("x.npy"), (8, 8), wave)
        text = self.succeeds("spectrum", "--input", self.path("x.npy"), "--preset", "identity", "--of", "input",
                             "--stride", "2", "--output", self.path("s.npy"))
        self.assertIn("100.0 % of the energy", text)
        _, values = read_npy(self.path("s.npy"))
        peaks = [(i // 8, i % 8) for i, value in enumerate(values) if value > 1]
        self.assertEqual(peaks, [(4, 1), (4, 7)])
        self.succeeds("spectrum", "--input", self.path("x.npy"), "--preset", "identity", "--of", "output", "--output",
                      self.path("o.npy"))
        self.assertEqual([(i // 8, i % 8) for i, value in enumerate(read_npy(self.path("o.npy"))[1]) if value > 1], peaks)


class Mistakes(CommandLine):
    def test_usage(self):
        x, _ = self.array("x.npy", (1, 1, 5, 6), 1)
        base = ["explain", "--input", x, "--preset", "box"]
        for arguments, wanted in ((base, "needs --at K,P,Q"), (base[:3] + ["--at", "0,0,0"], "needs --weights"),
                                  (base + ["--at", "0,0"], "is not 3 whole numbers"),
                                  (base + ["--at", "0,-1,0"], "is not 3 whole numbers"),
                                  (base + ["--at", "0,0,0", "--weight", "0,0,0,0"], "excludes"),
                                  (base + ["--at", "0,0,0", "--format", "word"], "is not one of text|latex"),
                                  (base + ["--at", "0,0,0", "--digits", "9"], "--digits"),
                                  (["spectrum", "--preset", "box", "--of", "input", "--output", self.path("s.npy")],
                                   "needs --input"),
                                  (["spectrum", "--preset", "box", "--size", "0", "--output", self.path("s.npy")],
                                   "is not between 1 and 8192"),
                                  (["cost", "--input", x], "needs --weights")):
            with self.subTest(arguments=arguments[1:]):
                self.assertIn(wanted, self.fails(2, *arguments))

    def test_indices_outside_the_layer(self):
        x, _ = self.array("x.npy", (1, 1, 5, 6), 1)
        base = ["explain", "--input", x, "--preset", "box"]
        for arguments, wanted in ((["--at", "1,0,0"], "map 1 is outside the layer: the last one is 0"),
                                  (["--at", "0,5,0"], "row 5 is outside the map: the last one is 4"),
                                  (["--at", "0,0,0", "--image", "1"], "image 1 is outside the batch"),
                                  (["--weight", "0,0,3,0"], "row 3 is outside the filter: the last one is 2"),
                                  (["--pixel", "0,0,6"], "column 6 is outside the input: the last one is 5")):
            with self.subTest(arguments=arguments):
                self.assertIn(wanted, self.fails(1, *base, *arguments))
        self.assertIn("there is no filter 3", self.fails(1, "spectrum", "--preset", "box", "--filter", "3", "--output",
                                                         self.path("s.npy")))


if __name__ == "__main__":
    command_line.PROGRAM = sys.argv.pop(1)
    unittest.main()
