#!/usr/bin/env python3
"""Draws the pictures of engine/conv/README.md: one SVG for each kernel's idea, into assets/kernels/.

usage: scripts/kernel_pictures.py [FOLDER]
"""
import pathlib
import sys

from svg_picture import CELL, DIM, INK, Picture

INPUT, WEIGHT, OUTPUT, SCRATCH = "#8fb8de", "#f2b56b", "#8cc9a1", "#c9b3e0"

def direct():
    p = Picture(760, 250)
    p.text(20, 28, "input row + tap offset", weight="bold")
    p.grid(20, 42, 16, 3, lambda c, r: INPUT if r == 1 and 3 <= c < 11 else "white")
    p.frame(20 + 3 * CELL, 42 + CELL, 4, 1)
    p.frame(20 + 7 * CELL, 42 + CELL, 4, 1)
    p.note(20, 116, "V vectors of x, loaded once for each tap,", "from a copy in which borders are already filled in")
    p.text(20, 168, "weights of the tap", weight="bold")
    p.grid(20, 180, 4, 1, WEIGHT)
    p.note(20, 216, "one for each of F filters, spread over a vector")
    p.arrow(325, 70, 408, 110)
    p.arrow(110, 189, 408, 130)
    p.text(420, 42, "F x V sums stay in registers", weight="bold")
    p.grid(420, 56, 8, 4, OUTPUT)
    for v in range(2):
        for f in range(4):
            p.frame(420 + 4 * v * CELL, 56 + f * CELL, 4, 1)
    p.text(575, 69, "filter 0", 12, DIM)
    p.text(575, 69 + 3 * CELL, "filter F-1", 12, DIM)
    p.note(420, 152, "for every tap (c, r, s):", "    sum[f][v] += x[v] · w[f]", "then bias, activation, and each sum is written once.")
    return p


def depthwise():
    p = Picture(760, 230)
    p.text(20, 28, "one plane, four output rows at a time", weight="bold")
    p.grid(20, 42, 14, 6, lambda c, r: INPUT if r == 3 else "white")
    p.note(20, 172, "The row in blue feeds all four output rows:", "it is loaded once and multiplied by a row of the filter for each.")
    p.arrow(282, 96, 370, 84)
    p.text(385, 28, "sums in registers", weight="bold")
    p.grid(385, 52, 12, 4, OUTPUT)
    for r in range(4):
        p.frame(385, 52 + r * CELL, 12, 1)
    for r, words in enumerate(("filter row 2", "filter row 1", "filter row 0", "")):
        p.text(612, 66 + r * CELL, words, 12, DIM)
    p.note(385, 172, "Few channels and filters leave nothing else to share:", "rows are shared instead of filters.")
    return p


def separable():
    p = Picture(760, 240)
    p.text(20, 28, "a filter of rank 1", weight="bold")
    p.grid(20, 44, 5, 5, WEIGHT)
    p.text(122, 94, "=", 18)
    p.grid(146, 44, 1, 5, WEIGHT)
    p.text(172, 94, "x", 15)
    p.grid(190, 80, 5, 1, WEIGHT)
    p.note(20, 168, "25 products an output", "become 5 + 5")
    p.arrow(292, 90, 335, 90)
    p.text(348, 28, "column pass", weight="bold")
    p.grid(348, 44, 9, 5, INPUT)
    p.arrow(430, 138, 430, 158)
    p.grid(348, 162, 9, 1, SCRATCH)
    p.note(348, 202, "R rows of the picture make", "a line that stays in the cache")
    p.arrow(522, 171, 566, 171)
    p.text(580, 28, "row pass", weight="bold")
    p.grid(580, 162, 7, 1, OUTPUT)
    p.note(580, 202, "S values of the line", "make one output")
    return p


def gemm():
    p = Picture(760, 250)
    p.text(20, 28, "weights, packed", weight="bold")
    p.grid(20, 44, 8, 6, lambda c, r: WEIGHT if 2 <= r < 4 else "white")
    p.frame(20, 44 + 2 * CELL, 8, 2)
    p.note(20, 176, "rows: filters", "columns: taps (c, r, s)")
    p.text(200, 28, "windows, packed a block at a time", weight="bold")
    p.grid(200, 44, 14, 8, lambda c, r: INPUT if 5 <= c < 9 else "white")
    p.frame(200 + 5 * CELL, 44, 4, 8)
    p.note(200, 210, "rows: taps; columns: output positions, across rows", "and pictures, so small maps fill vectors, too")
    p.arrow(462, 100, 512, 100)
    p.text(525, 28, "output", weight="bold")
    p.grid(525, 44, 12, 6, lambda c, r: OUTPUT if 2 <= r < 4 and 5 <= c < 9 else "white")
    p.frame(525 + 5 * CELL, 44 + 2 * CELL, 4, 2)
    p.note(525, 176, "a tile of filters x positions", "stays in registers over a block of taps")
    return p


def winograd():
    p = Picture(760, 240)
    p.text(20, 28, "6 x 6 input tile", weight="bold")
    p.grid(20, 44, 6, 6, INPUT)
    p.note(20, 176, "one for each channel,", "overlapping by 2")
    p.arrow(136, 98, 196, 98)
    p.text(141, 88, "Bᵀ d B", 12, DIM)
    p.text(208, 28, "36 numbers", weight="bold")
    p.grid(208, 44, 6, 6, SCRATCH)
    p.text(332, 94, "·", 22)
    p.grid(354, 44, 6, 6, WEIGHT)
    p.text(354, 28, "G g Gᵀ", weight="bold")
    p.note(208, 176, "36 matrix products, one for each place:", "filters x channels times channels x tiles", "")
    p.arrow(470, 98, 540, 98)
    p.text(480, 88, "Aᵀ m A", 12, DIM)
    p.text(555, 28, "4 x 4 outputs", weight="bold")
    p.grid(555, 62, 4, 4, OUTPUT)
    p.note(555, 176, "16 outputs for 36 products", "instead of 144")
    return p


def fft():
    p = Picture(760, 250)
    p.text(20, 28, "overlapping tiles", weight="bold")
    p.grid(20, 44, 12, 7, "white")
    p.box(20, 44, 6 * CELL, 6 * CELL, INPUT + "66", INK, 2)
    p.box(20 + 4 * CELL, 44, 6 * CELL, 6 * CELL, "none", DIM, 1.5, "5 4")
    p.note(20, 192, "two tiles travel as one complex", "picture, re + i im")
    p.arrow(246, 98, 300, 98)
    p.text(254, 88, "FFT", 12, DIM)
    p.grid(312, 44, 6, 6, SCRATCH)
    p.text(433, 102, "·", 22)
    p.grid(452, 44, 6, 6, WEIGHT)
    p.text(312, 28, "spectrum", weight="bold")
    p.text(452, 28, "filter's", weight="bold")
    p.note(312, 192, "products are added over channels first:", "one inverse a filter")
    p.arrow(568, 98, 622, 98)
    p.text(572, 88, "FFT⁻¹", 12, DIM)
    p.grid(634, 44, 6, 6, lambda c, r: OUTPUT if c >= 2 and r >= 2 else "white")
    p.text(634, 28, "outputs", weight="bold")
    p.note(590, 192, "the first R-1 rows and S-1", "columns wrapped: dropped")
    return p


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "assets/kernels")
    folder.mkdir(parents=True, exist_ok=True)
    for draw in (direct, depthwise, separable, gemm, winograd, fft):
        draw().write(folder / f"{draw.__name__}.svg")


main()
