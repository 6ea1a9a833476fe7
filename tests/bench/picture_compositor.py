"""The same picture for ten receivers in two ways, in one run: by the bridge, which composes and
encodes once, and by a straightforward GStreamer pipeline, `compositor` and an encoder for each
receiver. Nine rooms of 180 lines in a mosaic of 720 lines at 25 pictures a second.

The pipeline is spared what a bridge has to do beside: it receives nothing, encrypts nothing, sends
nothing, and mixes no sound.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from _meeting import show
from picture_views import measure, threads

ROOMS, RECEIVERS = 9, 10
WIDTH, HEIGHT, FPS = 320, 180, 15
ENCODER = "vp8enc deadline=1 cpu-used=-8 threads=1 target-bitrate=1200000 keyframe-max-dist=125"


def film(folder, number):
    """20 s of what a headless room draws: stripes that are the number's bits, and a moving line."""
    path = Path(folder) / f"room-{number}.webm"
    row = bytes(220 if number >> (7 - x * 8 // WIDTH) & 1 else 35 for x in range(WIDTH))
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}",
         "-r", str(FPS), "-i", "-", "-c:v", "libvpx", "-b:v", "150k", "-deadline", "realtime",
         str(path)], stdin=subprocess.PIPE)
    for turn in range(FPS * 30):
        line = turn * 5 % HEIGHT
        encoder.stdin.write(row * line + bytes([128]) * WIDTH + row * (HEIGHT - line - 1) + grey)
    encoder.stdin.close()
    encoder.wait()
    return path


def pipeline(films):
    """Each film into its tile, the whole to as many encoders as there are receivers."""
    tiles = "".join(f" sink_{i}::xpos={i % 3 * 426} sink_{i}::ypos={i // 3 * 240}"
                    f" sink_{i}::width=426 sink_{i}::height=240" for i in range(len(films)))
    sources = " ".join(f"filesrc location={path} ! matroskademux ! vp8dec threads=1 ! queue ! mix.sink_{i}"
                       for i, path in enumerate(films))
    receivers = " ".join(f"all. ! queue ! {ENCODER} ! rtpvp8pay ! fakesink sync=true"
                         for _ in range(RECEIVERS))
    return (f"compositor name=mix background=black{tiles} ! "
            f"video/x-raw,format=I420,width=1280,height=720,framerate=25/1 ! tee name=all "
            f"{sources} {receivers}")


def straightforward(seconds):
    with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as folder:
        films = [film(folder, number) for number in range(1, ROOMS + 1)]
        process = subprocess.Popen(["gst-launch-1.0", "-q", *pipeline(films).split()],
                                   stdout=subprocess.DEVNULL)
        try:
            time.sleep(4)
            before, started = sum(threads(process.pid).values()), time.monotonic()
            time.sleep(seconds)
            used = sum(threads(process.pid).values()) - before
            return used / (time.monotonic() - started)
        finally:
            process.kill()
            process.wait()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--seconds", type=float, default=15)
    options = arguments.parse_args()
    ours = sum(measure(options.build, RECEIVERS - 1, options.seconds, "mosaic_9").values())
    theirs = straightforward(options.seconds)
    show(what="CPU seconds a second, ten receivers", bridge=round(ours, 3),
         compositor_and_encoders=round(theirs, 3), ratio=round(theirs / ours, 1))


if __name__ == "__main__":
    main()
