"""Pictures through the bridge between WebRTC peers that are not ours: whose picture is seen is read
out of the picture itself."""

import pytest

from conftest import BUILD, play
from _pictures import AiortcViewer, WebrtcbinViewer

CHAIR, SITE = 0b10110001, 0b01100111


@pytest.fixture
def server(make_server):
    """A server with its bridge."""
    return make_server(arguments=["--bridge", str(BUILD / "bridge/nhipcau-bridge")])


async def connected(room):
    while (state := (await room.notification("media.state"))["state"]) != "connected":
        assert state == "connecting"


async def see(server, chair_kind, site_kind, codec):
    """The site sees the chair, who opens, and the chair the room that listens; once it has the
    floor itself they see each other from edge to edge."""
    keys = server.create(sites=("chu-toa", "da-nang"))
    chair = await server.join(keys["chu-toa"])
    site = await server.join(keys["da-nang"])
    await chair.call("meeting.open")
    one, other = chair_kind(CHAIR, codec), site_kind(SITE, codec)
    try:
        for peer, room in ((one, chair), (other, site)):
            await peer.connect(room)
            await connected(room)
        await other.eye.see(CHAIR)
        request = (await site.call("floor.request", {}))["request"]
        await chair.call("floor.grant", {"request": request})
        await one.eye.see(SITE)
        await other.eye.see(CHAIR)
    finally:
        await one.close()
        await other.close()


async def hint(room, lines):
    """Waits until pictures of so many lines are of use."""
    while ((await room.notification("media.hint"))["video"] or {}).get("maxHeight", 0) != lines:
        pass


async def hints(server):
    keys = server.create(sites=("chu-toa", "da-nang"))
    chair = await server.join(keys["chu-toa"])
    site = await server.join(keys["da-nang"])
    await chair.call("meeting.open")
    one, other = AiortcViewer(CHAIR, "VP8"), AiortcViewer(SITE, "VP8")
    try:
        await one.connect(chair)
        await other.connect(site)
        await hint(chair, 1080)
        await hint(site, 360)  # in the mosaic of the rooms that the chair looks at
        request = (await site.call("floor.request", {}))["request"]
        await chair.call("floor.grant", {"request": request})
        await hint(site, 1080)
        await site.call("floor.release")
        await hint(site, 360)
        await chair.call("meeting.pause")
        await hint(site, 0)
        await hint(chair, 0)
    finally:
        await one.close()
        await other.close()


def test_rooms_are_told_whether_anybody_sees_them(server):
    play(hints(server))


@pytest.mark.parametrize("codec", ["VP8", "H264"])
@pytest.mark.parametrize("chair_kind, site_kind", [
    (AiortcViewer, WebrtcbinViewer), (WebrtcbinViewer, AiortcViewer)])
def test_peers_of_two_kinds_see_each_other(server, chair_kind, site_kind, codec):
    play(see(server, chair_kind, site_kind, codec))
