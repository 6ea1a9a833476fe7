"""From the chair's command to the first picture of the granted room in another peer's eyes (aiortc):
in the composed picture, and full screen as it comes. Each room's picture codes its number, so the
right room is in the right place or it is not counted. Both are one process, so one clock."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "client/demo"))
sys.path.insert(0, str(ROOT / "tests/integration"))
SITES = ("chu-toa", "da-nang", "hue", "ca-mau")
NUMBERS = {"da-nang": 2, "hue": 3}  # of drawn pictures, by the rooms' order


async def measure(server, layout, grants):
    from _meeting import percentile, show
    from _pictures import AiortcViewer, read
    from rooms import Rooms

    def middle(luma):
        height = luma.shape[0]
        return read(luma[height * 15 // 100:height * 45 // 100])

    keys = server.create(meeting=layout.replace("_", "-"), sites=SITES)
    room_program = Path(os.environ["NHIPCAU_BUILD"]) / "client/room/nhipcau-room"
    rooms = Rooms(room_program, [f"{server.url}/j/{keys[site]}" for site in SITES[:3]],
                  "--ca", str(server.data / "tls/cert.pem"), "--picture", "pattern")
    for site in SITES[:3]:
        rooms.wait(lambda line, s=site: line["type"] == "media" and line["room"] == s
                   and line["state"] == "connected", f"the media of {site}")
    rooms.call("chu-toa", "meeting.open")
    rooms.call("chu-toa", "layout.set", {"layout": layout})
    viewer = AiortcViewer(0, "VP8")
    eye = await server.join(keys["ca-mau"])
    await viewer.connect(eye)
    await viewer.eye.next()
    loop, times = asyncio.get_running_loop(), []
    for number in range(grants):
        site = list(NUMBERS)[number % len(NUMBERS)]
        started = time.monotonic()
        granted = await loop.run_in_executor(
            None, lambda s=site: rooms.call("chu-toa", "floor.grant", {"site": s}))
        while middle(await viewer.eye.next()) != NUMBERS[site]:
            pass
        times.append(1000 * (time.monotonic() - started))
        await loop.run_in_executor(None, lambda s=site, g=granted: rooms.call(
            s, "floor.release", {"request": g["request"]}))
        while middle(await viewer.eye.next()) == NUMBERS[site]:
            pass
        await asyncio.sleep(1.2)  # the room's picture is no longer of use
    show(what=f"grant to picture, {layout}", times=grants, median_ms=round(percentile(times, 0.5)),
         p95_ms=round(percentile(times, 0.95)), most_ms=round(max(times)), aim_ms=500)
    await viewer.close()
    rooms.quit()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--grants", type=int, default=30)
    options = arguments.parse_args()
    os.environ["NHIPCAU_BUILD"] = str(Path(options.build).resolve())
    from conftest import BUILD, Server
    for layout in ("speaker_chair", "speaker"):
        with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as folder:
            server = Server(folder, arguments=["--bridge", str(BUILD / "bridge/nhipcau-bridge")])
            try:
                asyncio.run(measure(server, layout, options.grants))
            finally:
                server.stop()


if __name__ == "__main__":
    main()
