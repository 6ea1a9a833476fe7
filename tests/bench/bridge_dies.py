"""The bridge is killed while a room speaks: how long until the others hear it again, and what the
recording says of the time between.

Each life of the bridge leaves a part of its own; every part must decode, hold the speaker's tone to
its end, and nothing of the gap may have been filled up: all parts together are as long as the
meeting less its gaps. It fails if somebody was without sound for five seconds.
"""

import argparse
import array
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from _meeting import CHAIR, Bench, children, percentile, show

HZ, SPEAKER, LISTENER = 700, "xa-0001", "xa-0002"
MOST_S = 5
RATE = 48000


def bridge_pid(bench):
    return next(pid for pid in children(bench.server.process.pid)
                if "bridge" in Path(f"/proc/{pid}/comm").read_text())


def edge(rooms, is_on):
    return rooms.wait(lambda line: line["type"] == "tone" and line["room"] == LISTENER
                      and line["on"] == is_on, f"the tone {'on' if is_on else 'off'}", 60)["at_us"]


def decode(path):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-ac", "1",
                          "-ar", str(RATE), "-f", "s16le", "-"], check=True, capture_output=True)
    return array.array("h", raw.stdout)


def share_of_tone(samples):
    """Of the windows of 100 ms, those that are mostly the tone (Goertzel)."""
    size, found = RATE // 10, 0
    factor = 2 * math.cos(2 * math.pi * HZ / RATE)
    windows = range(0, len(samples) - size + 1, size)
    for start in windows:
        window = samples[start:start + size]
        energy = sum(each * each for each in window)
        last = before = 0.0
        for each in window:
            before, last = last, each + factor * last - before
        power = before * before + last * last - factor * before * last
        found += energy > size and 2 * power / (size * energy) > 0.8
    return found / max(1, len(windows))


def look_at_recording(folder):
    """(part, seconds, share of tone) of every part's program."""
    rows = []
    for path in sorted(Path(folder).rglob("program.webm"),
                       key=lambda each: int(re.search(r"part-(\d+)", str(each))[1])):
        samples = decode(path)
        rows.append((path.parent.name, len(samples) / RATE, share_of_tone(samples)))
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--kills", type=int, default=5)
    options = arguments.parse_args()
    bench = Bench(options.build, 2, recording=True)
    rooms = bench.rooms
    try:
        rooms.tell(room=LISTENER, listen=[HZ])
        rooms.tell(room=SPEAKER, tone=HZ, level=-12)
        rooms.call(CHAIR, "floor.grant", {"site": SPEAKER})
        on_us = edge(rooms, True)
        gaps, spoken = [], []
        for _ in range(options.kills):
            rooms.idle(6)
            os.kill(bridge_pid(bench), signal.SIGKILL)
            off_us = edge(rooms, False)
            spoken.append((off_us - on_us) / 1e6)
            on_us = edge(rooms, True)
            gaps.append((on_us - off_us) / 1e6)
        rooms.idle(6)
        rooms.call(CHAIR, "meeting.close")
        off_us = edge(rooms, False)
        spoken.append((off_us - on_us) / 1e6)
        time.sleep(2)  # the recorder writes its manifest
        parts = look_at_recording(Path(bench.folder.name) / "data")
    finally:
        bench.close()
    show(what="without sound", times=len(gaps), median_s=round(percentile(gaps, 0.5), 2),
         most_s=round(max(gaps), 2), limit_s=MOST_S)
    for (name, seconds, share), heard in zip(parts, spoken):
        show(what=name, recorded_s=round(seconds, 2), heard_s=round(heard, 2),
             tone_share=round(share, 2))
    is_good = (max(gaps) < MOST_S and len(parts) == len(spoken)
               and all(share > 0.5 for _, _, share in parts))
    show(what="recording", parts=len(parts), recorded_s=round(sum(each[1] for each in parts), 1),
         heard_s=round(sum(spoken), 1), gaps_s=round(sum(gaps), 1))
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
