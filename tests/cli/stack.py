"""`convlens stack`: tables of chains of layers. usage: stack.py PROGRAM"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)


def run(*arguments):
    return subprocess.run([PROGRAM, "stack", *arguments], capture_output=True, text=True, timeout=60, check=False)


class Stack(unittest.TestCase):
    def test_lenet_has_the_numbers_that_it_is_known_for(self):
        result = run("--model", "lenet5", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        table = json.loads(result.stdout)
        self.assertEqual(table["parameters"], 61706)
        self.assertEqual([layer["output"] for layer in table["layers"]][:4],
                         [[6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5]])
        self.assertEqual(table["layers"][2]["field"]["y"], {"size": 14, "jump": 2, "start": -2})
        text = run("--model", "lenet5").stdout
        self.assertRegex(text, r"conv2 +conv +16x10x10 +2416 +240000 +14x14 +2x2 +-2,-2")
        self.assertRegex(text, r"total +61706 +416520")

    def test_three_small_layers_see_as_much_as_a_large_one(self):
        text = run("--model", "three-3x3").stdout
        self.assertIn("One 7 × 7 convolution would see as much with 441 weights", text)

    def test_a_file_and_another_input(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"input": [1, 9, 9], "layers": [{"kind": "conv", "filters": 2, "size": [3, 3], "stride": [2, 2],
                                                       "padding": "valid"}]}, file)
            file.flush()
            self.assertRegex(run("--model", file.name).stdout, r"conv1 +conv +2x4x4 ")
            self.assertRegex(run("--model", file.name, "--input", "3,11,11").stdout, r"conv1 +conv +2x5x5 +56 ")

    def test_a_value_inside_a_stack_is_explained(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = os.path.join(folder, "grey.pgm")
            with open(picture, "wb") as file:
                file.write(b"P5 28 28 255\n" + bytes((7 * i * i + 3 * i) % 256 for i in range(28 * 28)))

            def explain(*arguments):
                return subprocess.run([PROGRAM, "explain", "--model", "lenet5", "--input", picture, *arguments],
                                      capture_output=True, text=True, timeout=60, check=False)

            result = explain("--layer", "conv2", "--at", "5,3,5")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertTrue(result.stdout.startswith("conv2, map 5, row 3, column 5\n"))
            value = json.loads(explain("--layer", "conv2", "--at", "5,3,5", "--format", "json").stdout)
            self.assertEqual(sum(len(channel["cells"]) for channel in value["channels"]), 6 * 5 * 5)
            self.assertIn("wins", explain("--layer", "pool1", "--at", "0,2,2").stdout)
            self.assertTrue(explain("--layer", "8", "--at", "3,0,0").stdout.startswith("fc3, output 3\n"))
            for arguments, words in ((("--layer", "conv9", "--at", "0,0,0"), "choose one of conv1"),
                                     (("--layer", "conv2", "--at", "16,0,0"), "is outside of what conv2 makes")):
                result = explain(*arguments)
                self.assertEqual(result.returncode, 1)
                self.assertIn(words, result.stderr)
            self.assertEqual(explain("--at", "0,0,0").returncode, 2)

    def test_what_does_not_fit_is_said_in_one_line(self):
        result = run("--model", "lenet5", "--input", "1,6,6")
        self.assertEqual(result.returncode, 1)
        self.assertIn("layer 3 (conv) does not fit", result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1)
        result = run("--model", "resnet")
        self.assertEqual(result.returncode, 1)
        self.assertIn("choose one of keras-starter", result.stderr)
        self.assertEqual(run().returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
