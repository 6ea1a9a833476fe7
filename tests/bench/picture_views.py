"""One composed view before 10 receivers and before 100: a mosaic of nine rooms that all send
pictures. CPU seconds a second of the bridge by what they are spent on; only what is sent may grow.

With --mosaic N: N rooms that send 180 lines each, in the smallest mosaic that has room for them;
a --picture from a file has 25 frames a second, a drawn one 15.
"""

import argparse
import os
import time
from pathlib import Path

from _meeting import CHAIR, Bench, children, show

# Threads of the bridge by their names; GStreamer's have those of their appsrc.
KINDS = {"decode": "dec", "compose": "compose", "encode": "enc", "relay": "relay", "send": "shard-",
         "sound": "audio"}
TICKS = os.sysconf("SC_CLK_TCK")


def bridge_pid(bench):
    return next(pid for pid in children(bench.server.process.pid)
                if "bridge" in Path(f"/proc/{pid}/comm").read_text())


def threads(pid):
    """CPU seconds so far, by kind of thread. Those that have ended are missing."""
    used = dict.fromkeys((*KINDS, "other"), 0.0)
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, rest = (task / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        fields = rest.split()
        kind = next((kind for kind, prefix in KINDS.items() if name.startswith(prefix)), "other")
        used[kind] += (int(fields[11]) + int(fields[12])) / TICKS
    return used


def counter(metrics, name):
    return sum(value for key, value in metrics.items()
               if key.split("{")[0] == f"nhipcau_bridge_{name}")


def measure(build, count, seconds, layout, picture="pattern", renditions=None):
    settings = f"[video]\nrenditions = {renditions}\n" if renditions else ""
    bench = Bench(build, count, "--decode", "0", "--picture", picture, settings=settings)
    try:
        bench.rooms.call(CHAIR, "layout.set", {"layout": layout, "page_seconds": 0})
        bench.rooms.idle(12)  # estimates grow, renditions settle
        pid = bridge_pid(bench)
        before, metrics, started = threads(pid), bench.metrics(), time.monotonic()
        bench.rooms.idle(seconds)
        after, later, passed = threads(pid), bench.metrics(), time.monotonic() - started
        figures = {kind: round((after[kind] - before[kind]) / passed, 3) for kind in after}
        show(receivers=count + 1, layout=layout, seconds=round(passed, 1), **figures,
             renditions=int(counter(later, "picture_renditions")),
             sources=int(counter(later, "picture_sources")),
             frames=int(counter(later, "picture_frames_total")
                        - counter(metrics, "picture_frames_total")),
             dropped=int(counter(later, "picture_dropped_total")
                         - counter(metrics, "picture_dropped_total")),
             late_ticks=int(counter(later, "picture_late_ticks_total")
                            - counter(metrics, "picture_late_ticks_total")))
        return figures
    finally:
        bench.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--seconds", type=float, default=20)
    arguments.add_argument("--receivers", type=int, nargs=2, default=[9, 99])
    arguments.add_argument("--mosaic", type=int)
    arguments.add_argument("--picture", default="pattern", help="as nhipcau-room takes it")
    arguments.add_argument("--renditions", help="as nhipcau.conf takes them")
    options = arguments.parse_args()
    if options.mosaic:
        measure(options.build, options.mosaic, options.seconds, "mosaic", options.picture,
                options.renditions)
        return
    few, many = (measure(options.build, count, options.seconds, "mosaic_9")
                 for count in options.receivers)
    show(what="ratio", **{kind: round(many[kind] / few[kind], 2) for kind in few if few[kind] > 0})


if __name__ == "__main__":
    main()
