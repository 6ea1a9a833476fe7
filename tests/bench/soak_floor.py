"""Rooms that join, leave, are cut off and change the floor at random, for as long as one likes.

Some rooms stay for all of it and hear; others come in groups of three and go again, politely or by
SIGKILL. The floor goes round among the rooms that stay, each of which sends its tone all the time.
Who is granted must be heard, and who is revoked must fall silent, every time. What it prints each
minute: the memory of the bridge and the server, the time from grant to air, what the jitter
buffer holds. At the end: both ends of the soak beside each other, and what the sanitizer said
(builds asan and tsan); anything makes it fail.

    tests/bench/soak_floor.py --build build/release --bridge-build build/tsan --minutes 5
    tests/bench/soak_floor.py --build build/release --minutes 60
"""

import argparse
import os
import random
import re
import sys
import tempfile
import time
from pathlib import Path

from _meeting import (CHAIR, COMPLETE, MEETING, ROOT, Rooms, RoomsError, Server, children,
                      percentile, resident_kib, roster, show)

sys.path.insert(0, str(ROOT / "tests"))
from run import SANITIZERS  # noqa: E402

STAYING = 8
# Opus makes small sums and differences of the tones that it carries; none of them is one of these.
TONES_HZ = (500, 1130, 1810, 2590, 3470, 4330, 5290, 6070)
TONE_DBFS = -26
GROUP = 3
STRANGER_HZ = 7400  # what the passing rooms send, without the floor
STRANGER_DBFS = -60  # they may not be louder than this
FOUND_STATUS = 66  # of a process in which a sanitizer found something
FOUND = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error|CRITICAL|WARNING \*\*")


class Group:
    """Rooms that come and go together, in a process of their own."""

    def __init__(self, soak, links, names):
        self.names = names
        self.until = time.monotonic() + soak.chance.uniform(3, 20)
        self.is_cut = soak.chance.random() < 0.4
        self.rooms = Rooms(soak.room_program, links, "--ca", soak.certificate,
                           "--tone", str(STRANGER_HZ), "--decode", "1", *soak.pictures)

    def is_over(self):
        return time.monotonic() > self.until

    def end(self):
        if self.is_cut:
            self.rooms.process.kill()
            self.rooms.process.wait()
        else:
            self.rooms.quit()


LAYOUTS = ("auto", "speaker", "speaker_chair", "side_by_side", "mosaic", "mosaic_4", "mosaic_16")


