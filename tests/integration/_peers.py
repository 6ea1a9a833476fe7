"""Media peers that are not ours: aiortc (Python's own ICE, DTLS by OpenSSL, libsrtp) and GStreamer's
webrtcbin. Each offers, sends a tone, and can tell whether it hears one."""

import array
import asyncio
import fractions
import math

import av
import gi
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from conftest import Refused

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

RATE = 48000
FRAME = 960
WINDOW = RATE // 5  # samples that a tone is judged on


def loudness_at(samples, frequency):
    """The part of the window's energy that is at this frequency, 0 to 1 (Goertzel)."""
    energy = sum(sample * sample for sample in samples)
    if energy < len(samples):
        return 0.0
    factor = 2 * math.cos(2 * math.pi * frequency / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = before * before + last * last - factor * before * last
    return 2 * power / (len(samples) * energy)


class Ear:
    """Takes samples from any thread; wakes who waits for a tone."""

    def __init__(self):
        self._samples = array.array("h")
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    def take(self, samples):
        self._loop.call_soon_threadsafe(self._add, samples)

    def _add(self, samples):
        self._samples.extend(samples)
        del self._samples[:-2 * WINDOW]
        self._changed.set()

    def last(self):
        """The last window of samples, or fewer."""
        return self._samples[-WINDOW:]

    async def hear(self, frequency, timeout=30):
        """Waits until a whole window is this tone and nothing else."""
        async def listen():
            while True:
                await self._changed.wait()
                self._changed.clear()
                if len(self._samples) < WINDOW:
                    continue
                if loudness_at(self._samples[-WINDOW:], frequency) > 0.9:
                    return
                del self._samples[:]
        await asyncio.wait_for(listen(), timeout)


async def offer(room, sdp):
    """The answer to an offer; offers again if the bridge was not there yet."""
    while True:
        try:
            return (await room.call("media.offer", {"sdp": sdp}))["sdp"]
        except Refused as refusal:
            if refusal.reason != "no-media":
                raise
            await room.notification("media.ready")


class Tone(MediaStreamTrack):
    """A sine at -12 dBFS in real time."""

    kind = "audio"

    def __init__(self, frequency):
        super().__init__()
        self._frequency = frequency
        self._next = 0
        self._start = None

    async def recv(self):
        now = asyncio.get_running_loop().time()
        self._start = self._start or now
        await asyncio.sleep(max(0, self._start + self._next / RATE - now))
        samples = array.array("h", (
            int(8192 * math.sin(2 * math.pi * self._frequency * (self._next + i) / RATE))
            for i in range(FRAME)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(samples.tobytes())
        frame.pts, frame.sample_rate = self._next, RATE
        frame.time_base = fractions.Fraction(1, RATE)
        self._next += FRAME
        return frame


class AiortcPeer:
    """Offers with all its candidates at once."""

    def __init__(self, frequency):
        self.connection = RTCPeerConnection()
        self.connection.addTrack(Tone(frequency))
        self.ear = Ear()
        self._tasks = []
        self.connection.on("track", self._on_track)

    def _on_track(self, track):
        self._tasks.append(asyncio.ensure_future(self._listen(track)))

    async def _listen(self, track):
        try:
            while True:
                frame = await track.recv()
                samples = array.array("h", bytes(frame.planes[0]))
                channels = len(frame.layout.channels)
                self.ear.take(samples[: frame.samples * channels : channels])
        except MediaStreamError:
            pass

    async def connect(self, room):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        answer = await offer(room, self.connection.localDescription.sdp)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self):
        await self.connection.close()
        await asyncio.gather(*self._tasks)


class WebrtcbinPeer:
    """Offers first and tells its candidates as they come."""

    PIPELINE = """
        webrtcbin name=rtc bundle-policy=max-bundle
        audiotestsrc is-live=true wave=sine volume=0.25 freq={} ! audio/x-raw,rate=48000,channels=1
        ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! rtc.
    """
    LISTENER = """
        queue ! rtpopusdepay ! opusdec ! audioconvert ! audioresample
        ! audio/x-raw,format=S16LE,rate=48000,channels=1
        ! appsink name=ear emit-signals=true sync=false
    """

    def __init__(self, frequency):
        Gst.init(None)
        self.pipeline = Gst.parse_launch(self.PIPELINE.format(frequency))
        self.rtc = self.pipeline.get_by_name("rtc")
        self.ear = Ear()
        self._loop = asyncio.get_running_loop()
        self._candidates = asyncio.Queue()
        self._tasks = []
        self.rtc.connect("pad-added", self._on_pad)
        self.rtc.connect("on-ice-candidate", self._on_candidate)

    # On threads of GStreamer.
    def _on_pad(self, _rtc, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        listener = Gst.parse_bin_from_description(self.LISTENER, True)
        listener.get_by_name("ear").connect("new-sample", self._on_sample)
        self.pipeline.add(listener)
        listener.sync_state_with_parent()
        pad.link(listener.get_static_pad("sink"))

    def _on_sample(self, sink):
        buffer = sink.emit("pull-sample").get_buffer()
        self.ear.take(array.array("h", buffer.extract_dup(0, buffer.get_size())))
        return Gst.FlowReturn.OK

    def _on_candidate(self, _rtc, index, candidate):
        self._loop.call_soon_threadsafe(self._candidates.put_nowait, (index, candidate))

    async def _ask(self, signal, *arguments):
        """A webrtcbin action that answers with a promise."""
        promise = Gst.Promise.new()
        self.rtc.emit(signal, *arguments, promise)
        await self._loop.run_in_executor(None, promise.wait)
        return promise.get_reply()

    async def _tell_candidates(self, room):
        while True:
            _index, candidate = await self._candidates.get()
            if candidate.startswith("candidate:"):
                await room.call("media.candidate", {"candidate": candidate, "mid": "0"})

    async def connect(self, room):
        self.pipeline.set_state(Gst.State.PLAYING)
        reply = await self._ask("create-offer", None)
        description = reply.get_value("offer")
        await self._ask("set-local-description", description)
        answer = await offer(room, description.sdp.as_text())
        _result, message = GstSdp.SDPMessage.new_from_text(answer)
        await self._ask("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(
            GstWebRTC.WebRTCSDPType.ANSWER, message))
        self._tasks.append(asyncio.ensure_future(self._tell_candidates(room)))

    async def close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._loop.run_in_executor(None, self.pipeline.set_state, Gst.State.NULL)
