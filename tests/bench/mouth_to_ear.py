"""From a mouth before one room's microphone to an ear in another, on loopback, by bursts of a tone.

A burst is 20 ms of a file, so that its first sample was at the mouth 20 ms before its packet could
be sent (a real microphone has at least that frame); in the other room it is heard when the first
loud sample is due to be played. Speaker, bridge and listener are processes of their own with ticks
of their own; how their phases meet is another chance in each run.

Where the time goes: capture (the frame itself), the listener's buffer from arrival to play, which
its report knows, and the rest: the bridge's buffer and tick, and what two encoders look ahead.
"""

import argparse
import math
import random
import struct
import time
import wave
from pathlib import Path

from _meeting import CHAIR, Bench, Rooms, percentile, show

HZ, RATE, FRAME = 1000, 48000, 960
SPEAKER, LISTENER = "xa-0001", "xa-0002"
BURST_FRAMES, REST_FRAMES = 5, 1
AIM_MS = 80


def write_burst(path):
    """A burst, and a frame of silence, so that it ends."""
    samples = [int(12000 * math.sin(2 * math.pi * HZ * i / RATE))
               for i in range(BURST_FRAMES * FRAME)] + [0] * (REST_FRAMES * FRAME)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def move(bench, name):
    """The room opens its link in another process, which takes it over."""
    links = (Path(bench.folder.name) / "links").read_text().split()
    rooms = Rooms(bench.build / "client/room/nhipcau-room", [links[bench.names.index(name)]],
                  "--ca", str(bench.server.data / "tls/cert.pem"), "--events", "none")
    rooms.wait(lambda line: line["type"] == "media" and line["state"] == "connected",
               f"the sound of {name}")
    return rooms


def listen(bench, bursts, chance):
    rooms, delays = bench.rooms, []
    mouth = move(bench, SPEAKER)
    burst = Path(bench.folder.name) / "burst.wav"
    write_burst(burst)
    rooms.tell(room=LISTENER, listen=[HZ])
    rooms.call(CHAIR, "floor.grant", {"site": SPEAKER})
    rooms.idle(1)
    rooms.tell(room="*", reset=True)
    for _ in range(bursts):
        mouth.tell(room=SPEAKER, play=str(burst))
        last_us = mouth.wait(lambda line: line["type"] == "played", "the burst to be sent")["at_us"]
        mouth_us = last_us - 20000 * (BURST_FRAMES + REST_FRAMES)
        heard = rooms.wait(lambda line: line["type"] == "tone" and line["room"] == LISTENER
                           and line["on"], "the burst to be heard")
        rooms.wait(lambda line: line["type"] == "tone" and line["room"] == LISTENER
                   and not line["on"], "its end")
        delays.append((heard["edge_us"] - mouth_us) / 1000)
        time.sleep(chance.uniform(0.05, 0.25))
    mouth.quit()
    return delays, rooms.report(LISTENER)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--bursts", type=int, default=30)
    arguments.add_argument("--runs", type=int, default=8)
    options = arguments.parse_args()
    chance = random.Random(1)
    every, buffers = [], []
    for _ in range(options.runs):
        bench = Bench(options.build, 2)
        try:
            delays, report = listen(bench, options.bursts, chance)
        finally:
            bench.close()
        every += delays
        buffers.append(report["delay_us"] / 1000)
        show(what="a run", median_ms=round(percentile(delays, 0.5), 1),
             p95_ms=round(percentile(delays, 0.95), 1), least_ms=round(min(delays), 1),
             listeners_buffer_ms=round(buffers[-1], 1), concealed=report["concealed_frames"],
             late=report["late_packets"])
    median, buffer = percentile(every, 0.5), percentile(buffers, 0.5)
    show(what="mouth to ear", bursts=len(every), median_ms=round(median, 1),
         p95_ms=round(percentile(every, 0.95), 1), aim_ms=AIM_MS)
    show(what="where the time goes", capture_ms=20, listeners_buffer_ms=round(buffer, 1),
         bridge_and_codecs_ms=round(median - 20 - buffer, 1))


if __name__ == "__main__":
    main()
