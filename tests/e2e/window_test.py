"""What the stories in the real window share: a display for each class, and a folder with a picture in it."""

import os
import pathlib
import shutil
import tempfile
import unittest

from driver import App, Display
from pictures import rings, write_png

PROGRAM = os.environ["CONVLENS"]


class WindowTest(unittest.TestCase):
    picture_size = (400, 300)  # width and height of the rings

    @classmethod
    def setUpClass(cls):
        cls.display = Display()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="convlens-e2e-"))
        cls.rings = str(cls.folder / "rings.png")
        cls.rows = rings(*cls.picture_size)
        write_png(cls.rings, *cls.picture_size, cls.rows)

    @classmethod
    def tearDownClass(cls):
        cls.display.close()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def open(self, *arguments, **options):
        """The window, which closes after the test."""
        app = App(PROGRAM, self.display, *map(str, arguments), **options)
        self.addCleanup(app.close)
        return app
