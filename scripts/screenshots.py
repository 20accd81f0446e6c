#!/usr/bin/env python3
"""Makes the pictures of the README with the real window: assets/screenshots/*.png. `--help` tells how to make others."""

import argparse
import os
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
from driver import App, Display  # noqa: E402
from train_stories import STORIES as TRAIN_STORIES  # noqa: E402


def take(name, story, width, height, theme, options):
    if options.size:
        width, height = (int(side) for side in options.size.split("x"))
    display = Display(width, height)
    app = App(options.program, display, "--theme", options.theme or theme, "--scale", str(options.scale),
              size=f"{width}x{height}")
    try:
        app.settle()
        story(app)
        app.settle()
        app.frames(12)
        display.screenshot().save(os.path.join(options.out, name + ".png"))
        print(name)
    finally:
        app.close()
        display.close()


def point_at(app, control, across, down):
    x, y, width, height = app.wait_for_control(control)["rect"]
    app.move(x + across * width, y + down * height)
    app.frames(4)


def explore(app):
    app.key("space")
    point_at(app, "maps/tile/0", 0.62, 0.55)


def numbers(app):
    """One map, so close that its values can be read, and the window that makes one of them."""
    app.key("space")
    app.click("view/layout/single")
    point_at(app, "maps/canvas", 0.5, 0.47)
    for _ in range(26):
        point_at(app, "maps/canvas", 0.856, 0.52)
        app.xdotool("click", 4)
    point_at(app, "maps/canvas", 0.856, 0.52)


def presets(app):
    app.key("space")
    app.set_number("conv/kernel_rows", 9)
    app.choose_preset("gabor")
    app.frames(10)


def geometry(app):
    """Dilation, stride and a reflecting border at the corner of the picture."""
    app.key("space")
    app.set_number("conv/dilation_y", 4)
    app.click("conv/border/reflect")
    app.run_action("view/link")
    for _ in range(14):
        point_at(app, "input/canvas", 0.25, 0.325)
        app.xdotool("click", 4)
    point_at(app, "maps/tile/0", 0.25, 0.014)


def large(app):
    """A full screen with more filters."""
    app.key("space")
    app.click("filters/presets")
    app.click("filters/preset_adds")
    for preset in ("scharr-x", "log", "dog", "blue-yellow"):
        app.choose_preset(preset)
    app.key("Escape")
    point_at(app, "maps/tile/6", 0.3, 0.5)


def overlays(app):
    """Coverage, the outputs' places and the alignment for a 5 x 5 filter with stride 3, close to the last corner."""
    app.key("space")
    app.set_number("conv/kernel_rows", 5)
    app.set_number("conv/stride_y", 3)
    app.click("conv/padding/valid")
    app.click("tabs/geometry")
    for field in ("view/coverage", "view/sampling", "view/alignment"):
        app.click(field)
        app.frames(8)
    app.run_action("view/link")
    for _ in range(16):
        point_at(app, "input/canvas", 0.966, 0.692)
        app.xdotool("click", 4)
    point_at(app, "maps/tile/0", 0.985, 0.985)


def gridding(app):
    """Padding share and the grids that dilation 4 leaves, at the first corner of map and picture."""
    app.key("space")
    app.set_number("conv/dilation_y", 4)
    app.click("tabs/geometry")
    for field in ("view/gridding", "view/padding_share"):
        app.click(field)
        app.frames(8)
    app.click("view/layout/single")
    for _ in range(17):
        point_at(app, "input/canvas", 0.036, 0.308)
        app.xdotool("click", 4)
    point_at(app, "maps/canvas", 0.4, 0.5)


def activation(app):
    """ReLU before and after, and the experiment that puts it first."""
    app.key("space")
    app.click("conv/activation")
    app.click("conv/activation/relu")
    app.click("tabs/geometry")
    app.click("geometry/section/activation")
    app.wait_for_control("geometry/before/plane")
    point_at(app, "geometry/before", 0.62, 0.55)


