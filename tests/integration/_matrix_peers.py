"""The peers of the matrix behind one face: connect, restart, the purity of a tone in what they
receive. They come from _peers.py, from tests/browser/peer.mjs, or are native rooms."""

import asyncio
import json
import math
import shutil
import sys

from conftest import BUILD, ROOT
from _peers import FRAME, WINDOW, AiortcPeer, WebrtcbinPeer, loudness_at, offer

sys.path.insert(0, str(ROOT / "client/demo"))
from rooms import Rooms  # noqa: E402

NODE_MODULES = ROOT / "tests/browser/node_modules"


class SdpPeer:
    """A peer whose SDP the test carries, through a relay if there is one."""

    def __init__(self, room, relay):
        self.room, self.relay = room, relay

    async def exchange(self, sdp):
        if self.relay is None:
            return await offer(self.room, sdp)
        return self.relay.answer(await offer(self.room, self.relay.offer(sdp)))

    async def call(self, method, params=None, timeout=30):
        """As the room's own connection, but with the relay's SDP: what _peers.py's offer() uses."""
        if method == "media.candidate" and self.relay is not None:
            return {}
        if method == "media.offer" and self.relay is not None:
            params = {"sdp": self.relay.offer(params["sdp"])}
        result = await self.room.call(method, params, timeout)
        if method == "media.offer" and self.relay is not None:
            result = {"sdp": self.relay.answer(result["sdp"])}
        return result

    def notification(self, method):
        return self.room.notification(method)


class LibraryPeer(SdpPeer):
    """aiortc and webrtcbin."""

    kind = None

    async def start(self, hz):
        self.peer = self.kind(hz)

    async def connect(self):
        await self.peer.connect(self)

    async def purity(self, hz):
        """The mean over pieces of 20 ms: what is out of step between them does not count."""
        samples = self.peer.ear.last()
        pieces = [samples[i:i + FRAME] for i in range(0, len(samples), FRAME)]
        return sum(loudness_at(each, hz) for each in pieces) * FRAME / WINDOW

    async def close(self):
        await self.peer.close()


class Aiortc(LibraryPeer):
    kind = AiortcPeer


class Webrtcbin(LibraryPeer):
    kind = WebrtcbinPeer


class NodePeer(SdpPeer):
    kind = None

    @staticmethod
    def is_missing():
        return not shutil.which("node") or not NODE_MODULES.exists()

    async def start(self, hz):
        self.process = await asyncio.create_subprocess_exec(
            "node", str(ROOT / "tests/browser/peer.mjs"), self.kind, str(hz),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20)
        await self._read()

    async def _read(self):
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, f"the {self.kind} peer ended"
        return json.loads(line)

    async def ask(self, name, argument):
        self.process.stdin.write(json.dumps({name: argument}).encode() + b"\n")
        return await self._read()

    async def connect(self):
        await self._offer({})

    async def restart(self):
        await self._offer({"iceRestart": True})

    async def _offer(self, options):
        answer = await self.exchange((await self.ask("offer", options))["sdp"])
        await self.ask("answer", answer)

    async def purity(self, hz):
        return (await self.ask("purity", hz))["purity"]

    async def close(self):
        self.process.stdin.close()
        await self.process.wait()


class Chromium(NodePeer):
    kind = "chromium"


class Wrtc(NodePeer):
    kind = "wrtc"


class NativeRoom:
    """A headless nhipcau-room with a session of its own; also the other end of every cell."""

    def __init__(self, link, tones, program=BUILD / "client/room/nhipcau-room"):
        self.link, self.tones, self.program = link, tones, program

    async def _do(self, function, *arguments, **named):
        return await asyncio.get_running_loop().run_in_executor(
            None, lambda: function(*arguments, **named))

    async def start(self, hz):
        self.rooms = await self._do(Rooms, self.program, [self.link], "--insecure",
                                    "--tone", str(hz), "--level", "-12", "--events", "none")

    async def connect(self):
        await self.state("connected")
        self.rooms.tell(room="*", listen=self.tones)

    async def state(self, *states):
        return (await self._do(self.rooms.wait, lambda line: line["type"] == "media"
                               and line["state"] in states, f"the media to be {states}", 90))["state"]

    async def call(self, method, params=None):
        number = f"m{next(self.rooms.ids)}"
        self.rooms.tell(room=0, call=method, params=params or {}, id=number)
        reply = await self._do(self.rooms.wait, lambda line: line["type"] == "reply"
                               and line["id"] == number, method)
        assert not reply.get("error"), reply
        return reply["result"]

    async def purity(self, hz):
        """Of the 200 ms that come now."""
        self.rooms.tell(room="*", reset=True)
        await asyncio.sleep(0.25)
        report = await self._do(self.rooms.report, 0)
        if report["level_dbfs"] < -80:
            return 0.0
        # A sine's level is 3 dB below its peak.
        return math.pow(10, (report["tones"][str(hz)] - 3.01 - report["level_dbfs"]) / 10)

    async def close(self):
        await self._do(self.rooms.quit)
