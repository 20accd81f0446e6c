"""End-to-end tests of the command line: python3 command_line.py PATH_TO_CONVLENS [unittest arguments]."""

import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from files import convolve, png_bytes, read_npy, read_png, write_npy

PROGRAM = ""


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder_owner = tempfile.TemporaryDirectory(prefix="convlens-cli-")
        self.folder = pathlib.Path(self.folder_owner.name)
        self.addCleanup(self.folder_owner.cleanup)

    def path(self, name):
        return str(self.folder / name)

    def run_program(self, *arguments, variables=None, **options):
        options.setdefault("stdout", subprocess.PIPE)
        # Without a display, so that nothing here can depend on a window.
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        environment.update(variables or {})
        return subprocess.run([PROGRAM, *arguments], stderr=subprocess.PIPE, text=True, timeout=120, env=environment,
                              check=False, **options)

    def succeeds(self, *arguments):
        result = self.run_program(*arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def fails(self, code, *arguments, variables=None):
        """Runs, expects this exit code and one line on stderr; returns the line. Leaves no new file behind."""
        before = sorted(self.folder.iterdir())
        result = self.run_program(*arguments, variables=variables)
        self.assertEqual(result.returncode, code, (arguments, result.stderr))
        self.assertTrue(result.stderr.startswith("convlens: "), result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.endswith("\n"))
        self.assertEqual(result.stdout, "")
        self.assertEqual(sorted(self.folder.iterdir()), before)
        return result.stderr

    def assert_close(self, found, wanted, tolerance=1e-5):
        self.assertEqual(len(found), len(wanted))
        self.assertGreater(sum(1 for v in wanted if v != 0), len(wanted) // 3, "the expected output is mostly zero")
        for i, (a, b) in enumerate(zip(found, wanted)):
            self.assertTrue(abs(a - b) <= tolerance * max(1.0, abs(b)), (i, a, b))

    def picture(self, name="in.png", width=20, height=14, channels=3):
        pixel = lambda y, x: tuple((23 * y + 11 * x + 70 * c + x * y) % 256 for c in range(channels))
        pathlib.Path(self.path(name)).write_bytes(png_bytes(width, height, channels, pixel))
        planes = [pixel(y, x)[c] / 255 for c in range(channels) for y in range(height) for x in range(width)]
        return self.path(name), (1, channels, height, width), planes

    def array(self, name, shape, seed):
        generator = random.Random(seed)
        values = [generator.uniform(-1, 1) for _ in range(math.prod(shape))]
        write_npy(self.path(name), shape, values)
        return self.path(name), values


class Help(CommandLine):
    def test_version(self):
        self.assertRegex(self.succeeds("--version"), r"^convlens \d+\.\d+\.\d+\n$")

    def test_filters_lists_every_name_on_a_line(self):
        lines = self.succeeds("filters").splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "FAMILY", "SIZE", "INPUT", "SHOWS"])
        names = [line.split()[0] for line in lines[1:]]
        for name in ("identity", "gaussian", "sobel-x", "laplacian-8", "gabor", "red-green"):
            self.assertIn(name, names)
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue(all(len(line) <= 120 for line in lines))

    def test_help_names_every_option_and_choice(self):
        text = self.succeeds("conv", "--help")
        self.assertIn("Usage: convlens conv", text)
        for word in ("--input --weights --preset --bias --stride --padding --border --dilation --groups --flip "
                     "--activation --gray --kernel --isa --threads --repeat --output --json same-tf reflect "
                     "softplus im2col grid Exit").split():
            self.assertIn(word, text)

    def test_a_full_disk_behind_the_standard_output_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        with open("/dev/full", "w", encoding="ascii") as full:
            result = self.run_program("filters", stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertIn("cannot write to the standard output", result.stderr)


class Numbers(CommandLine):
    def test_arrays_with_every_parameter(self):
        x, values = self.array("x.npy", (2, 4, 11, 9), 1)
        w, weights = self.array("w.npy", (6, 2, 3, 2), 2)
        b, bias = self.array("b.npy", (6,), 3)
        wanted_shape, wanted = convolve((2, 4, 11, 9), values, (6, 2, 3, 2), weights, bias, stride=(2, 1),
                                        pad=(1, 2, 3, 0), dilation=(2, 3), groups=2, flip=True)
        for kernel in ("auto", "reference", "im2col", "direct"):
            with self.subTest(kernel=kernel):
                out = self.path(kernel + ".npy")
                self.succeeds("conv", "--input", x, "--weights", w, "--bias", b, "--stride", "2,1", "--padding",
                              "1,2,3,0", "--dilation", "2,3", "--groups", "2", "--flip", "--kernel", kernel, "--output",
                              out)
                shape, found = read_npy(out)
                self.assertEqual(shape, wanted_shape)
                self.assert_close(found, wanted)

    def test_padding_modes(self):
        x, values = self.array("x.npy", (8, 7), 4)
        w, weights = self.array("w.npy", (3, 4), 5)
        for mode, pad, stride in (("valid", (0, 0, 0, 0), "1"), ("same", (1, 1, 1, 2), "1"), ("full", (2, 2, 3, 3), "1"),
                                  ("same-tf", (0, 1, 1, 2), "2"), ("2", (2, 2, 2, 2), "1")):
            with self.subTest(mode=mode):
                self.succeeds("conv", "--input", x, "--weights", w, "--padding", mode, "--stride", stride, "--output",
                              self.path("y.npy"))
                shape, found = read_npy(self.path("y.npy"))
                step = int(stride)
                wanted_shape, wanted = convolve((1, 1, 8, 7), values, (1, 1, 3, 4), weights, pad=pad,
                                                stride=(step, step))
                self.assertEqual(shape, wanted_shape)
                self.assert_close(found, wanted)

    def test_borders_and_activations(self):
        write_npy(self.path("x.npy"), (1, 4), [1, 2, 3, 5])
        write_npy(self.path("w.npy"), (1, 3), [1, 0, 0])
        for border, wanted in (("zero", [0, 1, 2, 3]), ("reflect", [2, 1, 2, 3]), ("replicate", [1, 1, 2, 3]),
                               ("circular", [5, 1, 2, 3])):
            self.succeeds("conv", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--border", border,
                          "--output", self.path("y.npy"))
            self.assertEqual(read_npy(self.path("y.npy")), ((1, 1, 1, 4), wanted), border)
        write_npy(self.path("w.npy"), (1, 1), [-1])
        for name, function in (("none", lambda v: v), ("relu", lambda v: max(v, 0)), ("abs", abs), ("tanh", math.tanh),
                               ("sigmoid", lambda v: 1 / (1 + math.exp(-v))),
                               ("leaky-relu", lambda v: v if v > 0 else 0.01 * v)):
            self.succeeds("conv", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--activation", name,
                          "--output", self.path("y.npy"))
            for found, value in zip(read_npy(self.path("y.npy"))[1], (-1, -2, -3, -5)):
                self.assertAlmostEqual(found, function(value), places=6, msg=name)

    def test_a_picture_through_a_preset(self):
        source, shape, planes = self.picture()
        self.succeeds("conv", "--input", source, "--preset", "sobel-x", "--padding", "valid", "--output",
                      self.path("y.npy"))
        sobel = [v / 3 for v in [-1, 0, 1, -2, 0, 2, -1, 0, 1]] * 3
        wanted_shape, wanted = convolve(shape, planes, (1, 3, 3, 3), sobel)
        found_shape, found = read_npy(self.path("y.npy"))
        self.assertEqual(found_shape, wanted_shape)
        self.assert_close(found, wanted)

    def test_gray_is_luminance(self):
        source, _, planes = self.picture()
        self.succeeds("conv", "--input", source, "--gray", "--preset", "identity", "--output", self.path("y.npy"))
        shape, found = read_npy(self.path("y.npy"))
        self.assertEqual(shape, (1, 1, 14, 20))
        size = 14 * 20
        self.assert_close(found, [0.2126 * planes[i] + 0.7152 * planes[size + i] + 0.0722 * planes[2 * size + i]
                                  for i in range(size)])

    def test_preset_sizes(self):
        source, _, _ = self.picture()
        for text, shape in (("box:7", (1, 1, 8, 14)), ("box:5x3", (1, 1, 10, 18)), ("red-green", (1, 1, 12, 18))):
            self.succeeds("conv", "--input", source, "--preset", text, "--padding", "valid", "--output",
                          self.path("y.npy"))
            self.assertEqual(read_npy(self.path("y.npy"))[0], shape, text)

    def test_double_and_byte_arrays_are_read(self):
        write_npy(self.path("x.npy"), (2, 3), [1, 2, 3, 4, 5, 6], "<f8")
        write_npy(self.path("w.npy"), (1, 1), [2], "|u1")
        self.succeeds("conv", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--output",
                      self.path("y.npy"))
        self.assertEqual(read_npy(self.path("y.npy")), ((1, 1, 2, 3), [2, 4, 6, 8, 10, 12]))

    def test_threads_do_not_change_a_bit(self):
        x, _ = self.array("x.npy", (3, 40, 50), 6)
        w, _ = self.array("w.npy", (4, 3, 5, 5), 7)
        outputs = []
        for threads in ("1", "2", "5"):
            self.succeeds("conv", "--input", x, "--weights", w, "--threads", threads, "--output", self.path("y.npy"))
            outputs.append(pathlib.Path(self.path("y.npy")).read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0], outputs[2])

    def test_json_is_one_object_that_says_what_ran(self):
        x, _ = self.array("x.npy", (1, 3, 30, 40), 8)
        w, _ = self.array("w.npy", (8, 3, 3, 3), 9)
        for kernel in ("reference", "im2col", "direct"):
            text = self.succeeds("conv", "--input", x, "--weights", w, "--kernel", kernel, "--threads", "2", "--repeat",
                                 "3", "--json", "--output", self.path("y.npy"))
            self.assertEqual(text.count("\n"), 1)
            told = json.loads(text)
            self.assertEqual(sorted(told), ["gflops", "isa", "kernel", "median_ms", "shape", "threads"])
            self.assertEqual(told["shape"], [1, 8, 30, 40])
            self.assertEqual(told["kernel"], kernel)
            self.assertEqual(told["threads"], 2)
            self.assertGreater(told["median_ms"], 0)
            self.assertAlmostEqual(told["gflops"] * told["median_ms"], 2e-6 * 8 * 30 * 40 * 27, places=6)
            if kernel == "direct":
                forced = self.succeeds("conv", "--input", x, "--weights", w, "--kernel", kernel, "--isa", told["isa"],
                                       "--json", "--output", self.path("y.npy"))
                self.assertEqual(json.loads(forced)["isa"], told["isa"])
        words = self.succeeds("conv", "--input", x, "--weights", w, "--output", self.path("y.npy"))
        self.assertIn("1x8x30x40", words)


