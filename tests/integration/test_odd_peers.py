"""Peers that are allowed to be odd, and peers that are not: stereo, pauses without packets, another
SSRC in mid call, garbage; and what the recording holds of one whose packets are lost."""

import array
import asyncio
import random
import re
import subprocess

from conftest import play
from _matrix_peers import Aiortc, LibraryPeer
from _peers import RATE, WebrtcbinPeer, loudness_at
from _table import CHAIR_HZ, SITE_HZ, Table, falls_silent, hears


class Stereo(LibraryPeer):
    class kind(WebrtcbinPeer):
        PIPELINE = WebrtcbinPeer.PIPELINE.replace(
            "channels=1", "channels=1 ! audiopanorama panorama=-1 ! audio/x-raw,channels=2")


class Pausing(LibraryPeer):
    class kind(WebrtcbinPeer):
        PIPELINE = WebrtcbinPeer.PIPELINE.replace(
            "audiotestsrc", "audiotestsrc name=mouth").replace("! opusenc", "! opusenc dtx=true")

    def speak(self, volume):
        self.peer.pipeline.get_by_name("mouth").set_property("volume", volume)


def meet(make_server, folder, kind, act, **options):
    """The peer holds the floor and is heard; then `act` on it, and both must go on hearing."""
    async def run():
        table = Table(make_server, folder, kind, **options)
        try:
            await table.open()
            await hears(table.site, CHAIR_HZ)
            await table.grant()
            await hears(table.chair, SITE_HZ)
            await act(table)
            await hears(table.chair, SITE_HZ)
            await hears(table.site, CHAIR_HZ)
        finally:
            await table.close()
    play(run())


def test_a_stereo_peer_with_one_channel_is_heard(make_server, tmp_path):
    async def act(_table):
        pass
    meet(make_server, tmp_path, Stereo, act)


def test_a_peer_that_pauses_without_packets_is_heard_again(make_server, tmp_path):
    async def act(table):
        for _ in range(3):
            table.site.speak(0)
            await falls_silent(table.chair, SITE_HZ)
            await asyncio.sleep(1)
            table.site.speak(0.25)
            await hears(table.chair, SITE_HZ)
    meet(make_server, tmp_path, Pausing, act)


def sender_of(table):
    return table.site.peer.connection.getSenders()[0]


def test_a_peer_that_changes_its_ssrc_goes_on_being_heard(make_server, tmp_path):
    async def act(table):
        for ssrc in (0x10203040, 0x50607080):
            sender_of(table)._ssrc = ssrc  # aiortc has no public way
            await asyncio.sleep(1)
            await hears(table.chair, SITE_HZ)
    meet(make_server, tmp_path, Aiortc, act)


def test_a_peer_that_takes_the_bridges_own_ssrc_goes_on_being_heard(make_server, tmp_path):
    """A collision (RFC 3550 section 8.2) does no harm: each direction of a leg is told apart by its
    keys, and what reports speak of by who sends them."""
    async def act(table):
        answer = table.site.peer.connection.remoteDescription.sdp
        [taken] = set(re.findall(r"a=ssrc:(\d+) cname", answer))
        sender_of(table)._ssrc = int(taken)
        await asyncio.sleep(6)  # reports of both go out
        await hears(table.chair, SITE_HZ)
    meet(make_server, tmp_path, Aiortc, act)


def garbage(chance, ssrc):
    """A datagram that looks like the beginning of something, or like nothing."""
    size = chance.choice((1, 4, 11, 12, 13, 28, 60, 200, 1200))
    body = bytearray(chance.randbytes(size))
    kind = chance.randrange(4)
    if kind == 0 and size >= 12:  # RTP of the right payload type and SSRC, with any inside
        body[0], body[1] = 0x80 | chance.randrange(64), 96
        body[8:12] = ssrc.to_bytes(4, "big")
    elif kind == 1 and size >= 8:  # RTCP with a length that lies
        body[0], body[1] = 0x80 | chance.randrange(32), chance.randrange(192, 224)
    elif kind == 2:  # STUN or DTLS by its first byte
        body[0] = chance.choice((0, 1, 20, 22, 23, 63))
    return bytes(body)


def test_a_peer_that_sends_garbage_harms_nobody(make_server, tmp_path):
    async def act(table):
        chance = random.Random(1)
        sender = sender_of(table)
        dtls = sender.transport
        # As another source of the same leg, rightly encrypted; and raw, past SRTP.
        for number in range(1500):
            data = garbage(chance, 0x0badf00d)
            if number % 2 and len(data) >= 12 and data[0] & 0xC0 == 0x80:
                try:
                    await dtls._send_rtp(data)
                except Exception:  # libsrtp will not protect all of it
                    pass
            else:
                await dtls.transport._send(data)
            if number % 50 == 0:
                await asyncio.sleep(0.02)
        await hears(table.chair, SITE_HZ)
        await hears(table.site, CHAIR_HZ)
    meet(make_server, tmp_path, Aiortc, act)


def test_the_recording_of_a_lossy_peer_has_no_holes(make_server, tmp_path):
    servers = []

    async def run():
        table = Table(make_server, tmp_path, Aiortc, loss=True)
        servers.append(table.server)
        try:
            await table.open()
            await table.grant()
            await hears(table.chair, SITE_HZ)
            table.chair.rooms.tell(room=0, silence=True)
            await asyncio.sleep(6)
            assert table.relay.dropped > 0
            await table.chair.call("meeting.close")
            await asyncio.sleep(1)
        finally:
            await table.close()
    play(run())
    program, = servers[0].data.rglob("program.webm")
    sound = subprocess.run(["ffmpeg", "-v", "error", "-i", str(program), "-ac", "1", "-ar",
                            str(RATE), "-f", "s16le", "-"], check=True, capture_output=True)
    assert sound.stderr == b""
    samples = array.array("h", sound.stdout)[-5 * RATE:]
    size = RATE // 50
    windows = [samples[i:i + size] for i in range(0, len(samples) - size + 1, size)]
    assert len(windows) == 250
    # Of what is lost one window in twenty would be a hole.
    filled = sum(loudness_at(each, SITE_HZ) > 0.5 for each in windows)
    assert filled >= 0.98 * len(windows), f"{len(windows) - filled} holes"
