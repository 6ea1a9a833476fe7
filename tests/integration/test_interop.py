"""The bridge against WebRTC peers that are not ours: what one of them says, another hears."""

import asyncio

import pytest

from conftest import BUILD, play

from _peers import AiortcPeer, WebrtcbinPeer

SPOKEN = 440
OTHER = 1230


@pytest.fixture
def server(make_server):
    """A server with its bridge."""
    return make_server(arguments=["--bridge", str(BUILD / "bridge/nhipcau-bridge")])


async def connected(room):
    while (state := (await room.notification("media.state"))["state"]) != "connected":
        assert state == "connecting"


async def hear(server, chair_kind, site_kind):
    """The chair speaks and the site hears; the site, without the floor, is not heard; with the
    floor it is."""
    keys = server.create(sites=("chu-toa", "da-nang"))
    chair = await server.join(keys["chu-toa"])
    site = await server.join(keys["da-nang"])
    await chair.call("meeting.open")
    speaker, listener = chair_kind(SPOKEN), site_kind(OTHER)
    try:
        for peer, room in ((speaker, chair), (listener, site)):
            await peer.connect(room)
            await connected(room)
        await listener.ear.hear(SPOKEN)
        with pytest.raises(asyncio.TimeoutError):
            await speaker.ear.hear(OTHER, timeout=1)
        request = (await site.call("floor.request", {}))["request"]
        await chair.call("floor.grant", {"request": request})
        await speaker.ear.hear(OTHER)
    finally:
        await speaker.close()
        await listener.close()


@pytest.mark.parametrize("chair_kind, site_kind", [
    (AiortcPeer, WebrtcbinPeer), (WebrtcbinPeer, AiortcPeer)])
def test_peers_of_two_kinds_hear_each_other(server, chair_kind, site_kind):
    play(hear(server, chair_kind, site_kind))
