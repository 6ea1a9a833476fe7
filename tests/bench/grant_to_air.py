"""From the chair's command to the first sample of the granted room in another room's ears.

The room sends its tone all the time; the chair's process writes down when it sent the command, the
listener's when the first window with that tone was due to be played. Both are one process, so one
clock.
"""

import argparse

from _meeting import CHAIR, Bench, percentile, show

TONES = {"xa-0001": 600, "xa-0002": 900}
LISTENER = "xa-0003"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--grants", type=int, default=100)
    options = arguments.parse_args()
    bench = Bench(options.build, 3)
    rooms = bench.rooms
    try:
        rooms.tell(room=LISTENER, listen=list(TONES.values()))
        for room, hz in TONES.items():
            rooms.tell(room=room, tone=hz, level=-12)
        delays, cuts = [], []
        for number in range(options.grants):
            room, hz = list(TONES.items())[number % 2]
            sent, request = timed(rooms, "floor.grant", {"site": room})
            delays.append(await_tone(rooms, hz, True) - sent)
            sent, _ = timed(rooms, "floor.revoke", {"request": request})
            cuts.append(await_tone(rooms, hz, False) - sent)
        for name, values in (("grant to air", delays), ("revoke to silence", cuts)):
            show(what=name, times=len(values), median_ms=round(percentile(values, 0.5) / 1000, 1),
                 p95_ms=round(percentile(values, 0.95) / 1000, 1),
                 most_ms=round(max(values) / 1000, 1))
    finally:
        bench.close()


def timed(rooms, method, params):
    number = f"t{next(rooms.ids)}"
    rooms.tell(room=CHAIR, call=method, params=params, id=number)
    reply = rooms.wait(lambda line: line["type"] == "reply" and line["id"] == number, method)
    return reply["sent_us"], reply["result"].get("request")


def await_tone(rooms, hz, is_on):
    line = rooms.wait(lambda each: each["type"] == "tone" and each["room"] == LISTENER
                      and each["hz"] == hz and each["on"] == is_on, f"{hz} Hz")
    return line["at_us"]


if __name__ == "__main__":
    main()
