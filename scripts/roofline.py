#!/usr/bin/env python3
"""Draws measured convolutions under the limits of the machine that ran them.

usage: scripts/roofline.py PEERS.CSV LIMITS.CSV PICTURE.SVG
The two tables are what a run of the comparison with other libraries writes: workload, peer, threads, times, GFLOP/s and
GB/s of the least traffic; and the measured limits. Points are our times, rings the best of the others.
"""
import csv
import math
import pathlib
import sys

from svg_picture import DIM, INK, LINE, Picture

OURS = "convlens"
COLOURS = {"A": "#2a78b8", "B": "#c8641e", "C": "#3c8f5a"}
MEANING = {"A": "A: one plane, one filter", "B": "B: photograph, 8 or 32 filters", "C": "C: deep layers"}
LEFT, TOP, WIDTH, HEIGHT = 74, 30, 800, 420
INTENSITY, SPEED = (1, 1000), (10, 4000)  # FLOP per byte, GFLOP/s: the ranges of the axes


def place(intensity, speed):
    def along(value, limits):
        return (math.log(value) - math.log(limits[0])) / (math.log(limits[1]) - math.log(limits[0]))
    return LEFT + WIDTH * along(intensity, INTENSITY), TOP + HEIGHT * (1 - along(speed, SPEED))


def axes(p):
    p.box(LEFT, TOP, WIDTH, HEIGHT, "white")
    for value in (1, 10, 100, 1000):
        x, _ = place(value, SPEED[0])
        p.line(x, TOP, x, TOP + HEIGHT, LINE, 1)
        p.text(x, TOP + HEIGHT + 18, str(value), 12, DIM, "middle")
    for value in (10, 100, 1000):
        _, y = place(INTENSITY[0], value)
        p.line(LEFT, y, LEFT + WIDTH, y, LINE, 1)
        p.text(LEFT - 8, y + 4, str(value), 12, DIM, "end")
    p.text(LEFT + WIDTH / 2, TOP + HEIGHT + 40, "floating-point operations per byte of input, weights and output", 13, INK,
           "middle")
    p.text(LEFT - 58, TOP - 10, "GFLOP/s", 13)


def roof(p, peak, bandwidth, words, dash):
    ridge = peak / bandwidth
    p.line(*place(INTENSITY[0], max(SPEED[0], bandwidth * INTENSITY[0])), *place(ridge, peak), INK, 1.6, dash)
    x, y = place(INTENSITY[0] * 1.15, bandwidth * INTENSITY[0] * 1.15)
    p.text(x + 18, y + 18, words, 11, DIM)
    return ridge


def main():
    peers, limits, picture = sys.argv[1:4]
    with open(limits) as f:
        limit = {row["limit"]: float(row["median"]) for row in csv.DictReader(f) if row["threads"] == "2"}
    with open(peers) as f:
        rows = [row for row in csv.DictReader(f) if row["threads"] == "2" and row["workload"][0] in COLOURS]
    peak = max(limit.get("fma_avx2", 0), limit.get("fma_avx512", 0))
    p = Picture(LEFT + WIDTH + 40, TOP + HEIGHT + 60)
    axes(p)
    ridges = [roof(p, peak, limit["copy_image"], f"cache, {limit['copy_image']:.0f} GB/s", ""),
              roof(p, peak, limit["copy_nt_dram"], f"memory, {limit['copy_nt_dram']:.0f} GB/s", "6 4")]
    p.line(*place(min(ridges), peak), *place(INTENSITY[1], peak), INK, 1.6)
    x, y = place(INTENSITY[1], peak)
    p.text(x - 8, y - 8, f"fused multiply-adds, {peak:.0f} GFLOP/s", 11, DIM, "end")

    for workload in sorted({row["workload"] for row in rows if not row["workload"].endswith("-cold")}):
        here = [row for row in rows if row["workload"] == workload]
        ours = [row for row in here if row["peer"].startswith(OURS)]
        others = [row for row in here if not row["peer"].startswith(OURS)]
        if not ours or not others:
            continue
        colour = COLOURS[workload[0]]
        best = min(others, key=lambda row: float(row["median_ms"]))
        intensity = float(ours[0]["gflops"]) / float(ours[0]["gbps"])
        x, y = place(intensity, float(ours[0]["gflops"]))
        x_other, y_other = place(intensity, float(best["gflops"]))
        p.line(x, y, x_other, y_other, colour, 1, "2 2")
        p.dot(x_other, y_other, 3.5, "white", colour)
        p.dot(x, y, 4.5, colour, colour)
    for i, (group, words) in enumerate(MEANING.items()):
        p.dot(LEFT + WIDTH - 232, TOP + HEIGHT - 72 + 18 * i, 4.5, COLOURS[group], COLOURS[group])
        p.text(LEFT + WIDTH - 220, TOP + HEIGHT - 68 + 18 * i, words, 12)
    p.dot(LEFT + WIDTH - 232, TOP + HEIGHT - 18, 3.5, "white", DIM)
    p.text(LEFT + WIDTH - 220, TOP + HEIGHT - 14, "the best of the others at the same work", 12)
    p.write(pathlib.Path(picture))


main()
