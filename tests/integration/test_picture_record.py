"""What everybody saw, recorded: the picture codes who is seen, and is read back out of the file."""

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import numpy

from conftest import play
from test_layouts import NUMBERS, Hall, middle, sees, server  # noqa: F401

WIDTH, HEIGHT = 320, 180


def pictures(path):
    """(seconds, luma) of every picture in a file, by a program that knows nothing of ours."""
    times = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time",
         "-of", "csv=p=0", path], check=True, capture_output=True, text=True).stdout.split()
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-map", "v", "-fps_mode", "passthrough", "-vf",
         f"scale={WIDTH}:{HEIGHT}", "-pix_fmt", "gray", "-f", "rawvideo", "-"],
        check=True, capture_output=True).stdout
    frames = numpy.frombuffer(raw, numpy.uint8).reshape(-1, HEIGHT, WIDTH)
    assert len(frames) == len(times)
    return [(float(time.rstrip(",")), luma) for time, luma in zip(times, frames)]


def streams(path):
    found = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of",
                            "csv=p=0", path], check=True, capture_output=True, text=True).stdout
    return found.split()


async def record(server, end):  # noqa: F811
    hall = Hall(server)
    await hall.open([_viewer()])
    try:
        await sees(hall.viewers["ca-mau"], NUMBERS["chu-toa"], middle)
        await hall.grant("hue")
        await sees(hall.viewers["ca-mau"], NUMBERS["hue"], middle)
        await asyncio.sleep(2.5)  # two clusters of it at least
        await end(hall)
    finally:
        await hall.close()


def _viewer():
    from _pictures import AiortcViewer
    return AiortcViewer


def judge(part):
    """Who was seen, in their order."""
    seen = []
    for _time, luma in pictures(part):
        number = middle(luma)
        if number in NUMBERS.values() and (not seen or seen[-1] != number):
            seen.append(number)
    return seen


def test_the_recording_shows_who_was_seen(server):  # noqa: F811
    async def close(hall):
        await hall.rooms["chu-toa"].call("meeting.close")
        await hall.rooms["chu-toa"].event("recording.stopped")

    play(record(server, close))
    part = next((server.data / "recordings").glob("*/part-001"))
    program = part / "program.webm"
    assert streams(program) == ["opus", "vp8"]
    assert judge(program) == [NUMBERS["chu-toa"], NUMBERS["hue"]]
    manifest = json.loads((part / "manifest.json").read_text())
    [entry] = [file for file in manifest["files"] if file["file"] == "program.webm"]
    assert entry["picture"] is True
    assert not (part / "picture.webm").exists()


def bridge_of(server):  # noqa: F811
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if arguments[0].endswith("nhipcau-bridge") and any(
                str(server.data) in argument for argument in arguments):
            return int(entry.name)
    raise AssertionError("there is no bridge")


def test_what_a_killed_bridge_leaves_opens_with_its_pictures(server):  # noqa: F811
    async def kill(hall):
        os.kill(bridge_of(server), signal.SIGKILL)
        # The next one finishes what was left before it records further.
        await hall.rooms["chu-toa"].event("recording.started", part=2)

    play(record(server, kill))
    part = next((server.data / "recordings").glob("*/part-001"))
    assert streams(part / "program.webm") == ["opus", "vp8"]
    assert judge(part / "program.webm") == [NUMBERS["chu-toa"], NUMBERS["hue"]]
    assert json.loads((part / "manifest.json").read_text())["recovered"] is True
