"""A meeting of one peer in question and a native room in the chair, each with a tone of its own."""

import asyncio
import time

from conftest import BUILD
from _matrix_peers import NativeRoom
from _relay import Relay

CHAIR_HZ, SITE_HZ = 500, 1130
PURE = 0.8  # of a window's energy is the tone
LOSS = 0.05


class Table:
    """A meeting of the peer in question and a native room in the chair."""

    def __init__(self, make_server, folder, kind, loss=False, namespace=None):
        arguments = ["--bridge", str(BUILD / "bridge/nhipcau-bridge")]
        if namespace is not None:
            arguments += ["--listen", f"{namespace.here}:0"]
        self.server = make_server(arguments=arguments)
        self.server.tls.check_hostname = namespace is None  # the certificate is localhost's
        keys = self.server.create(sites=("chu-toa", "da-nang"))
        tones = [CHAIR_HZ, SITE_HZ]
        self.chair = NativeRoom(f"{self.server.url}/j/{keys['chu-toa']}", tones)
        self.kind, self.key = kind, keys["da-nang"]
        self.relay = Relay(LOSS) if loss and kind is not NativeRoom else None
        self.namespace, self.request = namespace, None
        if kind is NativeRoom:
            program = BUILD / "client/room/nhipcau-room"
            self.site = NativeRoom(f"{self.server.url}/j/{self.key}", tones,
                                   namespace.program(folder, program) if namespace else program)

    async def open(self):
        await self.chair.start(CHAIR_HZ)
        await self.chair.connect()
        await self.chair.call("meeting.open")
        if self.kind is not NativeRoom:
            if self.relay is not None:
                await self.relay.open()
            self.site = self.kind(await self.server.join(self.key), self.relay)
        await self.site.start(SITE_HZ)
        await self.site.connect()

    async def grant(self):
        self.request = (await self.chair.call("floor.grant", {"site": "da-nang"}))["request"]

    async def revoke(self):
        await self.chair.call("floor.revoke", {"request": self.request})

    async def close(self):
        await self.site.close()
        await self.chair.close()
        if self.relay is not None:
            self.relay.close()


async def hears(peer, hz, patience=30):
    until = time.monotonic() + patience
    while (purity := await peer.purity(hz)) < PURE:
        assert time.monotonic() < until, f"{hz} Hz is {purity:.2f} of what is received"
        await asyncio.sleep(0.05)


async def falls_silent(peer, hz):
    until = time.monotonic() + 30
    while await peer.purity(hz) > 0.1:
        assert time.monotonic() < until, f"{hz} Hz goes on"
        await asyncio.sleep(0.05)
