"""Headless native rooms that send pictures, drawn or of a file, as somebody else's peer sees them."""

import asyncio
import subprocess
import sys

from conftest import BUILD, play
from _pictures import AiortcViewer, read
from test_layouts import sees, server  # noqa: F401
from test_room import PROGRAM, ROOM_ENVIRONMENT

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[2] / "client/demo"))
from rooms import Rooms  # noqa: E402

SITES = ("chu-toa", "da-nang", "hue")


def middle(luma):
    """Of a picture with strips and a header: between them."""
    height = luma.shape[0]
    return read(luma[height * 15 // 100:height * 45 // 100])


async def shown(server, folder):  # noqa: F811
    keys = server.create(sites=SITES)
    rooms = Rooms(PROGRAM, [f"{server.url}/j/{keys[site]}" for site in SITES[:2]],
                  "--ca", str(server.data / "tls/cert.pem"), "--picture", "pattern",
                  env=ROOM_ENVIRONMENT)
    loop = asyncio.get_running_loop()
    viewer = AiortcViewer(0, "VP8")
    try:
        room = await server.join(keys["hue"])
        for site in SITES[:2]:
            await loop.run_in_executor(None, lambda s=site: rooms.wait(
                lambda line: line["type"] == "media" and line["room"] == s
                and line["state"] == "connected", f"the media of {s}"))
        await loop.run_in_executor(None, lambda: rooms.call("chu-toa", "meeting.open"))
        await viewer.connect(room)
        await sees(viewer, 1, middle)
        await loop.run_in_executor(None, lambda: rooms.call("chu-toa", "floor.grant", {"site": "da-nang"}))
        await sees(viewer, 2, middle)
        clip = folder / "clip.webm"
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=white:s=320x180:r=25:d=2",
                        "-c:v", "libvpx", str(clip)], check=True)
        rooms.tell(room="da-nang", picture=str(clip))
        await sees(viewer, 255, middle)
        rooms.tell(room="da-nang", picture="/nowhere.mp4")
        error = await loop.run_in_executor(None, lambda: rooms.wait(
            lambda line: line["type"] == "error", "the complaint"))
        assert "/nowhere.mp4" in error["message"]
    finally:
        await viewer.close()
        rooms.quit()


def test_native_rooms_show_what_they_are_told_to(server, tmp_path):  # noqa: F811
    play(shown(server, tmp_path))