class Soak:
    def __init__(self, build, bridge_build, groups, seed, has_pictures):
        self.pictures = ("--picture", "pattern") if has_pictures else ()
        self.chance = random.Random(seed)
        self.folder = tempfile.TemporaryDirectory(prefix="nhipcau-soak-")
        folder = Path(self.folder.name)
        self.log_path = folder / "server.log"
        self.log = open(self.log_path, "w", encoding="utf-8")
        self.room_program = build / "client/room/nhipcau-room"
        self.server = Server(build, folder / "data", ROOT / "build/web", self.log,
                             bridge_build=bridge_build)
        self.certificate = str(folder / "data/tls/cert.pem")
        self.server.sign_in()
        made = self.server.request("/api/v1/meetings", {
            "meeting": MEETING, **COMPLETE, "title": "Chạy dài",
            "sites": roster(STAYING + GROUP * groups), "floors": 4})
        links = [(link["site"], link["url"]) for link in made["links"] if link["site"]]
        staying, passing = links[:STAYING + 1], links[STAYING + 1:]
        self.free = [passing[i:i + GROUP] for i in range(0, len(passing), GROUP)]
        self.groups = []
        self.rooms = Rooms(self.room_program, [url for _, url in staying], "--ca", self.certificate,
                           "--decode", "all", "--events", "none", *self.pictures)
        self.names = [name for name, _ in staying]
        for name in self.names:
            self.rooms.wait(lambda line, n=name: line["type"] == "media" and line["room"] == n
                            and line["state"] == "connected", f"the sound of {name}", 120)
        self.tones = dict(zip(self.names[1:], TONES_HZ))
        self.listener = self.names[-1]
        self.speakers = self.names[1:-1]
        for name in self.speakers:
            self.rooms.tell(room=name, tone=self.tones[name], level=TONE_DBFS)
        self.rooms.tell(room=self.listener, listen=[*self.tones.values(), STRANGER_HZ])
        self.rooms.call(CHAIR, "meeting.open")
        self.held = {}
        self.delays, self.grants, self.comings, self.cuts = [], 0, 0, 0
        self.rows = []

    def await_tone(self, name, is_on, since_us):
        """When the tone began or ended. A voice that sets in or stops is for an instant all tones,
        so that what came before the command does not count."""
        try:
            return self.rooms.wait(
                lambda each: each["type"] == "tone" and each["room"] == self.listener
                and each["hz"] == self.tones[name] and each["on"] == is_on
                and each["at_us"] > since_us,
                f"{name} {'on' if is_on else 'off'} the air", 20)["at_us"]
        except RoomsError:
            show(what="failure", since_us=since_us, held=self.held, tones=self.tones,
                 heard=self.rooms.report(self.listener), sent=self.rooms.report(name),
                 lines=[each for each in self.rooms.lines if each["type"] != "event"][-30:])
            raise

    def command(self, method, params):
        number = f"t{next(self.rooms.ids)}"
        self.rooms.tell(room=CHAIR, call=method, params=params, id=number)
        reply = self.rooms.wait(lambda line: line["type"] == "reply" and line["id"] == number,
                                method, 60)
        return reply["sent_us"], reply["result"]

    def change_floor(self):
        if self.pictures and self.chance.random() < 0.3:
            self.command("layout.set", {"layout": self.chance.choice(LAYOUTS)})
        if len(self.held) < 3 and (not self.held or self.chance.random() < 0.5):
            name = self.chance.choice([each for each in self.speakers if each not in self.held])
            sent_us, result = self.command("floor.grant", {"site": name})
            heard_us = self.await_tone(name, True, sent_us)
            if not self.held:
                self.delays.append((heard_us - sent_us) / 1000)
            self.held[name] = result["request"]
            self.grants += 1
        else:
            name = self.chance.choice(list(self.held))
            sent_us, _ = self.command("floor.revoke", {"request": self.held.pop(name)})
            self.await_tone(name, False, sent_us)

    def come_and_go(self):
        for group in [each for each in self.groups if each.is_over()]:
            group.end()
            self.cuts += group.is_cut
            self.groups.remove(group)
            self.free.append(group.names)
        if self.free and self.chance.random() < 0.5:
            names = self.free.pop(0)
            self.groups.append(Group(self, [url for _, url in names], names))
            self.comings += GROUP

    def row(self, minutes):
        bridge, *_ = [pid for pid in children(self.server.process.pid)
                      if "bridge" in Path(f"/proc/{pid}/comm").read_text()]
        report = self.rooms.report(self.listener)
        self.rooms.tell(room="*", reset=True)
        self.rooms.lines.clear()
        stranger = report["tones"][str(STRANGER_HZ)]
        if stranger > STRANGER_DBFS:
            raise SystemExit(f"rooms without the floor are heard at {stranger} dBFS")
        self.rows.append(dict(
            minute=round(minutes, 1), bridge_mib=round(resident_kib(bridge) / 1024, 1),
            server_mib=round(resident_kib(self.server.process.pid) / 1024, 1), grants=self.grants,
            came=self.comings, groups_cut_off=self.cuts,
            grant_to_air_median_ms=round(percentile(self.delays, 0.5), 1),
            grant_to_air_p95_ms=round(percentile(self.delays, 0.95), 1),
            buffer_delay_ms=round(report["delay_us"] / 1000, 1), lost=report["lost_packets"],
            concealed=report["concealed_frames"]))
        show(**self.rows[-1])
        self.delays.clear()

    def run(self, minutes):
        started = time.monotonic()
        next_row = 60
        while (passed := time.monotonic() - started) < 60 * minutes:
            self.change_floor()
            self.come_and_go()
            self.rooms.idle(self.chance.uniform(0.1, 0.6))
            if passed > next_row:
                self.row(passed / 60)
                next_row += 60
        if self.delays:
            self.row((time.monotonic() - started) / 60)

    def close(self):
        for group in self.groups:
            group.end()
        self.rooms.quit()
        self.server.stop()
        self.log.close()
        log = self.log_path.read_text(encoding="utf-8", errors="replace")
        self.folder.cleanup()
        return log


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", required=True, type=Path)
    arguments.add_argument("--bridge-build", type=Path, help="of the bridge, if another than of "
                           "the rest: TLS has threads of GIO's own, whose locks ThreadSanitizer "
                           "does not see")
    arguments.add_argument("--minutes", type=float, default=1)
    arguments.add_argument("--groups", type=int, default=4)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--pictures", action="store_true",
                           help="rooms show pictures, and the layout changes at random")
    options = arguments.parse_args()
    # Of GStreamer and the codecs, whose locks it cannot see, ThreadSanitizer looks at nothing.
    more = ":ignore_noninstrumented_modules=1" if options.pictures else ""
    os.environ.update({name: value + f":exitcode={FOUND_STATUS}" + (more if name == "TSAN_OPTIONS" else "") if "SAN" in name else value
                       for name, value in SANITIZERS.items()})
    soak = Soak(options.build, options.bridge_build or options.build, options.groups, options.seed,
                options.pictures)
    try:
        soak.run(options.minutes)
        show(what="start and end", start=soak.rows[0], end=soak.rows[-1])
    finally:
        log = soak.close()
        findings = FOUND.findall(log)
        show(what="the log", findings=len(findings), server_ended=soak.server.process.returncode)
        if findings:
            print(log)
    sys.exit(1 if findings or soak.server.process.returncode != 0 else 0)


if __name__ == "__main__":
    main()