class OnTheGpu(CommandLine):
    """`--kernel glsl` without a display, on Mesa's software driver."""

    SHADERS = pathlib.Path(__file__).resolve().parents[2] / "shaders"

    def setUp(self):
        super().setUp()
        self.x = self.array("x.npy", (1, 3, 30, 40), 8)
        self.w = self.array("w.npy", (8, 3, 3, 3), 9)
        self.files = ("conv", "--input", self.x[0], "--weights", self.w[0], "--kernel", "glsl")

    def convolve_to(self, name, *arguments):
        result = self.run_program(*self.files, "--output", self.path(name), *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), arguments)
        return result.stdout

    def test_it_computes_what_the_definition_says_and_tells_where(self):
        told = json.loads(self.convolve_to("y.npy", "--json", "--repeat", "2", "--flip", "--stride", "2,1"))
        self.assertEqual(sorted(told), ["gflops", "isa", "kernel", "median_ms", "renderer", "shape", "threads",
                                        "total_ms"])
        self.assertEqual((told["kernel"], told["shape"]), ("glsl", [1, 8, 15, 40]))
        self.assertIn("OpenGL 4", told["renderer"])
        self.assertIn(told["isa"], told["renderer"])
        self.assertGreater(told["median_ms"], 0)
        self.assertGreater(told["total_ms"], told["median_ms"])
        shape, found = read_npy(self.path("y.npy"))
        wanted_shape, wanted = convolve((1, 3, 30, 40), self.x[1], (8, 3, 3, 3), self.w[1], stride=(2, 1),
                                        pad=(1, 1, 1, 1), flip=True)
        self.assertEqual(shape, wanted_shape)
        self.assert_close(found, wanted)
        self.assertIn("by glsl on " + told["renderer"], self.convolve_to("y.npy"))

    def test_shaders_come_from_a_folder(self):
        text = (self.SHADERS / "conv2d.comp").read_text(encoding="utf-8")
        line = "put(at, map, is_sum ? sum : activate(sum));"
        self.assertEqual(text.count(line), 1)
        os.mkdir(self.path("shaders"))
        shader = pathlib.Path(self.path("shaders/conv2d.comp"))
        shader.write_text(text.replace(line, "put(at, map, 7.0);"), encoding="utf-8")
        self.convolve_to("y.npy", "--shader-dir", self.path("shaders"))
        self.assertEqual(set(read_npy(self.path("y.npy"))[1]), {7.0})
        shader.write_text(text.replace(line, "put(at, map, nonsense);"), encoding="utf-8")
        message = self.fails(1, *self.files, "--output", self.path("z.npy"), "--shader-dir", self.path("shaders"))
        self.assertIn("conv2d.comp", message)
        self.assertIn("nonsense", message)
        self.assertIn("is not a folder",
                      self.fails(1, *self.files, "--output", self.path("z.npy"), "--shader-dir", self.path("none")))

    def test_it_says_so_where_it_cannot(self):
        self.assertIn("takes no instruction set",
                      self.fails(1, *self.files, "--output", self.path("z.npy"), "--isa", "AVX2"))
        self.assertIn("OpenGL 4.3", self.fails(1, *self.files, "--output", self.path("z.npy"),
                                               variables={"MESA_GL_VERSION_OVERRIDE": "3.3"}))