def pooling(app):
    """The window of one pooled value and the cell that won."""
    app.key("space")
    app.click("tabs/geometry")
    app.click("geometry/section/pooling")
    app.click("pool/on")
    app.wait_for_control("geometry/pool/shape")
    app.set_number("pool/size", 4)
    app.set_number("pool/stride", 4)
    point_at(app, "geometry/pooled", 0.62, 0.55)


def flip(app):
    """A convolution half-way through the turn of its filter, and the response to one bright pixel."""
    app.key("space")
    app.choose_preset("emboss")
    app.key("Escape")
    app.click("conv/flip/on")
    app.click("tabs/geometry")
    app.click("geometry/section/flip")
    app.wait_for_control("geometry/impulse/plane")
    x, y, width, height = app.wait_for_control("geometry/flip/angle")["rect"]
    app.move(x + 0.17 * width, y + height / 2)
    app.press()
    app.frames(4)


def cost(app):
    """The arithmetic of a layer and the time of every kernel."""
    app.key("space")
    app.click("tabs/cost")
    for _ in range(40):
        if app.has("cost/measure"):
            break
        point_at(app, "tabs/parameters", 0.5, 8)
        app.xdotool("click", 5)
    app.click("cost/measure")
    app.wait(lambda t: app.control("cost/measured", t)["value"] > 0, "the kernels to be measured")
    for _ in range(20):
        point_at(app, "tabs/parameters", 0.5, 8)
        app.xdotool("click", 5)


def channels(app):
    """One map from inside: the parts of the channels, their sum, the bias, the activation."""
    app.key("space")
    app.choose_preset("red-green")
    app.key("Escape")
    point_at(app, "maps/tile/0", 0.36, 0.42)
    app.press()
    app.click("maps/path/channels")
    app.frames(6)
    point_at(app, "maps/part/0/map", 0.36, 0.42)


def number(app):
    """One number at the corner of the picture: every product, padding named, the sum half told."""
    app.key("space")
    app.click("conv/border/replicate")
    point_at(app, "maps/tile/0", 0.003, 0.6)
    app.press()
    app.click("maps/pin/0/why")
    app.frames(6)
    for _ in range(20):
        app.key("comma")


def weight(app):
    """Everything that one weight meets and feeds, and what its gradient is a sum of."""
    app.key("space")
    app.set_number("conv/stride_y", 2)
    app.click("view/layout/single")
    for _ in range(22):
        point_at(app, "maps/canvas", 0.3, 0.3)
        app.xdotool("click", 4)
    app.move(*app.center("filters/weight/0/0/0/2"))
    app.frames(20)


def pixel(app):
    """Which values read one pixel, and with which weights."""
    app.key("space")
    app.click("view/layout/single")
    for _ in range(22):
        point_at(app, "input/canvas", 0.5, 0.5)
        app.xdotool("click", 4)
    point_at(app, "input/canvas", 0.52, 0.52)


def frequency(app):
    """Sobel x in words, its gain, and the product rule on the picture."""
    app.key("space")
    app.click("conv/channels/grey")
    app.choose_preset("sobel-x")
    app.key("Escape")
    app.click("tabs/frequency")
    app.wait_for_control("frequency/response")
    point_at(app, "frequency/response", 0.7, 0.42)


def spectra(app):
    """A stride of 2 seen in frequencies: the box, what lies beyond it, and one wave that folds."""
    app.key("space")
    app.click("conv/channels/grey")
    app.set_number("conv/stride_y", 2)
    app.click("conv/border/circular")
    app.choose_preset("sharpen")
    app.key("Escape")
    app.click("tabs/frequency")
    app.click("frequency/large")
    app.wait_for_control("spectra/response")
    point_at(app, "spectra/product", 0.86, 0.62)


def compare(app):
    """A weight edited against the frozen set-up: what all maps differ by, and the numbers of one."""
    app.key("space")
    app.click("tabs/compare")
    app.click("compare/freeze")
    app.wait_for_control("compare/result")
    app.drag("filters/weight/0/0/1/1", 0, -40)
    app.settle()
    app.click("compare/show/swipe")
    point_at(app, "maps/tile/0", 0.7, 0.55)


