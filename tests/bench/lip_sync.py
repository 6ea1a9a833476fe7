"""How far sound and picture are apart in the recording, and at a receiver that plays each as it comes
(GStreamer's webrtcbin; lip_sync.mjs has one that follows the sender reports). The sender (webrtcbin, too) makes a flash
and a beep in the same sample of one clock each second, and all is measured by time stamps, not by
when a busy machine came to look: so a load does not blur it.

    python3 tests/bench/lip_sync.py --build build/release --minutes 5
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "client/demo"))
sys.path.insert(0, str(ROOT / "tests/integration"))
RATE, FPS, WIDTH, HEIGHT = 48000, 25, 640, 360
BEEP_S, FLASH_S = 0.1, 0.12
LOUD, BRIGHT = 0.05, 128


def beep(start):
    """20 ms of sound from this sample on."""
    samples = (start + numpy.arange(RATE // 50)) % RATE
    wave = 0.4 * numpy.sin(2 * numpy.pi * 1000 * samples / RATE) * (samples < BEEP_S * RATE)
    return (wave * 32767).astype("<i2").tobytes()


def flash(index):
    """A picture: bright for a moment at each whole second, with a line that moves."""
    luma = numpy.full((HEIGHT, WIDTH), 220 if index % FPS < FLASH_S * FPS else 30, numpy.uint8)
    luma[index * 7 % HEIGHT] = 100
    return luma.tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)


def make_clapper(base):
    """A viewer of _pictures whose pictures and sound begin together."""
    import gi
    gi.require_version("GstApp", "1.0")
    from gi.repository import Gst, GstApp  # noqa: F401

    class Clapper(base):
        PIPELINE = base.PIPELINE.replace(
            "audiotestsrc is-live=true volume=0.1 ! audio/x-raw,rate=48000,channels=1",
            "appsrc name=mouth is-live=true format=time "
            "caps=audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved ! queue ! "
            "audioconvert").replace("do-timestamp=true", "").replace(
                "width={width},height={height}", f"width={WIDTH},height={HEIGHT}")

        async def _film(self):
            """On a thread: each buffer has the time of its first sample."""
            self.is_over = False
            threading.Thread(target=self._clap, daemon=True).start()

        def _clap(self):
            mouth = self.pipeline.get_by_name("mouth")
            clock = self.pipeline.get_clock()
            while clock is None:
                time.sleep(0.01)
                clock = self.pipeline.get_clock()
            base_time = self.pipeline.get_base_time()
            start = clock.get_time() - base_time
            turn = 0
            while not self.is_over:
                due = start + turn * 20 * Gst.MSECOND
                wait = due + 20 * Gst.MSECOND - (clock.get_time() - base_time)
                if wait > 0:
                    time.sleep(wait / Gst.SECOND)
                sound = Gst.Buffer.new_wrapped(beep(turn * RATE // 50))
                sound.pts, sound.duration = due, 20 * Gst.MSECOND
                mouth.emit("push-buffer", sound)
                if turn % 2 == 0:
                    picture = Gst.Buffer.new_wrapped(flash(turn // 2))
                    picture.pts, picture.duration = due, 40 * Gst.MSECOND
                    self.camera.emit("push-buffer", picture)
                turn += 1

        async def close(self):
            self.is_over = True
            await super().close()

    return Clapper


def make_watcher(base):
    """A viewer that notes when flashes and beeps are due, by the time stamps of what it is given to
    play."""
    from gi.repository import Gst

    class Watcher(base):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.flashes, self.beeps = [], []
            self._was_bright, self._quiet_since, self._is_loud = True, 0.0, True

        def _on_pad(self, rtc, pad):
            caps = pad.get_current_caps()
            if pad.get_direction() == Gst.PadDirection.SRC and \
                    caps.get_structure(0).get_value("media") == "audio":
                ear = Gst.parse_bin_from_description(
                    "queue ! rtpopusdepay ! opusdec plc=true ! audioconvert ! "
                    "audio/x-raw,format=S16LE,channels=1,rate=48000 ! "
                    "appsink name=ear emit-signals=true sync=false", True)
                ear.get_by_name("ear").connect("new-sample", self._on_sound)
                self.pipeline.add(ear)
                ear.sync_state_with_parent()
                pad.link(ear.get_static_pad("sink"))
            else:
                super()._on_pad(rtc, pad)

        def _on_sound(self, sink):
            buffer = sink.emit("pull-sample").get_buffer()
            samples = numpy.frombuffer(buffer.extract_dup(0, buffer.get_size()), "<i2") / 32768
            begin = buffer.pts / Gst.SECOND
            for index in numpy.flatnonzero(numpy.abs(samples) > LOUD):
                at = begin + index / RATE
                if at - self._quiet_since > 0.3:
                    self.beeps.append(at)
                self._quiet_since = at
            return Gst.FlowReturn.OK

        def _on_sample(self, sink):
            sample = sink.emit("pull-sample")
            caps = sample.get_caps().get_structure(0)
            width, height = caps.get_value("width"), caps.get_value("height")
            buffer = sample.get_buffer()
            rows = numpy.frombuffer(buffer.extract_dup(0, buffer.get_size()), numpy.uint8)
            is_bright = rows.reshape(height, -1)[height // 4:height // 3, width // 3:width // 2].mean() > BRIGHT
            if is_bright and not self._was_bright:
                self.flashes.append(buffer.pts / Gst.SECOND)
            self._was_bright = is_bright
            return Gst.FlowReturn.OK

    return Watcher


def apart(flashes, beeps):
    """Milliseconds by which each flash comes after its beep."""
    return [(flash - near) * 1000 for flash in flashes
            for near in [min(beeps, key=lambda one: abs(one - flash), default=1e9)]
            if abs(near - flash) < 0.4]


def thirds(values):
    """Median of the beginning, the middle and the end, and of all."""
    third = max(1, len(values) // 3)
    parts = {"start": values[:third], "middle": values[third:-third], "end": values[-third:],
             "all": values}
    return {name: round(float(numpy.median(part)), 1) for name, part in parts.items() if part}


def of_recording(path):
    """(flashes, beeps) in seconds, as a player has them."""
    frames = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-f", "lavfi", "-i",
         f"movie={path},crop=iw/4:ih/12:iw/3:ih/4,signalstats", "-show_entries",
         "frame=pts_time:frame_tags=lavfi.signalstats.YAVG", "-of", "json"],
        check=True, capture_output=True).stdout)["frames"]
    flashes, was_bright = [], True
    for frame in frames:
        is_bright = float(frame["tags"]["lavfi.signalstats.YAVG"]) > BRIGHT
        if is_bright and not was_bright:
            flashes.append(float(frame["pts_time"]))
        was_bright = is_bright
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-af",
                          "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(RATE), "-f",
                          "s16le", "-"], check=True, capture_output=True).stdout
    loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(raw, "<i2")) > LOUD * 32768) / RATE
    beeps = [at for index, at in enumerate(loud) if index == 0 or at - loud[index - 1] > 0.3]
    return flashes, beeps


async def measure(server, layout, seconds):
    from _meeting import show
    from _pictures import WebrtcbinViewer
    keys = server.create(meeting=layout.replace("_", "-"), sites=("chu-toa", "hue"),
                         recording=True)
    chair, hue = await server.join(keys["chu-toa"]), await server.join(keys["hue"])
    await chair.call("meeting.open")
    await chair.call("layout.set", {"layout": layout})
    sender = make_clapper(WebrtcbinViewer)(0, "VP8")
    await sender.connect(chair)
    watcher = make_watcher(WebrtcbinViewer)(0, "VP8")
    await watcher.connect(hue)
    await asyncio.sleep(seconds)
    await watcher.close()
    await chair.call("meeting.close")
    await sender.close()
    while not (found := list(server.data.rglob("program.webm"))) or \
            list(server.data.rglob("picture.webm")):
        await asyncio.sleep(0.1)
    # What begins is left out: the sender's reports have not all come.
    received = apart(watcher.flashes[5:], watcher.beeps)
    recorded = apart(*of_recording(found[0]))
    show(what=f"flash after beep, {layout}", load=round(os.getloadavg()[0], 1), aim_ms="±40",
         received=len(received), received_ms=thirds(received),
         received_worst_ms=round(max(received, key=abs), 1) if received else None,
         recorded=len(recorded), recorded_ms=thirds(recorded),
         recorded_worst_ms=round(max(recorded[3:], key=abs), 1) if recorded[3:] else None)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--minutes", type=float, default=1)
    options = arguments.parse_args()
    os.environ["NHIPCAU_BUILD"] = str(Path(options.build).resolve())
    from conftest import BUILD, Server
    for layout in ("speaker", "speaker_chair"):
        with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as folder:
            server = Server(folder, arguments=["--bridge", str(BUILD / "bridge/nhipcau-bridge")])
            try:
                asyncio.run(measure(server, layout, options.minutes * 60))
            finally:
                server.stop()


if __name__ == "__main__":
    main()