class MapsAsPictures(CommandLine):
    def convolve_to_png(self, x_shape, x, w_shape, w):
        write_npy(self.path("x.npy"), x_shape, x)
        write_npy(self.path("w.npy"), w_shape, w)
        self.succeeds("conv", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--output",
                      self.path("y.png"))
        return read_png(self.path("y.png"))

    def test_values_between_0_and_1_are_kept(self):
        self.assertEqual(self.convolve_to_png((1, 3), [0, 0.2, 1], (1, 1), [1]), (3, 1, 1, [bytes([0, 51, 255])]))

    def test_larger_values_are_scaled_by_the_largest(self):
        self.assertEqual(self.convolve_to_png((1, 3), [0, 1, 1], (1, 1), [5])[3], [bytes([0, 255, 255])])
        self.assertEqual(self.convolve_to_png((1, 2), [1, 5], (1, 1), [1])[3], [bytes([51, 255])])

    def test_signed_values_put_zero_at_middle_grey(self):
        self.assertEqual(self.convolve_to_png((1, 3), [-2, 0, 1], (1, 1), [1])[3], [bytes([0, 128, 191])])

    def test_three_maps_are_colours(self):
        self.assertEqual(self.convolve_to_png((1, 2), [1, 0.2], (3, 1, 1, 1), [1, 0.5, 0]),
                         (2, 1, 3, [bytes([255, 128, 0, 51, 26, 0])]))

    def test_other_numbers_are_a_grid_of_tiles(self):
        width, height, channels, rows = self.convolve_to_png((2, 2), [1, 1, 1, 1], (5, 1, 1, 1),
                                                             [1, 0.8, 0.6, 0.4, 0.2])
        self.assertEqual((width, height, channels), (8, 5, 1))
        self.assertEqual(rows[0], bytes([255, 255, 0, 204, 204, 0, 153, 153]))
        self.assertEqual(rows[2], bytes(8))
        self.assertEqual(rows[3], bytes([102, 102, 0, 51, 51, 0, 0, 0]))


