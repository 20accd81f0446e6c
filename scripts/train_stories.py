"""What the pictures of the Train workspace show; scripts/screenshots.py takes them. The moves are those of the tests."""

import os

os.environ.setdefault("CONVLENS", "")
from train_test import TrainTest  # noqa: E402

moves = TrainTest("pause")
SEVEN = [[(0.22, 0.2), (0.78, 0.2), (0.45, 0.85)]]


def begin(app):
    app.key("space")
    app.click("workspace/train")
    app.wait(lambda t: t["train"]["run"] and t["train"]["state"] == "paused", "the first run to be ready")


def hover(app, control, across=0.5, down=0.5):
    x, y, width, height = app.wait_for_control(control)["rect"]
    app.move(x + across * width, y + down * height)
    app.frames(4)


def train(app):
    """Filters after some epochs, the curves that led there, and a held-out picture with its maps."""
    begin(app)
    moves.run_to(app, 0.9)
    hover(app, "train/filter/conv1/6")


def train_filter(app):
    """One filter closely: weights to edit, words, its life from the first step on."""
    begin(app)
    moves.run_to(app, 0.9)
    app.click("train/filter/conv1/16")
    app.wait(lambda t: t["train"]["tab"] == "filter", "the filter's tab")
    hover(app, "train/tab/filter", 0.5, 3)


def train_phases(app):
    """Slow motion: between the loss and the way back."""
    begin(app)
    moves.run_to(app, 0.8)
    app.click("train/phase")
    app.frames(6)
    app.click("train/phase")
    app.wait(lambda t: t["train"]["next_phase"] == "backward", "two of the four phases")


def train_backward(app):
    """A weight's gradient as the sum over its positions."""
    begin(app)
    moves.run_to(app, 0.8)
    app.click("train/filter/conv1/16")
    moves.tab(app, "backward")
    app.click("backward/cell/0/1")
    app.wait_for_control("backward/terms")


def train_mistakes(app):
    """The confusion matrix and the pictures of its largest error."""
    begin(app)
    moves.run_to(app, 0.85)
    twin = moves.newest_test(app)
    worst = max((c for c in twin["controls"] if c["name"].startswith("mistakes/cell/") and
                 len(set(c["name"].split("/")[2:])) == 2), key=lambda c: c["value"])
    app.click(worst["name"])
    app.wait_for_control("mistakes/picture/0")


def train_draw(app):
    """A digit by hand on its way to the net."""
    begin(app)
    moves.run_to(app, 0.9)
    moves.tab(app, "draw")
    moves.draw(app, SEVEN)


def train_data(app):
    """The data by class, and what is done to a picture."""
    begin(app)
    moves.tab(app, "data")
    app.wait(lambda t: any(c["name"].startswith("train/data/class/") for c in t["controls"]), "the classes")


def train_moments(app):
    """The present filters beside those of the first steps."""
    begin(app)
    app.click("train/step")
    app.wait(lambda t: t["train"]["step"] == 1, "one step")
    app.click("train/moments/keep")
    app.wait_for_control("train/moments/open")
    moves.run_to(app, 0.9)
    app.click("train/moments/open")
    app.wait_for_control("train/moments/distance/all layers")


def train_divergence(app):
    """Why training ran away, and the way back."""
    begin(app)
    moves.run_to(app, 0.5)
    app.set_number("train/learning_rate", 10)
    app.click("train/run")
    app.wait(lambda t: t["train"]["state"] == "diverged", "training to run away")
    app.wait_for_control("train/divergence/reason")


STORIES = [("train", train, 1280, 800, "dark"), ("train_filter", train_filter, 1280, 800, "dark"),
           ("train_phases", train_phases, 1280, 800, "light"), ("train_backward", train_backward, 1280, 800, "dark"),
           ("train_mistakes", train_mistakes, 1280, 800, "dark"), ("train_draw", train_draw, 1280, 800, "dark"),
           ("train_data", train_data, 1280, 800, "light"), ("train_moments", train_moments, 1920, 1080, "dark"),
           ("train_divergence", train_divergence, 1280, 800, "dark")]
