"""A real room with a camera, slides and a window, on a screen of its own (Xvfb), whose memory is
read: what stands in the window is what a person would see."""

import asyncio
import os
import subprocess
import sys

import numpy
import pytest

from conftest import play
from _pictures import AiortcViewer, WIDTH, HEIGHT, draw, read
from test_layouts import sees, server  # noqa: F401
from test_room import PROGRAM, ROOM_ENVIRONMENT, Terminal

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[2] / "client/demo"))
from rooms import Rooms  # noqa: E402

SITES = ("chu-toa", "da-nang", "hue")
CHAIR, CAMERA, SLIDES = 0b10110001, 0b01100111, 0b11010010
SCREEN = (1280, 720)


class Screen:
    """An X server without a screen; it keeps its picture in a file (XWD, 32 bits a pixel). What is
    shown on it goes without OpenGL: Mesa's compiler and AddressSanitizer wait for each other in
    libgcc's unwinder for ever."""

    def __init__(self, folder):
        reading, writing = os.pipe()
        self.folder = folder
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "%dx%dx24" % SCREEN, "-fbdir",
             str(folder), "-nolisten", "tcp"], pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.name = f":{pipe.readline().strip()}"

    def look(self):
        """The pixels: rows, columns, blue green red and nothing."""
        data = (self.folder / "Xvfb_screen0").read_bytes()
        header = numpy.frombuffer(data[:100], ">u4")
        start = int(header[0] + header[19] * 12)
        width, height = SCREEN
        return numpy.frombuffer(data[start:start + width * height * 4],
                                numpy.uint8).reshape(height, width, 4)

    def end(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def screen(tmp_path):
    folder = tmp_path / "screen"
    folder.mkdir()
    screen = Screen(folder)
    yield screen
    screen.end()


def card(folder, number):
    """A picture file that codes the number."""
    path = folder / f"{number}.png"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s",
                    f"{WIDTH}x{HEIGHT}", "-i", "-", "-frames:v", "1", str(path)],
                   input=draw(number, 0).tobytes(), check=True)
    return str(path)


def number_on(pixels):
    """Between the header and the strips of what the bridge drew."""
    luma = pixels[:, :, :3].mean(axis=2)
    return read(luma[SCREEN[1] * 20 // 100:SCREEN[1] * 40 // 100])


def is_framed(pixels):
    """In red, all around: the room is on air."""
    edges = numpy.concatenate([pixels[1:4].reshape(-1, 4), pixels[-4:-1].reshape(-1, 4),
                               pixels[:, 1:4].reshape(-1, 4), pixels[:, -4:-1].reshape(-1, 4)])
    blue, green, red = (edges[:, i].astype(int) for i in range(3))
    return ((red > 140) & (green < 80) & (blue < 110)).mean() > 0.95


async def see_on(screen, judge, what, timeout=30):
    async def look():
        while not judge(screen.look()):
            await asyncio.sleep(0.05)
    try:
        await asyncio.wait_for(look(), timeout)
    except asyncio.TimeoutError:
        raise AssertionError(f"not on the screen: {what}; {number_on(screen.look())}") from None


def middle(luma):
    height = luma.shape[0]
    return read(luma[height * 20 // 100:height * 40 // 100])


def inner(luma):
    """The slides, whose tile leaves a little of the ground at its sides."""
    height, width = luma.shape
    return read(luma[height * 20 // 100:height * 40 // 100, width * 4 // 100:width * 96 // 100])


async def window(server, screen, folder):  # noqa: F811
    keys = server.create(sites=SITES)
    ca = str(server.data / "tls/cert.pem")
    loop = asyncio.get_running_loop()
    chair = Rooms(PROGRAM, [f"{server.url}/j/{keys['chu-toa']}"], "--ca", ca, "--picture",
                  f"pattern:{CHAIR}", env=ROOM_ENVIRONMENT)
    viewer = AiortcViewer(0, "VP8")
    room = Terminal("--ca", ca, "--input", "test", "--output", "none", "--window", "--full-screen",
                    "--camera", card(folder, CAMERA), "--slides", card(folder, SLIDES),
                    f"{server.url}/j/{keys['da-nang']}", DISPLAY=screen.name,
                    SDL_RENDER_DRIVER="software", SDL_FRAMEBUFFER_ACCELERATION="0")
    reader = room.read_on()
    try:
        hue = await server.join(keys["hue"])
        await loop.run_in_executor(None, lambda: chair.wait(
            lambda line: line["type"] == "joined", "the chair"))
        await loop.run_in_executor(None, lambda: chair.call("chu-toa", "meeting.open"))
        await viewer.connect(hue)
        await see_on(screen, lambda pixels: number_on(pixels) == CHAIR, "the chair")
        assert not is_framed(screen.look())
        await loop.run_in_executor(
            None, lambda: chair.call("chu-toa", "floor.grant", {"site": "da-nang"}))
        await sees(viewer, CAMERA, middle)
        await see_on(screen, is_framed, "the frame of a room on air")
        await see_on(screen, lambda pixels: number_on(pixels) == CHAIR,
                     "the chair, for who speaks to him")
        await loop.run_in_executor(
            None, lambda: chair.call("chu-toa", "layout.set", {"layout": "slides"}))
        room.press("s")
        await sees(viewer, SLIDES, inner)
        room.press("sg")
        await see_on(screen, lambda pixels: not is_framed(pixels), "off air again")
    finally:
        room.press("q")
        await viewer.close()
        chair.quit()
        reader.join()
    assert room.ended() == 0, room.shown


def test_a_room_sees_the_meeting_and_shows_itself_and_its_slides(server, screen, tmp_path):  # noqa: F811
    play(window(server, screen, tmp_path))


async def no_screen(server):  # noqa: F811
    keys = server.create(sites=SITES)
    loop = asyncio.get_running_loop()
    room = Terminal("--ca", str(server.data / "tls/cert.pem"), "--input", "test", "--output",
                    "none", "--window", "--camera", "none", f"{server.url}/j/{keys['da-nang']}",
                    DISPLAY=":nowhere", SDL_VIDEODRIVER="x11")
    await loop.run_in_executor(None, room.wait, "Không có màn hình")
    room.press("q")
    assert room.ended() == 0, room.shown


def test_without_a_screen_a_room_goes_on_with_its_sound(server):  # noqa: F811
    play(no_screen(server))
