"""Drives the real ConvLens window: a private X server, xdotool for the hands, the text twin and the frame buffer for
the eyes. Not a test itself."""

import json
import math
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time

from pictures import write_png

SLOWNESS = float(os.environ.get("CONVLENS_SLOWNESS", "1"))  # how many times slower a frame is than usual
TIMEOUT = 30.0 * SLOWNESS  # seconds until waiting for a state on the screen is given up


class Display:
    """An Xvfb server of its own whose frame buffer can be read as a file."""

    def __init__(self, width=1280, height=800):
        self.folder = tempfile.mkdtemp(prefix="convlens-e2e-")
        read_end, write_end = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{width}x{height}x24", "-fbdir", self.folder,
             "-nolisten", "tcp"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.name = ":" + number

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def screenshot(self):
        """The screen now, as a Picture. The file is in X window dump format (version 7, 32 bits a pixel)."""
        with open(os.path.join(self.folder, "Xvfb_screen0"), "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            header = struct.unpack(">25I", data[:100])
            header_size, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
            start = header_size + 12 * colours
            rows = [data[start + y * line:start + y * line + 4 * width] for y in range(height)]
            data.close()
        return Picture(width, height, rows)


class Picture:
    """Rows of BGRX bytes."""

    def __init__(self, width, height, rows):
        self.width, self.height, self.rows = width, height, rows

    def pixel(self, x, y):
        blue, green, red = self.rows[int(y)][4 * int(x):4 * int(x) + 3]
        return red, green, blue

    def save(self, path):
        rows = []
        for row in self.rows:
            rgb = bytearray(3 * self.width)
            rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
            rows.append(bytes(rgb))
        write_png(path, self.width, self.height, rows)

    def crop(self, rect):
        x, y, width, height = (int(v) for v in rect)
        return [self.rows[row][4 * x:4 * (x + width)] for row in range(y, y + height)]

    def colours(self, rect):
        """Number of different colours inside a rectangle: a picture has many, an empty panel a handful."""
        seen = set()
        for row in self.crop(rect):
            seen.update(row[i:i + 3] for i in range(0, len(row), 4))
        return len(seen)

    def difference(self, other, rect):
        """Share of the rectangle's pixels that differ."""
        total = changed = 0
        for mine, theirs in zip(self.crop(rect), other.crop(rect)):
            for i in range(0, len(mine), 4):
                total += 1
                changed += mine[i:i + 3] != theirs[i:i + 3]
        return changed / max(total, 1)


class App:
    """One running window."""

    def __init__(self, binary, display, *arguments, size="1280x800"):
        self.display = display
        self.folder = tempfile.mkdtemp(prefix="convlens-app-")
        self.twin_path = os.path.join(self.folder, "twin.json")
        self.environment = dict(os.environ, DISPLAY=display.name, LIBGL_ALWAYS_SOFTWARE="1",
                                XDG_CONFIG_HOME=self.folder, HOME=self.folder)
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.process = subprocess.Popen(
            [binary, "--fresh", "--text-twin", self.twin_path, "--size", size, *arguments],
            env=self.environment, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder)
        self.wait(lambda twin: twin["maps"]["generation"] > 0, "the first maps")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- eyes

    def twin(self):
        with open(self.twin_path, encoding="utf-8") as file:
            return json.load(file)

    def wait(self, condition, what):
        """The first twin for which condition(twin) holds."""
        deadline = time.monotonic() + TIMEOUT
        twin = None
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the window closed (exit {self.process.returncode}) while waiting for {what}: "
                                     + self.output())
            try:
                twin = self.twin()
                if condition(twin):
                    return twin
            except (FileNotFoundError, KeyError, IndexError, TypeError):
                pass
            time.sleep(0.01)
        message = twin.get("message") if twin else "no twin was written"
        raise AssertionError(f"waited {TIMEOUT:.0f} s in vain for {what}; the window's message: {message}")

    def output(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def settle(self):
        """Waits until the maps answer the newest edit, and returns the twin."""
        return self.wait(lambda twin: twin["maps"]["generation"] == twin["edit"]["generation"] and
                         not twin.get("busy", False), "the maps to catch up")

    def control(self, name, twin=None):
        for control in (twin or self.twin())["controls"]:
            if control["name"] == name:
                return control
        raise KeyError(name)

    def has(self, name):
        return any(control["name"] == name for control in self.twin()["controls"])

    def wait_for_control(self, name):
        """The control, in view: a panel that would show it when scrolled is scrolled."""
        def in_view(twin):
            hidden = twin.get("hidden", {}).get(name)
            if hidden and not any(control["name"] == name for control in twin["controls"]):
                self.scroll_towards(hidden)
                return False
            return self.control(name, twin)

        twin = self.wait(in_view, f"the control {name}")
        return self.control(name, twin)

    def scroll_towards(self, hidden):
        """One notch of the wheel over the panel's scroll bar, where no picture takes it."""
        x, y, width, height = hidden["panel"]
        is_below = hidden["rect"][1] + hidden["rect"][3] / 2 > y + height / 2
        self.move(x + width + 3, y + height / 2)
        self.xdotool("click", 5 if is_below else 4)
        self.frames(4)

    def center(self, name):
        rect = None
        while rect != (now := self.wait_for_control(name)["rect"]):  # a panel that has just opened still moves
            rect = now
            self.frames(1)
        x, y, width, height = rect
        return math.floor(x + width / 2), math.floor(y + height / 2)

    # --- hands

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=self.environment,
                       stdout=subprocess.DEVNULL)

    def move(self, x, y):
        self.xdotool("mousemove", int(x), int(y))
        self.frames(2)

    def frames(self, count):
        """Lets the window draw. The twin is written only on a change, so time is all there is to go by."""
        time.sleep(0.03 * SLOWNESS * count)

    def click(self, name, button=1):
        self.move(*self.center(name))
        self.press(button)

    def press(self, button=1):
        self.xdotool("mousedown", button)
        self.frames(2)
        self.xdotool("mouseup", button)
        self.frames(2)

    def drag(self, name, dx, dy, steps=10, release=True):
        x, y = self.center(name)
        self.move(x, y)
        self.xdotool("mousedown", 1)
        self.frames(2)
        for step in range(1, steps + 1):
            self.xdotool("mousemove", round(x + dx * step / steps), round(y + dy * step / steps))
            self.frames(1)
        if release:
            self.release()

    def release(self):
        self.xdotool("mouseup", 1)
        self.frames(2)

    def wheel(self, name, clicks):
        self.move(*self.center(name))
        for _ in range(abs(clicks)):
            self.xdotool("click", 4 if clicks > 0 else 5)
            self.frames(1)

    def key(self, *keys):
        """Presses keys such as "Return" or "ctrl+shift+z", each long enough for a slow frame to see it."""
        for key in keys:
            parts = key.split("+")
            for part in parts:
                self.xdotool("keydown", part)
            self.frames(3)
            for part in reversed(parts):
                self.xdotool("keyup", part)
            self.frames(2)

    def type(self, text):
        self.xdotool("type", "--delay", 30, text)
        self.frames(2)

    # --- small tasks in the words of the screen

    def run_action(self, name):
        """Through the command palette, wherever its control is."""
        self.key("ctrl+shift+p")
        self.wait_for_control("palette/query")
        self.type(name.split("/")[1])
        self.click("palette/" + name)

    def choose_preset(self, preset):
        def in_view():  # only what is in view stands in the twin
            return [c["name"] for c in self.twin()["controls"] if c["name"].startswith("filters/preset/")]

        if not in_view():
            self.click("filters/presets")
            self.wait(lambda _: in_view(), "the presets")
        for direction in (-3, 3):
            for _ in range(12):
                if self.has(f"filters/preset/{preset}"):
                    break
                self.wheel(in_view()[0], direction)
                self.frames(3)
        for _ in range(3):
            before = self.settle()["document"]
            self.click(f"filters/preset/{preset}")
            twin = self.settle()
            if twin["document"] != before:
                break
            self.wheel(f"filters/preset/{preset}", -1)  # it may be cut off at the list's edge; or nothing had to change
            self.frames(3)
        return twin

    def set_number(self, name, value):
        """Ctrl+click and type, as on any number in the window."""
        self.xdotool("keydown", "ctrl")
        self.click(name)
        self.xdotool("keyup", "ctrl")
        self.key("ctrl+a")
        self.type(str(value))
        self.key("Return")
        self.frames(3)
        return self.settle()
