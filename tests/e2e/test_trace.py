"""The trace of a drag: spans of a thread lie inside or beside each other, and every edit arrives at a swap."""

import json
import os
import subprocess
import sys
import tempfile

from driver import TIMEOUT, Display

EDITS = 40
# Microseconds that two times read from the same clock may differ by once they are written as decimal numbers.
ROUNDING = 0.01


def record(path):
    display = Display()
    try:
        environment = dict(os.environ, DISPLAY=display.name, LIBGL_ALWAYS_SOFTWARE="1")
        result = subprocess.run([os.environ["CONVLENS"], "--fresh", "--size", "1280x800", "--bench", "drag", "--frames",
                                 str(EDITS), "--trace", path], env=environment, capture_output=True, text=True,
                                timeout=4 * TIMEOUT)
    finally:
        display.close()
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def spans_of(events, thread):
    spans = [event for event in events if event["ph"] == "X" and event["tid"] == thread]
    return sorted(spans, key=lambda span: (span["ts"], -span["dur"]))


def check_nesting(spans):
    open_ends = []
    for span in spans:
        assert span["dur"] >= 0, span
        while open_ends and open_ends[-1] <= span["ts"] + ROUNDING:
            open_ends.pop()
        end = span["ts"] + span["dur"]
        assert not open_ends or end <= open_ends[-1] + ROUNDING, f"{span} reaches out of the span around it"
        open_ends.append(end)


def is_inside(event, spans, name):
    return any(span["name"] == name and span["ts"] - ROUNDING <= event["ts"] <= span["ts"] + span["dur"] + ROUNDING
               for span in spans)


def main():
    with tempfile.TemporaryDirectory(prefix="convlens-trace-") as folder:
        path = os.path.join(folder, "trace.json")
        report = record(path)
        with open(path, encoding="utf-8") as file:
            events = json.load(file)["traceEvents"]

    threads = {event["args"]["name"]: event["tid"] for event in events if event["name"] == "thread_name"}
    assert set(threads) == {"frames", "convolution worker"}, threads
    frames = spans_of(events, threads["frames"])
    worker = spans_of(events, threads["convolution worker"])
    for name in ("frame", "collect", "panels", "upload and colour", "commit", "render", "swap"):
        assert any(span["name"] == name for span in frames), f"no {name} in the trace"
    check_nesting(frames)
    check_nesting(worker)
    kernels = [span["args"]["kernel"] for span in worker if span["name"] == "convolve"]
    assert kernels and all(kernels), "no kernel is named"
    assert kernels[-1] == report["kernel"]

    flows = {}
    for event in events:
        if event["ph"] in "stf":
            flows.setdefault(event["id"], {}).setdefault(event["ph"], []).append(event)
    # All but the last few, which the program did not wait for.
    assert len(flows) >= EDITS - 5, f"{len(flows)} edits in the trace"
    on_worker = 0
    for steps in flows.values():
        assert len(steps.get("s", [])) == 1 and len(steps.get("f", [])) == 1, steps
        start, end = steps["s"][0], steps["f"][0]
        assert start["ts"] < end["ts"]
        assert is_inside(start, frames, "commit"), start
        assert is_inside(end, frames, "swap"), end
        for step in steps.get("t", []):
            assert is_inside(step, worker, "job"), step
            assert start["ts"] <= step["ts"] <= end["ts"], steps
            on_worker += 1
    assert on_worker > 0, "no edit passed the worker"

    stages = report["stages_ms"]
    assert set(stages) == {"edit", "wait", "convolve", "reduce", "collect", "upload", "draw", "swap"}, stages
    assert stages["convolve"]["median"] > 0 and stages["swap"]["median"] > 0
    print(f"{len(flows)} edits, {len(frames)} spans of frames and {len(worker)} of the worker")


if __name__ == "__main__":
    sys.exit(main())
