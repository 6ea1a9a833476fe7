"""Three speakers before 10 rooms and before 100: lost packets, late ticks, CPU and memory a room,
and how many Opus encodes there were. The encodes are those of the speakers and one more, whatever
the rooms.

With --everyone: 63 rooms that all send sound, as many of them with the floor as a meeting may have.
"""

import argparse
import time

from _meeting import Bench, show

FLOORS_MAX = 16
SPEAKERS = {"xa-0001": 500, "xa-0002": 700, "xa-0003": 1100}


def counter(metrics, name):
    return sum(value for key, value in metrics.items() if key.split("{")[0] == name)


def cpu_seconds(metrics):
    return metrics['nhipcau_bridge_cpu_seconds_total{thread="process"}']


def measure(build, count, seconds, speakers, options=("--decode", "8")):
    bench = Bench(build, count, *options, floors=FLOORS_MAX)
    rooms = bench.rooms
    try:
        for room, hz in speakers.items():
            rooms.tell(room=room, tone=hz, level=-20)
            rooms.call("chu-toa", "floor.grant", {"site": room})
        rooms.idle(2)
        rooms.tell(room="*", reset=True)
        before, started = bench.metrics(), time.monotonic()
        rooms.idle(seconds)
        after, passed = bench.metrics(), time.monotonic() - started
        reports = [rooms.report(name) for name in bench.names]
        grown = {name: counter(after, name) - counter(before, name) for name in (
            "nhipcau_bridge_ticks_total", "nhipcau_bridge_late_ticks_total",
            "nhipcau_bridge_encodes_total", "nhipcau_bridge_decodes_total")}
        # The metrics are a moment old; the ticks say how long the time between the two was.
        cpu = ((cpu_seconds(after) - cpu_seconds(before))
               / (grown["nhipcau_bridge_ticks_total"] * 0.02))
        figures = dict(
            rooms=count + 1, speakers=len(speakers), seconds=round(passed, 1),
            received=sum(report["received_packets"] for report in reports),
            lost=sum(report["lost_packets"] for report in reports),
            ticks=int(grown["nhipcau_bridge_ticks_total"]),
            late_ticks=int(grown["nhipcau_bridge_late_ticks_total"]),
            encodes_per_tick=round(grown["nhipcau_bridge_encodes_total"]
                                   / grown["nhipcau_bridge_ticks_total"], 2),
            decodes_per_tick=round(grown["nhipcau_bridge_decodes_total"]
                                   / grown["nhipcau_bridge_ticks_total"], 2),
            cpu_percent_of_a_core=round(100 * cpu, 2),
            cpu_percent_per_room=round(100 * cpu / (count + 1), 3),
            memory_mib=round(bench.bridge_kib() / 1024, 1),
            memory_kib_per_room=round(bench.bridge_kib() / (count + 1)))
        show(**figures)
        return figures
    finally:
        bench.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--rooms", type=int, nargs=2, default=[10, 100])
    arguments.add_argument("--everyone", action="store_true")
    options = arguments.parse_args()
    if options.everyone:
        speakers = {f"xa-{number:04d}": 300 + 100 * number for number in range(1, FLOORS_MAX + 1)}
        measure(options.build, 62, options.seconds, speakers,
                ("--decode", "4", "--tone", "auto", "--level", "-30"))
        return
    few, many = (measure(options.build, count, options.seconds, SPEAKERS) for count in options.rooms)
    show(what="ratio", rooms=round(many["rooms"] / few["rooms"], 2),
         encodes_per_tick=round(many["encodes_per_tick"] / few["encodes_per_tick"], 2),
         cpu=round(many["cpu_percent_of_a_core"] / few["cpu_percent_of_a_core"], 2))


if __name__ == "__main__":
    main()
