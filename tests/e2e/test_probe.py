"""A person asks "why?" in the real window: watches values, goes down to one number and back, follows a weight and a
pixel. What the screen says is added up again here. Run by ctest with the program's path in CONVLENS."""

import json
import os
import sys
import unittest
from decimal import ROUND_HALF_EVEN, Decimal

sys.path.insert(0, os.path.dirname(__file__))
from window_test import WindowTest  # noqa: E402

WIDTH, HEIGHT = 120, 90


class Probe(WindowTest):
    picture_size = (WIDTH, HEIGHT)

    def start(self, *arguments, **options):
        app = self.open(*(arguments or (self.rings,)), **options)
        app.wait(lambda t: t["document"]["picture"].get("shown") and t["maps"]["generation"] > 0, "the picture")
        twin = app.settle()
        if twin["animation"]["playing"]:
            app.key("space")
        return app

    # --- small helpers in the words of the screen

    def channel(self, row, col, channel):
        return self.rows[row][3 * col + channel] / 255

    def point_at(self, app, canvas, row, col):
        """Moves the pointer onto a pixel of a canvas, by its place in the text twin."""
        control = app.wait_for_control(canvas)
        x, y, _, _ = control["value"]["image_rect"]
        scale = control["value"]["scale"]
        app.move(round(x + (col + 0.5) * scale), round(y + (row + 0.5) * scale))
        app.frames(2)

    def press(self, app):
        """A click that a slow frame sees, too: down, and up only after the window has answered."""
        app.xdotool("mousedown", 1)
        app.frames(5)
        app.xdotool("mouseup", 1)
        app.frames(3)

    def click_value(self, app, tile, row, col):
        for _ in range(5):
            self.point_at(app, f"maps/tile/{tile}/canvas", row, col)
            self.press(app)
            twin = app.twin()
            if twin["probe"]["pins"] and twin["probe"]["focus"][0] == tile:
                break
        return app.wait(lambda t: t["probe"]["focus"][0] == tile and t["probe"]["pins"], "a watched value")

    def open_number(self, app):
        app.click("maps/pin/0/why")
        twin = app.wait(lambda t: t["probe"]["depth"] == 3 and "number" in t, "the number")
        app.frames(6)
        return twin

    def add_up(self, number):
        """Every sum of depth 3, from the strings that are shown."""
        running = Decimal(0)
        total = Decimal(0)
        cells = 0
        for channel in number["channels"]:
            subtotal = Decimal(0)
            for cell in channel["cells"]:
                product = Decimal(cell["product"])
                exact = Decimal(cell["input"]) * Decimal(cell["weight"])
                shown = exact.quantize(product, rounding=ROUND_HALF_EVEN)
                self.assertEqual(shown, product, cell)
                running += product
                subtotal += product
                self.assertEqual(running, Decimal(cell["running_sum"]), cell)
                cells += 1
            self.assertEqual(subtotal, Decimal(channel["subtotal"]))
            total += subtotal
        self.assertEqual(total, Decimal(number["sum"]))
        self.assertEqual(total + Decimal(number["bias"]), Decimal(number["pre_activation"]))
        value = Decimal(number["value"])
        self.assertEqual(Decimal(number["activated"]).quantize(value, rounding=ROUND_HALF_EVEN), value)
        self.assertAlmostEqual(float(value), number["map_value"], delta=float(Decimal(1).scaleb(value.as_tuple().exponent)))
        self.assertTrue(number["agrees"])
        self.assertGreater(cells, 0)
        return cells

    # --- the stories

    def test_a_first_look_says_that_values_can_be_clicked(self):
        app = self.start()
        self.assertIn("Click a value", app.control("maps/pins/hint")["value"])
        for step in ("maps", "map", "channels", "number"):
            self.assertTrue(app.control(f"maps/path/{step}")["tooltip"])

    def test_a_watched_value_follows_the_weight_under_it(self):
        app = self.start()
        twin = self.click_value(app, 0, 40, 50)
        filter_index, row, col = twin["probe"]["pins"][0]
        self.assertEqual(filter_index, 0)
        self.assertLessEqual(abs(row - 40) + abs(col - 50), 2)
        before = app.wait_for_control("maps/pin/0")["value"]

        app.drag("filters/weight/0/0/1/1", 0, -40)
        app.settle()
        after = app.control("maps/pin/0")["value"]
        self.assertNotEqual(after["value"], before["value"])
        self.assertEqual([after["row"], after["col"]], [row, col])

        number = self.open_number(app)["number"]
        self.assertEqual([number["map"], number["row"], number["column"]], [0, row, col])
        self.assertEqual(number["map_value"], after["value"])
        self.assertEqual(self.add_up(number), 27)
        centre = number["channels"][0]["cells"][4]
        self.assertAlmostEqual(centre["input_float"], self.channel(row, col, 0), places=6)
        self.assertAlmostEqual(centre["weight_float"], app.control("filters/weight/0/0/1/1")["value"], places=6)

        app.drag("filters/weight/0/0/1/1", 0, -30)
        app.settle()
        twin = app.wait(lambda t: t["number"]["map_value"] != number["map_value"], "the number to follow")
        self.add_up(twin["number"])
        weight = twin["number"]["channels"][0]["cells"][4]["weight_float"]
        self.assertAlmostEqual(weight, app.control("filters/weight/0/0/1/1")["value"], places=6)
        self.assertEqual(twin["number"]["channels"][0]["cells"][4]["input_float"], centre["input_float"])
        # Undo takes the number back as well.
        app.key("ctrl+z")
        app.settle()
        app.wait(lambda t: t["number"]["map_value"] == number["map_value"], "the number of before")

    def test_three_depths_down_and_back(self):
        app = self.start()
        self.click_value(app, 2, 30, 60)
        self.assertEqual(app.settle()["document"]["fields"]["view/layout"], "tiles")
        app.click("maps/path/map")
        twin = app.wait(lambda t: t["document"]["fields"]["view/layout"] == "single", "one map")
        self.assertEqual(twin["selection"]["filter"], 2)

        self.point_at(app, "maps/canvas", 33, 66)
        app.key("Return")
        twin = app.wait(lambda t: t["probe"]["depth"] == 2 and app.control("maps/parts", t), "the channels")
        twin = app.settle()
        self.assertEqual(twin["probe"]["focus"][0], 2)
        for channel in range(3):
            self.assertTrue(app.has(f"maps/part/{channel}/input") and app.has(f"maps/part/{channel}/map"))
            self.assertEqual(len(app.control(f"maps/part/{channel}/filter")["value"]), 9)
        self.assertTrue(app.has("maps/part/sum") and app.has("maps/part/output"))
        app.move(5, 5)
        app.frames(4)
        parts = app.control("maps/parts")["value"]
        self.assertEqual(parts["generation"], parts["parts_generation"])
        total = sum(Decimal(part) for part in parts["parts"])
        self.assertEqual(total, Decimal(parts["sum"]))
        self.assertEqual(total + Decimal(parts["bias"]), Decimal(parts["pre_activation"]))

        app.click("maps/path/number")
        twin = app.wait(lambda t: t["probe"]["depth"] == 3 and "number" in t, "the number")
        self.assertEqual([twin["number"]["row"], twin["number"]["column"]], [parts["row"], parts["col"]])
        self.add_up(twin["number"])

        app.key("Escape")
        app.wait(lambda t: t["probe"]["depth"] == 2, "the channels again")
        app.key("Escape")
        twin = app.wait(lambda t: t["probe"]["depth"] == 1, "the map again")
        self.assertEqual(twin["document"]["fields"]["view/layout"], "single")
        app.key("Escape")
        app.wait(lambda t: t["document"]["fields"]["view/layout"] == "tiles", "all maps again")
        self.assertNotIn("number", app.twin())

    def test_several_values_are_watched_and_saved(self):
        app = self.start()
        self.click_value(app, 0, 20, 30)
        self.click_value(app, 1, 25, 35)
        self.assertEqual(len(app.twin()["probe"]["pins"]), 1, "a click moves the watched value")
        self.point_at(app, "maps/tile/3/canvas", 50, 70)
        app.key("p")
        twin = app.wait(lambda t: len(t["probe"]["pins"]) == 2, "a second value")
        pins = twin["probe"]["pins"]
        self.assertEqual([pin[0] for pin in pins], [1, 3])
        values = [app.control(f"maps/pin/{i}")["value"]["value"] for i in range(2)]

        session = os.path.join(self.folder, "watched.json")
        app.key("ctrl+s")
        app.click("browser/name")
        app.key("ctrl+a")
        app.type(session)
        app.key("Return")
        app.wait(lambda t: t["document"]["session"] == session, "the session to be saved")
        with open(session, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["pins"], pins)
        app.close()

        again = self.start(session)
        twin = again.wait(lambda t: t["probe"]["pins"] == pins, "the watched values")
        again.settle()
        self.assertEqual([again.control(f"maps/pin/{i}")["value"]["value"] for i in range(2)], values)
        # They stay with their filters: the first filter goes, and each is found one place to the left.
        again.click("maps/tile/0")
        again.wait(lambda t: t["selection"]["filter"] == 0, "the first filter")
        pins = again.twin()["probe"]["pins"]
        again.move(5, 5)
        again.key("Delete")
        twin = again.wait(lambda t: len(t["document"]["filters"]) == 7, "the filter to go")
        kept = [[pin[0] - 1, *pin[1:]] for pin in pins if pin[0] > 0]
        self.assertEqual(twin["probe"]["pins"], kept)
        again.click("maps/pin/0/remove")
        again.wait(lambda t: len(t["probe"]["pins"]) == len(kept) - 1, "one value less")

    def test_padding_is_named_by_the_cell_it_reads(self):
        app = self.start()
        self.click_value(app, 0, 0, 0)
        app.click("maps/path/maps")
        for _ in range(4):  # the corner itself
            focus = app.twin()["probe"]["focus"]
            if focus[1:] == [0, 0]:
                break
            self.point_at(app, "maps/tile/0/canvas", 0, 0)
            self.press(app)
        number = self.open_number(app)["number"]
        self.assertEqual([number["row"], number["column"]], [0, 0])
        self.assertEqual(number["padding_cells"], 15)
        self.add_up(number)
        self.assertIn("15 of 27", app.control("maps/number/padding")["value"])
        self.assertEqual(app.control("maps/sum/0")["label"], "(-1, -1) outside: 0")
        app.click("conv/border/reflect")
        app.settle()
        twin = app.wait(lambda t: t["number"]["border"] == "reflect", "the border")
        self.add_up(twin["number"])
        self.assertEqual(app.wait_for_control("maps/sum/0")["label"], "(-1, -1) reads (1, 1)")
        self.assertEqual(app.control("maps/sum/0")["value"]["input"],
                         twin["number"]["channels"][0]["cells"][0]["input"])
        self.assertAlmostEqual(twin["number"]["channels"][0]["cells"][0]["input_float"], self.channel(1, 1, 0),
                               places=6)

    def test_the_sum_is_played_and_scrubbed(self):
        app = self.start()
        self.click_value(app, 0, 40, 50)
        number = self.open_number(app)["number"]
        count = app.twin()["probe"]["steps"][1]
        self.assertEqual(count, 27 + 3 + 1 + 1 + 1)
        self.assertEqual(app.twin()["probe"]["steps"][0], count)
        x, y, width, height = app.control("maps/sum/scrub")["rect"]
        app.move(x + width / 2, y + height / 2)
        self.press(app)
        twin = app.wait(lambda t: abs(t["probe"]["steps"][0] - count / 2) < 2, "the middle of the sum")
        taken = twin["probe"]["steps"][0]
        app.move(5, 5)
        app.key("comma")
        app.wait(lambda t: t["probe"]["steps"][0] == taken - 1, "one step back")
        app.key("period", "period")
        twin = app.wait(lambda t: t["probe"]["steps"][0] == taken + 1, "two steps on")
        added = [Decimal(c["product"]) for channel in number["channels"] for c in channel["cells"]]
        subtotals = (taken + 1) // 10
        running = sum(added[:taken + 1 - subtotals])
        self.assertEqual(Decimal(app.control("maps/sum/running")["value"].rsplit(" ", 1)[1]), running)
        app.key("space")
        app.wait(lambda t: t["probe"]["playing"], "the sum to play")
        app.wait(lambda t: t["probe"]["steps"][0] > taken + 1, "the sum to go on")
        app.wait(lambda t: not t["probe"]["playing"] and t["probe"]["steps"][0] == count, "the end of the sum")
        # The copy is the same sum.
        app.move(*app.center("maps/number/value"))
        app.key("ctrl+c")
        twin = app.wait(lambda t: "Copied the sum" in t["message"]["text"], "the copy")
        self.assertIn("Text", twin["message"]["text"])
        for name, word in (("latex", "LaTeX"), ("numpy", "NumPy"), ("cpp", "C++"), ("json", "JSON")):
            app.click(f"maps/number/copy/{name}")
            app.wait(lambda t: word in t["message"]["text"], f"the copy as {word}")

    def test_the_largest_filter_can_be_read_to_its_end(self):
        app = self.start()
        app.set_number("conv/kernel_rows", 31)
        app.choose_preset("gabor")
        app.key("Escape")
        self.click_value(app, 0, 40, 50)
        number = self.open_number(app)["number"]
        self.assertEqual(self.add_up(number), 31 * 31 * 3)
        for channel in range(3):
            self.assertEqual(len(app.control(f"maps/number/{channel}/products")["value"])
                             if app.has(f"maps/number/{channel}/products") else 961, 961)
        rows = [c["name"] for c in app.twin()["controls"] if c["name"].startswith("maps/sum/") and
                c["name"].rsplit("/", 1)[1].isdigit()]
        self.assertTrue(2 <= len(rows) < 200, f"{len(rows)} rows are drawn")
        count = app.twin()["probe"]["steps"][1]
        self.assertEqual(count, 31 * 31 * 3 + 3 + 3)
        app.move(5, 5)
        app.key("comma", "comma")
        app.wait(lambda t: t["probe"]["steps"][0] == count - 2, "two steps back")
        app.wait(lambda t: any(c["name"] == f"maps/sum/{count - 3}" for c in t["controls"]), "the end of the table")

    def test_a_weight_and_a_pixel_are_explained(self):
        app = self.start()
        app.move(*app.center("filters/weight/0/0/0/2"))
        app.frames(4)
        twin = app.wait(lambda t: "input_sum" in app.control("maps/card/weight", t)["value"], "the sum of the weight")
        card = app.control("maps/card/weight", twin)["value"]
        self.assertEqual(card["positions"], WIDTH * HEIGHT)
        self.assertEqual(card["padding_positions"], WIDTH + HEIGHT - 1)
        # Row 0 and column 2 of a 3 x 3 filter meet the picture moved by one down and one to the left.
        expected = sum(self.channel(row, col, 0) for row in range(HEIGHT - 1) for col in range(1, WIDTH))
        self.assertAlmostEqual(card["input_sum"], expected, delta=1e-4 * expected)

        self.point_at(app, "input/canvas", 40, 50)
        card = app.wait_for_control("maps/card/pixel")["value"]
        self.assertEqual(card["outputs"], [3, 3])
        slice_weights = [app.control(f"filters/weight/0/0/{r}/{s}")["value"] for r in range(3) for s in range(3)]
        for told, weight in zip(card["influence"][0], reversed(slice_weights)):
            self.assertAlmostEqual(float(told), weight, places=3)
        app.move(5, 5)
        app.frames(4)
        app.wait(lambda t: not any(c["name"].startswith("maps/card/") for c in t["controls"]), "the card to go")


if __name__ == "__main__":
    unittest.main(verbosity=2)
