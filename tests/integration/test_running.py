"""Running a meeting on a live server: who is in charge, who is let in, what the clock does."""

from conftest import play, refused


def test_a_polite_room_asks_before_it_takes_over(server):
    async def run():
        keys = server.create()
        first = await server.join(keys["hue"])
        second = await server.connect()
        token = server.token(keys["hue"])
        assert (await refused(second.hello(token, take_over=False))).reason == "exists"
        await first.call("message.send", {"text": "vẫn đây"})
        await second.hello(token, take_over=True)
        assert await first.notification("session.replaced") == {}
    play(run())


def test_a_client_of_another_version_gets_a_clear_word(server):
    async def run():
        keys = server.create()
        room = await server.connect()
        token = server.token(keys["hue"])
        for version, advice in ((0, "newer client"), (2, "server is to be brought up to date")):
            refusal = await refused(room.hello(token, version=version))
            assert refusal.reason == "other-version"
            assert advice in str(refusal)
        assert (await room.hello(token, version=1))["version"] == 1
    play(run())


def test_a_deputy_takes_over_by_rule_and_hands_back(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        deputy = await server.join(keys["hue"])
        await chair.call("meeting.update", {"deputies": ["hue"], "chair_lost_seconds": 5})
        await chair.call("meeting.open")
        assert (await refused(deputy.call("floor.grant", {"site": "da-nang"}))).reason == \
            "not-allowed"
        chair.abort()
        acting = await deputy.event("chair.acting")
        assert acting["body"] == {"site": "hue", "as": "deputy"}
        assert acting["actor"]["role"] == "system"
        await deputy.call("floor.grant", {"site": "da-nang"})
        await server.join(keys["chu-toa"])
        await deputy.event("chair.returned")
        assert (await refused(deputy.call("floor.grant", {"site": "hue"}))).reason == "not-allowed"
    play(run())


def test_who_acts_survives_a_restart(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        deputy = await server.join(keys["hue"])
        await chair.call("meeting.update", {"co_chair": "hue", "chair_lost_seconds": 5})
        await chair.call("meeting.open")
        chair.abort()
        await deputy.event("chair.acting")
        server.kill()
        server.start()
        back = await server.connect()
        hello = await back.hello(server.token(keys["hue"]))
        assert hello["state"]["meeting"]["acting"] == {"site": "hue", "role": "site"}
        await back.call("floor.grant", {"site": "da-nang"})
    play(run())


def test_a_speaker_is_warned_and_a_vote_closes_by_the_clock(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        room = await server.join(keys["hue"])
        await chair.call("meeting.update", {"cut": True})
        await chair.call("meeting.open")
        granted = await chair.call("floor.grant", {"site": "hue", "seconds": 10})
        await chair.call("vote.open", {"question": "Thông qua?", "seconds": 10})
        warned = await chair.event("floor.warned", request=granted["request"])
        assert warned["body"]["left"] == 0
        await chair.event("floor.revoked", request=granted["request"])
        closed = await room.event("vote.closed")
        assert closed["actor"]["role"] == "system"
        assert closed["body"]["counts"]["for"] == 0
    play(run())


def test_a_room_waits_in_the_lobby_until_it_is_admitted(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        room = await server.join(keys["hue"])
        await chair.call("meeting.update", {"lobby": True})
        await chair.call("meeting.open")
        assert (await refused(room.call("floor.request", {}))).reason == "wrong-state"
        assert (await chair.call("site.admit", {"all": True}))["admitted"] == 2
        await room.event("site.admitted")
        await room.call("floor.request", {})
    play(run())
