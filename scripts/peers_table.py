#!/usr/bin/env python3
"""Prints a comparison with other libraries as two Markdown tables: times of all, and ratios against the bars.

usage: scripts/peers_table.py PEERS.CSV [THREADS]
PEERS.CSV is what a run of the comparison writes: workload, peer, threads, median_ms, ..., fraction, spread, ...
"""
import csv
import re
import sys

OURS = "convlens"
# Column of the table: which peers it takes the best of.
FAMILIES = {
    "OpenCV strips": r"opencv-filter2D-strips",
    "OpenCV sepFilter2D": r"opencv-sep",
    "OpenCV dnn": r"opencv-dnn",
    "oneDNN planar": r"onednn-(nchw|reorder)",
    "oneDNN own layout": r"onednn-(native|nhwc)",
    "oneDNN Winograd": r"onednn-wino",
    "PyTorch": r"torch",
    "ONNX Runtime": r"ort",
    "XNNPACK": r"xnnpack",
    "OpenBLAS im2col": r"openblas",
    "Eigen": r"eigen",
    "plain loops": r"naive",
}
# Workloads, against whom, and the least ratio asked for.
BARS = [
    (r"A-.*-k3$", ["OpenCV strips"], 1.3),
    (r"A-.*-k[57]$", ["OpenCV strips"], 1.5),
    (r"A-.*-k1[15]$", ["OpenCV strips"], 1.7),
    (r"A-.*-sep", ["OpenCV sepFilter2D"], 1.2),
    (r"B-.*-s2$", ["PyTorch", "ONNX Runtime", "oneDNN own layout", "OpenBLAS im2col"], 1.2),
    (r"B-3x8-", ["PyTorch", "ONNX Runtime", "oneDNN own layout", "OpenBLAS im2col"], 1.5),
    (r"B-3x32-", ["PyTorch", "ONNX Runtime", "oneDNN own layout", "OpenBLAS im2col"], 1.0),
    (r"C-.*-k3$", ["oneDNN own layout"], 1.5),
    (r"C-.*-k1$", ["oneDNN own layout", "oneDNN planar"], 0.9),
]


def cell(row):
    return f"{float(row['median_ms']):.2f}" if row else "-"


def best(rows, pattern):
    matching = [row for row in rows if re.match(pattern, row["peer"])]
    return min(matching, key=lambda row: float(row["median_ms"])) if matching else None


def main():
    threads = sys.argv[2] if len(sys.argv) > 2 else "2"
    with open(sys.argv[1]) as f:
        rows = [row for row in csv.DictReader(f) if row["threads"] == threads and row["workload"][0] in "ABC"]
    workloads = sorted({row["workload"] for row in rows})
    print("| workload | ConvLens | " + " | ".join(FAMILIES) + " |")
    print("|---" * (len(FAMILIES) + 2) + "|")
    chosen = {}
    for workload in workloads:
        here = [row for row in rows if row["workload"] == workload]
        chosen[workload] = {name: best(here, pattern) for name, pattern in FAMILIES.items()}
        chosen[workload][OURS] = best(here, OURS)
        print(f"| {workload} | **{cell(chosen[workload][OURS])}** | " +
              " | ".join(cell(chosen[workload][name]) for name in FAMILIES) + " |")
    print()
    print("| workload | against | its ms | our ms | ratio | asked | of the machine's limit | spread, theirs / ours | error |")
    print("|---" * 9 + "|")
    for workload in workloads:
        for pattern, names, least in BARS:
            if not re.match(pattern, workload):
                continue
            ours = chosen[workload][OURS]
            rival = min((chosen[workload][n] for n in names if chosen[workload][n]),
                        key=lambda row: float(row["median_ms"]))
            ratio = float(rival["median_ms"]) / float(ours["median_ms"])
            print(f"| {workload} | {rival['peer']} | {cell(rival)} | {cell(ours)} | {ratio:.2f} | {least} | "
                  f"{100 * float(ours['fraction']):.0f} % | {100 * float(rival['spread']):.0f} % / "
                  f"{100 * float(ours['spread']):.0f} % | {ours['error']} |")
            break


main()
