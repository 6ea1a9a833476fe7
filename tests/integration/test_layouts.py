"""What everybody sees: each room's picture codes a number, and the composed picture is read back."""

import asyncio

import pytest

from conftest import BUILD, play, refused
from _pictures import AiortcViewer, WebrtcbinViewer, read

NUMBERS = {"chu-toa": 0b10110001, "da-nang": 0b01100111, "hue": 0b11010010, "ca-mau": 0b00101110}


@pytest.fixture
def server(make_server):
    # No rendition has the cameras' own size: what passes through can be told by it.
    return make_server(arguments=["--bridge", str(BUILD / "bridge/nhipcau-bridge")],
                       more="[video]\nrenditions = 720:900,360:500\n")


class Hall:
    """A meeting whose rooms all have cameras."""

    def __init__(self, server):
        self.server, self.rooms, self.viewers = server, {}, {}

    async def open(self, kinds):
        keys = self.server.create(sites=tuple(NUMBERS))
        for site, number in NUMBERS.items():
            self.rooms[site] = await self.server.join(keys[site])
        await self.rooms["chu-toa"].call("meeting.open")
        for index, (site, number) in enumerate(NUMBERS.items()):
            self.viewers[site] = kinds[index % len(kinds)](number, "VP8")
            await self.viewers[site].connect(self.rooms[site])

    async def grant(self, site):
        request = (await self.rooms[site].call("floor.request", {}))["request"]
        await self.rooms["chu-toa"].call("floor.grant", {"request": request})

    async def layout(self, layout, **params):
        await self.rooms["chu-toa"].call("layout.set", {"layout": layout, **params})

    async def close(self):
        for viewer in self.viewers.values():
            await viewer.close()


def tile(luma, left, top, right, bottom):
    """The number in a part of the picture, in fractions of its sides."""
    height, width = luma.shape
    return read(luma[round(top * height):round(bottom * height),
                     round(left * width):round(right * width)])


async def sees(viewer, expected, judge, timeout=30):
    """Waits until several pictures in a row are judged to be as expected."""
    in_a_row, last = 0, None
    async def look():
        nonlocal in_a_row, last
        while in_a_row < 5:
            luma = await viewer.eye.next()
            last = judge(luma)
            in_a_row = in_a_row + 1 if last == expected else 0
    try:
        await asyncio.wait_for(look(), timeout)
    except asyncio.TimeoutError:
        raise AssertionError(f"it saw {last}, not {expected}") from None


# Below the header of 6 % two rows of two; a tile keeps its 16:9.
def quarters(luma):
    return {tile(luma, left + 0.02, 0.06 + 0.47 * row, left + 0.48, 0.06 + 0.47 * (row + 1))
            for left in (0, 0.5) for row in (0, 1)}


def middle(luma):
    return tile(luma, 0, 0.15, 1, 0.45)


async def mosaic(server):
    hall = Hall(server)
    await hall.open([AiortcViewer, WebrtcbinViewer])
    try:
        await hall.layout("mosaic_4")
        await sees(hall.viewers["ca-mau"], set(NUMBERS.values()), quarters)
        await hall.rooms["hue"].close()
        await hall.viewers.pop("hue").close()
        await hall.grant("ca-mau")  # others see what the audience sees
        gone = NUMBERS["hue"]
        await sees(hall.viewers["da-nang"], False, lambda luma: gone in quarters(luma))
    finally:
        await hall.close()


def test_a_mosaic_shows_every_room_and_none_that_left(server):
    play(mosaic(server))


async def follow(server):
    hall = Hall(server)
    await hall.open([WebrtcbinViewer])
    try:
        await hall.layout("speaker_chair")
        await sees(hall.viewers["ca-mau"], NUMBERS["chu-toa"], middle)
        await hall.grant("hue")
        await sees(hall.viewers["ca-mau"], NUMBERS["hue"], middle)
        await sees(hall.viewers["hue"], NUMBERS["chu-toa"], middle)
        await hall.rooms["hue"].call("floor.release")
        await hall.grant("da-nang")
        await sees(hall.viewers["ca-mau"], NUMBERS["da-nang"], middle)
        await sees(hall.viewers["chu-toa"], NUMBERS["da-nang"], middle)
        await hall.layout("speaker", cells=["ca-mau"])
        await sees(hall.viewers["hue"], NUMBERS["ca-mau"], middle)
    finally:
        await hall.close()


def test_the_picture_follows_the_granted_floor_and_the_operators_choice(server):
    play(follow(server))


async def passes(server):
    hall = Hall(server)
    await hall.open([AiortcViewer])
    try:
        await hall.layout("speaker")
        await hall.grant("hue")
        await sees(hall.viewers["ca-mau"], NUMBERS["hue"], middle)
        # As it comes: in the camera's own size.
        await sees(hall.viewers["ca-mau"], (180, 320), lambda luma: luma.shape)
        await hall.layout("side_by_side")
        await sees(hall.viewers["ca-mau"], True, lambda luma: luma.shape[0] >= 360)
        await hall.layout("speaker")
        await sees(hall.viewers["ca-mau"], (180, 320), lambda luma: luma.shape)
        await sees(hall.viewers["ca-mau"], NUMBERS["hue"], middle)
    finally:
        await hall.close()


def test_a_full_screen_speaker_is_passed_through_and_back(server):
    play(passes(server))


async def preview(server):
    hall = Hall(server)
    await hall.open([WebrtcbinViewer])
    try:
        await hall.layout("speaker")
        await hall.grant("hue")
        chair, seen = hall.rooms["chu-toa"], hall.viewers
        await sees(seen["chu-toa"], NUMBERS["hue"], middle)
        await chair.call("media.preview", {"layout": "speaker_chair", "cells": ["ca-mau"]})
        await sees(seen["chu-toa"], NUMBERS["ca-mau"], middle)
        await sees(seen["da-nang"], NUMBERS["hue"], middle)  # the others see no difference
        await chair.call("media.preview", {"layout": "mosaic_4"})
        await sees(seen["chu-toa"], set(NUMBERS.values()), quarters)
        assert (await refused(chair.call("media.preview", {"layout": "no"}))).reason == "wrong-state"
        await chair.call("media.preview", {})
        await sees(seen["chu-toa"], NUMBERS["hue"], middle)
    finally:
        await hall.close()


def test_the_chair_looks_at_a_layout_before_the_others_see_it(server):
    play(preview(server))