class Refusals(CommandLine):
    def conv(self, *arguments, output="y.npy"):
        return ["conv", *arguments, "--output", self.path(output)]

    def test_usage(self):
        source, _, _ = self.picture()
        w, _ = self.array("w.npy", (3, 3), 1)
        good = ("--input", source, "--preset", "box")
        for arguments, words in (
                (["conv"], "--input"),
                (["conv", "--input", source, "--preset", "box"], "--output"),
                (self.conv("--input", source), "--weights FILE or --preset NAME"),
                (self.conv(*good, "--weights", w), "--preset"),
                (self.conv(*good, "--strid", "2"), "--strid"),
                (self.conv(*good, "--stride", "two"), "not a whole number"),
                (self.conv(*good, "--stride", "1,2,3"), "not a whole number"),
                (self.conv(*good, "--dilation", ""), "dilation"),
                (self.conv(*good, "--padding", "some"), "same-tf"),
                (self.conv(*good, "--padding", "1,2"), "T,B,L,R"),
                (self.conv(*good, "--border", "mirror"), "replicate"),
                (self.conv(*good, "--activation", "swish"), "gelu"),
                (self.conv(*good, "--kernel", "magic"), "im2col"),
                (self.conv(*good, "--threads", "-1"), "--threads"),
                (self.conv(*good, "--repeat", "0"), "--repeat"),
                (self.conv(*good, "--groups", "x"), "--groups"),
                (self.conv(*good, output="y.jpg"), ".npy or .png"),
                (self.conv("--input", source, "--preset", "sobel"), "did you mean sobel-x"),
                (self.conv("--input", source, "--preset", "box:"), "box:5"),
                (self.conv("--input", source, "--preset", "box:3x"), "box:5"),
                (self.conv("--input", source, "--preset", "box:3x3x3"), "box:5"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.fails(2, *arguments))

    def test_inputs_that_cannot_be_read(self):
        data = pathlib.Path(self.picture()[0]).read_bytes()
        for name, content, words in (
                ("missing.png", None, "does not exist"),
                ("empty.png", b"", "is empty (0 bytes)"),
                ("empty.npy", b"", "is empty (0 bytes)"),
                ("cut.png", data[:len(data) // 2], "cut short"),
                ("changed.png", data[:60] + b"\x55" + data[61:], "checksum"),
                ("text.png", b"this is text\n" * 9, "is not a picture"),
                ("zip.npy", b"PK\x03\x04" * 9, "is not a NumPy .npy file"),
                ("vast.pgm", b"P5 50000 50000 255\n", "megapixels is the limit"),
        ):
            with self.subTest(name=name):
                if content is not None:
                    pathlib.Path(self.path(name)).write_bytes(content)
                message = self.fails(1, *self.conv("--input", self.path(name), "--preset", "box"))
                self.assertIn(words, message)
                self.assertIn(name, message)
        self.assertIn("is a folder", self.fails(1, *self.conv("--input", str(self.folder), "--preset", "box")))

    def test_arrays_of_the_wrong_kind(self):
        source, _, _ = self.picture()
        write_npy(self.path("ints.npy"), (2, 2), [1, 2, 3, 4], "<i8")
        write_npy(self.path("rank1.npy"), (4,), [1, 2, 3, 4])
        write_npy(self.path("rank5.npy"), (1, 1, 1, 2, 2), [1, 2, 3, 4])
        write_npy(self.path("channels.npy"), (1, 2, 1, 1), [1, 2])
        write_npy(self.path("one.npy"), (1, 3, 1, 1), [1, 2, 3])
        for arguments, words in (
                (("--input", self.path("ints.npy"), "--preset", "box"), "int64"),
                (("--input", self.path("rank1.npy"), "--preset", "box"), "1 dimension;"),
                (("--input", source, "--weights", self.path("rank5.npy")), "weights are (K,C/groups,R,S)"),
                (("--input", source, "--weights", self.path("channels.npy")), "channel"),
                (("--input", source, "--weights", self.path("one.npy"), "--bias", self.path("rank1.npy")),
                 "one per filter"),
                (("--input", source, "--weights", self.path("one.npy"), "--groups", "2"), "group"),
                (("--input", self.path("channels.npy"), "--gray", "--preset", "box"), "3 channels"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.fails(1, *self.conv(*arguments)))

    def test_filters_that_do_not_fit(self):
        source, _, _ = self.picture()
        grey, _, _ = self.picture("grey.png", channels=1)
        for arguments, words in (
                (("--input", source, "--preset", "box:21", "--padding", "valid"), "filter"),
                (("--input", source, "--preset", "box:3", "--padding", "valid", "--dilation", "20"), "dilation"),
                (("--input", source, "--preset", "box:300"), "1 to 255"),
                (("--input", source, "--preset", "sharpen:4"), "odd"),
                (("--input", source, "--preset", "box", "--groups", "3"), "--groups"),
                (("--input", source, "--preset", "box", "--stride", "0"), "stride"),
                (("--input", source, "--preset", "box", "--stride", "1000"), "stride"),
                (("--input", source, "--preset", "box", "--padding", "-1"), "padding"),
                (("--input", grey, "--preset", "red-green"), "red, green and blue"),
                (("--input", source, "--preset", "box", "--kernel", "direct", "--isa", "PDP11"), "PDP11"),
        ):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.fails(1, *self.conv(*arguments)))

    def test_outputs_that_cannot_be_written_leave_nothing(self):
        source, _, _ = self.picture()
        good = ("conv", "--input", source, "--preset", "box", "--output")
        for ending in ("npy", "png"):
            self.assertIn("is a file, not a folder", self.fails(1, *good, self.path("in.png/y." + ending)))
            self.assertIn("folder does not exist", self.fails(1, *good, self.path("none/y." + ending)))
            os.mkdir(self.path("folder." + ending))
            self.assertIn("it is a folder", self.fails(1, *good, self.path("folder." + ending)))
            if os.path.exists("/dev/full"):
                os.symlink("/dev/full", self.path("full." + ending))
                self.assertIn("the disk is full", self.fails(1, *good, self.path("full." + ending)))

    def test_a_failure_keeps_the_old_output(self):
        source, _, _ = self.picture()
        pathlib.Path(self.path("y.npy")).write_text("precious", encoding="ascii")
        self.fails(1, *self.conv("--input", source, "--preset", "sharpen:4"))
        self.assertEqual(pathlib.Path(self.path("y.npy")).read_text(encoding="ascii"), "precious")

    def test_the_output_may_replace_the_input(self):
        write_npy(self.path("x.npy"), (1, 3), [1, 2, 3])
        write_npy(self.path("w.npy"), (1, 1), [10])
        self.succeeds("conv", "--input", self.path("x.npy"), "--weights", self.path("w.npy"), "--output",
                      self.path("x.npy"))
        self.assertEqual(read_npy(self.path("x.npy"))[1], [10, 20, 30])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
