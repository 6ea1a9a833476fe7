"""WebRTC peers with cameras whose picture codes a number, and eyes that read it back."""

import asyncio
import fractions

import av
import numpy
from aiortc import (MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription)
from aiortc.mediastreams import MediaStreamError
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

from _peers import Tone, offer  # noqa: E402

BITS = 8
WIDTH, HEIGHT, FPS = 320, 180, 25


def draw(number, turn):
    """Luma in which each of 8 stripes is a bit, the highest first; a line that moves keeps the
    encoder busy."""
    luma = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    for bit in range(BITS):
        is_set = number >> (BITS - 1 - bit) & 1
        luma[:, bit * WIDTH // BITS:(bit + 1) * WIDTH // BITS] = 220 if is_set else 35
    luma[turn * 3 % HEIGHT, :] = 128
    return luma


def read(luma):
    """The number in a picture of any size, or None if a stripe is neither black nor white."""
    height, width = luma.shape
    number = 0
    for bit in range(BITS):
        left = int((bit + 0.25) * width / BITS)
        right = int((bit + 0.75) * width / BITS)
        mean = luma[height // 4:height * 3 // 4, left:right].mean()
        if 90 < mean < 165:
            return None
        number = number << 1 | int(mean >= 165)
    return number


class Eye:
    """What a peer sees: the number and size of its newest picture."""

    def __init__(self):
        self.number, self.size, self.luma, self.pictures = None, None, None, 0
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def take(self, luma):
        self.number, self.size, self.luma = read(luma), luma.shape[::-1], luma
        self.pictures += 1
        self._loop.call_soon_threadsafe(self._changed.set)

    async def next(self):
        """The luma of the next picture."""
        await self._changed.wait()
        self._changed.clear()
        return self.luma

    async def see(self, number, pictures=10, timeout=30):
        """Waits until this many pictures in a row have shown the number."""
        async def look():
            seen = 0
            while seen < pictures:
                await self._changed.wait()
                self._changed.clear()
                seen = seen + 1 if self.number == number else 0
        await asyncio.wait_for(look(), timeout)


class Camera(MediaStreamTrack):
    kind = "video"

    def __init__(self, number):
        super().__init__()
        self.number = number
        self._next = 0
        self._start = None

    async def recv(self):
        now = asyncio.get_running_loop().time()
        self._start = self._start or now
        await asyncio.sleep(max(0, self._start + self._next / FPS - now))
        picture = numpy.full((HEIGHT * 3 // 2, WIDTH), 128, numpy.uint8)
        picture[:HEIGHT] = draw(self.number, self._next)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = self._next * 90000 // FPS, fractions.Fraction(1, 90000)
        self._next += 1
        return frame


class AiortcViewer:
    """Sends and sees in the codec that it prefers: "VP8" or "H264"."""

    def __init__(self, number, codec):
        self.connection = RTCPeerConnection()
        self.connection.addTrack(Tone(440))
        self.connection.addTrack(Camera(number))
        self._prefer(codec)
        self.eye = Eye()
        self._tasks = []
        self.connection.on("track", self._on_track)

    def _prefer(self, codec):
        known = RTCRtpSender.getCapabilities("video").codecs
        mine = [one for one in known if one.mimeType == f"video/{codec}"]
        mine += [one for one in known if one.mimeType == "video/rtx"]
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == "video":
                transceiver.setCodecPreferences(mine)

    def _on_track(self, track):
        if track.kind == "video":
            self._tasks.append(asyncio.ensure_future(self._look(track)))

    async def _look(self, track):
        try:
            while True:
                frame = await track.recv()
                self.eye.take(frame.to_ndarray(format="gray"))
        except MediaStreamError:
            pass

    async def connect(self, room):
        await self.connection.setLocalDescription(await self.connection.createOffer())
        answer = await offer(room, self.connection.localDescription.sdp)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def close(self):
        await self.connection.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class WebrtcbinViewer:
    """The same of GStreamer."""

    ENCODERS = {
        "VP8": "vp8enc deadline=1 cpu-used=-8 target-bitrate=500000 ! rtpvp8pay pt=96 "
               "picture-id-mode=15-bit ! application/x-rtp,media=video,encoding-name=VP8,payload=96",
        "H264": "openh264enc complexity=low ! video/x-h264,profile=constrained-baseline ! "
                "h264parse ! rtph264pay pt=96 config-interval=-1 aggregate-mode=zero-latency ! "
                # What the encoder says is its level, which depends on the size.
                "capssetter join=false replace=true caps=application/x-rtp,media=video,"
                "clock-rate=90000,encoding-name=H264,payload=96,packetization-mode=(string)1,"
                "profile-level-id=(string)42e01f",
    }
    DECODERS = {"VP8": "rtpvp8depay ! vp8dec", "H264": "rtph264depay ! avdec_h264 max-threads=1"}
    PIPELINE = """
        webrtcbin name=rtc bundle-policy=max-bundle
        audiotestsrc is-live=true volume=0.1 ! audio/x-raw,rate=48000,channels=1
        ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! rtc.
        appsrc name=camera is-live=true format=time do-timestamp=true
        caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1
        ! queue ! {encoder} ! rtc.
    """

    def __init__(self, number, codec):
        Gst.init(None)
        self.number, self.codec = number, codec
        self.pipeline = Gst.parse_launch(self.PIPELINE.format(
            width=WIDTH, height=HEIGHT, fps=FPS, encoder=self.ENCODERS[codec]))
        self.rtc = self.pipeline.get_by_name("rtc")
        self.camera = self.pipeline.get_by_name("camera")
        self.eye = Eye()
        self._loop = asyncio.get_running_loop()
        self._candidates = asyncio.Queue()
        self._tasks = []
        self.rtc.connect("pad-added", self._on_pad)
        self.rtc.connect("on-ice-candidate", self._on_candidate)
        self.rtc.connect("on-new-transceiver", self._on_transceiver)

    @staticmethod
    def _on_transceiver(_rtc, transceiver):
        transceiver.set_property("do-nack", True)

    # On threads of GStreamer.
    def _on_pad(self, _rtc, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_value("media")
        look = (f"queue ! {self.DECODERS[self.codec]} ! videoconvert ! video/x-raw,format=GRAY8 ! "
                "appsink name=eye emit-signals=true sync=false" if kind == "video"
                else "fakesink sync=false")
        viewer = Gst.parse_bin_from_description(look, True)
        if kind == "video":
            viewer.get_by_name("eye").connect("new-sample", self._on_sample)
        self.pipeline.add(viewer)
        viewer.sync_state_with_parent()
        pad.link(viewer.get_static_pad("sink"))

    def _on_sample(self, sink):
        sample = sink.emit("pull-sample")
        caps = sample.get_caps().get_structure(0)
        width, height = caps.get_value("width"), caps.get_value("height")
        buffer = sample.get_buffer()
        rows = numpy.frombuffer(buffer.extract_dup(0, buffer.get_size()), numpy.uint8)
        self.eye.take(rows.reshape(height, -1)[:, :width])
        return Gst.FlowReturn.OK

    def _on_candidate(self, _rtc, index, candidate):
        self._loop.call_soon_threadsafe(self._candidates.put_nowait, (index, candidate))

    async def _ask(self, signal, *arguments):
        promise = Gst.Promise.new()
        self.rtc.emit(signal, *arguments, promise)
        await self._loop.run_in_executor(None, promise.wait)
        return promise.get_reply()

    async def _tell_candidates(self, room):
        while True:
            _index, candidate = await self._candidates.get()
            if candidate.startswith("candidate:"):
                await room.call("media.candidate", {"candidate": candidate, "mid": "0"})

    async def _film(self):
        turn = 0
        while True:
            picture = draw(self.number, turn).tobytes() + bytes([128]) * (WIDTH * HEIGHT // 2)
            self.camera.emit("push-buffer", Gst.Buffer.new_wrapped(picture))
            turn += 1
            await asyncio.sleep(1 / FPS)

    async def connect(self, room):
        self.pipeline.set_state(Gst.State.PLAYING)
        self._tasks.append(asyncio.ensure_future(self._film()))
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
