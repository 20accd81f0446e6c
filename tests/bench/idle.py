"""How much of a core an untouched window uses, and its memory. Prints one line. CONVLENS names the program."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from driver import App, Display  # noqa: E402

SECONDS = 10


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


display = Display()
app = App(os.environ["CONVLENS"], display)
try:
    app.wait(lambda twin: not twin["animation"]["playing"], "the sliding window to come to its end")
    time.sleep(3)
    before = processor_seconds(app.process.pid)
    time.sleep(SECONDS)
    used = processor_seconds(app.process.pid) - before
    print(f"idle window: {100 * used / SECONDS:.2f} % of a core over {SECONDS} s, "
          f"{resident_megabytes(app.process.pid):.0f} MB resident")
finally:
    app.close()
    display.close()