def side_by_side(app):
    """Correlation and convolution with their difference, one zoom and one pointer."""
    app.key("space")
    app.choose_preset("emboss")
    app.key("Escape")
    app.click("tabs/compare")
    app.click("compare/flip")
    app.click("compare/side")
    app.wait_for_control("side/difference/bar")
    point_at(app, "side/a", 0.6, 0.55)


def open_stack(app, preset):
    app.click("workspace/stack")
    app.click("stack/preset")
    app.click(f"stack/preset/{preset}")
    app.wait(lambda t: t["stack"]["complete"] and not t["stack"]["busy"], "the layers to be computed")


def stack(app):
    """LeNet-5 on the scene, a value of its second convolution pinned, its sum and its path to the picture."""
    open_stack(app, "lenet5")
    point_at(app, "stack/tile/3/5", 0.55, 0.35)
    app.press()
    app.wait(lambda t: t["stack"]["unit"]["title"], "the value's probe")


def field(app):
    """A small VGG and the pixels that one unit sees, in theory and by its weights."""
    open_stack(app, "small-vgg")
    app.click("stack/tab/field")
    point_at(app, "stack/tile/6/0", 0.45, 0.55)
    app.press()
    app.wait_for_control("stack/effective")


def patches(app):
    """What excites the maps of a layer most."""
    open_stack(app, "three-3x3")
    app.click("stack/layer/2")
    app.click("stack/tab/patches")
    app.wait_for_control("stack/patch/0/0")


def one_filter(app):
    """Two layers without an activation between them, and the one filter that they are."""
    open_stack(app, "two-linear")
    app.click("stack/tab/composed")
    app.wait_for_control("stack/composed-filter")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("pictures", nargs="*", help="names of the pictures to make (all)")
parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "app", "convlens"))
parser.add_argument("--out", default=os.path.join(ROOT, "assets", "screenshots"), help="folder to write to")
parser.add_argument("--size", help="of the window, as 1280x800 (the picture's own)")
parser.add_argument("--scale", type=float, default=1, help="of the interface (1)")
parser.add_argument("--theme", choices=["dark", "light", "projector"], help="the picture's own")
options = parser.parse_args()
os.makedirs(options.out, exist_ok=True)
failed = []
for picture, story, width, height, theme in [
        ("explore", explore, 1280, 800, "dark"), ("numbers", numbers, 1280, 800, "light"),
        ("presets", presets, 1280, 800, "dark"), ("geometry", geometry, 1280, 800, "dark"),
        ("light", large, 1920, 1080, "light"), ("overlays", overlays, 1280, 800, "dark"),
        ("gridding", gridding, 1280, 800, "dark"), ("activation", activation, 1280, 800, "light"),
        ("pooling", pooling, 1280, 800, "dark"), ("flip", flip, 1280, 800, "dark"), ("cost", cost, 1280, 800, "dark"),
        ("channels", channels, 1280, 800, "dark"), ("number", number, 1280, 800, "dark"),
        ("weight", weight, 1280, 800, "dark"), ("pixel", pixel, 1280, 800, "light"),
        ("frequency", frequency, 1280, 800, "dark"), ("spectra", spectra, 1280, 800, "light"),
        ("compare", compare, 1280, 800, "dark"), ("side_by_side", side_by_side, 1280, 800, "light"),
        ("stack", stack, 1280, 800, "dark"), ("field", field, 1920, 1080, "dark"),
        ("patches", patches, 1280, 800, "light"), ("one_filter", one_filter, 1280, 800, "dark"), *TRAIN_STORIES]:
    if options.pictures and picture not in options.pictures:
        continue
    try:
        take(picture, story, width, height, theme, options)
    except (AssertionError, KeyError) as error:
        failed.append(picture)
        print(f"{picture}: {error}", file=sys.stderr)
sys.exit(1 if failed else 0)
