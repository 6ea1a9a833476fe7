"""A meeting's control over real connections: who may speak, in which order, and that nobody misses
or doubles an event, whatever breaks."""

import asyncio
import json

from conftest import COMPLETE, Refused, play, refused


async def opened(server, **params):
    """An open meeting; the chairing room, two provinces, the secretary."""
    keys = server.create(**params)
    chair, da_nang, hue, secretary = [await server.join(keys[site])
                                      for site in ("chu-toa", "da-nang", "hue", None)]
    await chair.call("meeting.open")
    return keys, chair, da_nang, hue, secretary


def whole(numbers):
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


# Coming in


def test_a_room_joins_and_sees_the_state(server):
    async def run():
        keys = server.create(title="Hội nghị thử")
        room = await server.join(keys["da-nang"], client="thu 1.0")
        hello = room.hello_answer
        assert hello["role"] == "site" and hello["site"] == "da-nang"
        assert hello["state"]["meeting"]["title"] == "Hội nghị thử"
        connected = {site["id"]: site["connected"] for site in hello["state"]["sites"]}
        assert connected == {"chu-toa": False, "da-nang": True, "hue": False}
        assert await room.notification("media.hint") == {"audio": False, "video": None}
        joined = server.journal()[-1]
        assert joined["type"] == "site.joined"
        assert joined["body"] == {"site": "da-nang", "session": hello["session"],
                                  "client": "thu 1.0"}
        assert joined["actor"] == {"account": None, "role": "system", "site": None}
    play(run())


def test_rooms_hear_each_other_come_and_go(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        da_nang = await server.join(keys["da-nang"])
        await chair.event("site.joined", site="da-nang")
        await da_nang.close()
        await chair.event("site.left", site="da-nang", reason="closed")
        hue = await server.join(keys["hue"])
        hue.abort()
        await chair.event("site.left", site="hue", reason="lost")
    play(run())


def test_an_account_without_a_room_is_no_site(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        secretary = await server.join(keys[None])
        assert secretary.hello_answer["role"] == "secretary"
        assert secretary.hello_answer["site"] is None
        assert secretary.hello_answer["seq"] == chair.hello_answer["seq"]
        await secretary.call("minutes.note", {"text": "Đã đủ"})
        note = await chair.event("note.added")
        assert note["actor"]["role"] == "secretary" and note["actor"]["account"][:5] == "link-"
    play(run())


def test_an_account_names_its_meeting(server):
    async def run():
        server.create()
        room = await server.connect()
        hello = await room.hello(server.operator, meeting="giao-ban")
        assert hello["role"] == "operator"
        await room.call("meeting.open")
        other = await server.connect()
        assert (await refused(other.hello(server.operator, meeting="khong-co"))).reason \
            == "no-such-meeting"
        nowhere = await server.connect()
        assert (await nowhere.hello(server.operator))["seq"] == 0
        made = await nowhere.call("meeting.create", {
            "meeting": "hop-moi", **COMPLETE, "title": "Mới",
            "sites": [{"id": "hue", "name": "Huế", "role": "chair"}]})
        assert made == {"seq": 1, "meeting": "hop-moi"}
        assert (await refused(nowhere.call("meeting.open"))).reason == "no-such-meeting"
    play(run())


def test_wrong_tokens_are_refused(server):
    async def run():
        keys = server.create()
        server.create("hop-khac")
        room = await server.connect()
        assert (await refused(room.call("meeting.open"))).reason == "not-signed-in"
        assert (await refused(room.hello("khong-phai"))).reason == "not-signed-in"
        assert (await refused(room.hello(keys["hue"]))).reason == "not-signed-in"
        token = server.token(keys["hue"])
        assert (await refused(room.hello(token, meeting="hop-khac"))).reason == "not-allowed"
        assert (await refused(room.hello(token, since=99))).field == "since"
        assert (await room.hello(token))["site"] == "hue"
        assert (await refused(room.hello(token))).reason == "wrong-state"
    play(run())


def test_a_second_connection_takes_the_room_over(server):
    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        first = await server.join(keys["da-nang"])
        second = await server.join(keys["da-nang"])
        assert await first.notification("session.replaced") == {}
        assert await first.ended() == 1000
        await chair.event("site.joined", session=first.hello_answer["session"])
        left = await chair.event("site.left", reason="replaced")
        assert left["body"]["session"] == first.hello_answer["session"]
        await chair.event("site.joined", session=second.hello_answer["session"])
        await second.call("message.send", {"text": "vẫn đây"})
        await chair.event("message.sent")
        assert [event["type"] for event in server.journal()].count("site.left") == 1
    play(run())


def test_a_removed_room_is_shown_out(server):
    async def run():
        _, chair, da_nang, *_ = await opened(server)
        await chair.call("site.remove", {"site": "da-nang"})
        await chair.event("site.removed")
        assert await da_nang.ended() == 1008
        assert [event["type"] for event in server.journal()][-1] == "site.removed"
    play(run())


# The floor


def test_the_floor_is_asked_for_granted_and_given_back(server):
    async def run():
        _, chair, da_nang, hue, _ = await opened(server)
        assert await da_nang.notification("media.hint") == {"audio": False, "video": None}
        asked = await da_nang.call("floor.request", {"speaker": "Nguyễn Văn A",
                                                     "topic": "Một cửa liên thông"})
        assert asked["position"] == 1
        await hue.event("floor.requested", site="da-nang", topic="Một cửa liên thông")
        granted = await chair.call("floor.grant", {"request": asked["request"], "seconds": 300})
        assert granted["request"] == asked["request"]
        await hue.event("floor.granted", request=asked["request"], seconds=300)
        assert (await da_nang.notification("media.hint"))["audio"] is True
        released = await da_nang.call("floor.release")
        event = await hue.event("floor.released", site="da-nang")
        assert event["seq"] == released["seq"]
        assert event["actor"] == {"account": None, "role": "site", "site": "da-nang"}
        assert (await da_nang.notification("media.hint"))["audio"] is False
    play(run())


def test_the_queue_keeps_its_order(server):
    async def run():
        _, chair, da_nang, hue, secretary = await opened(server)
        first = await da_nang.call("floor.request")
        second = await hue.call("floor.request")
        assert (first["position"], second["position"]) == (1, 2)
        await secretary.call("floor.reorder", {"request": second["request"], "position": 1})
        await chair.event("floor.reordered", request=second["request"], position=1)
        await chair.call("floor.deny", {"request": second["request"], "why": "Hết giờ"})
        await hue.event("floor.denied", why="Hết giờ")
        await da_nang.call("floor.cancel", {"request": first["request"]})
        await hue.event("floor.cancelled", request=first["request"])
    play(run())


def test_two_chairs_granting_at_once_give_one_floor(server):
    async def run():
        _, chair, da_nang, hue, secretary = await opened(server)
        first = (await da_nang.call("floor.request"))["request"]
        second = (await hue.call("floor.request"))["request"]
        ids = [await chair.send("floor.grant", {"request": first}),
               await secretary.send("floor.grant", {"request": second})]
        answers = await asyncio.gather(chair.answer(ids[0]), secretary.answer(ids[1]),
                                       return_exceptions=True)
        refusals = [answer.reason for answer in answers if isinstance(answer, Refused)]
        assert refusals == ["too-many"]
        again = await asyncio.gather(
            chair.call("floor.grant", {"request": first}),
            secretary.call("floor.grant", {"request": first}), return_exceptions=True)
        assert all(isinstance(answer, Refused) for answer in again)
        granted = [event for event in server.journal() if event["type"] == "floor.granted"]
        assert len(granted) == 1
    play(run())


def test_a_room_may_not_do_the_chairs_work(server):
    async def run():
        _, _, da_nang, hue, _ = await opened(server)
        asked = await hue.call("floor.request")
        for method, params in (("floor.grant", {"request": asked["request"]}),
                               ("floor.cancel", {"request": asked["request"]}),
                               ("meeting.close", {}), ("minutes.note", {"text": "x"}),
                               ("site.join", {"site": "hue", "session": "x", "client": "x"}),
                               ("bridge.lost", {})):
            assert (await refused(da_nang.call(method, params))).reason == "not-allowed", method
    play(run())


def test_notes_and_directives_are_kept(server):
    async def run():
        _, chair, da_nang, _, secretary = await opened(server)
        note = await secretary.call("minutes.note", {"text": "Dòng một\nDòng hai"})
        issued = await chair.call("directive.issue", {
            "text": "Báo cáo trước ngày 15", "lead": "da-nang", "due": "2026-12-15"})
        await da_nang.event("note.added", note=note["note"])
        await da_nang.event("directive.issued", directive=issued["directive"], lead="da-nang")
        await chair.call("directive.withdraw", {"directive": issued["directive"]})
        late = await server.connect()
        state = (await late.hello(server.operator, meeting="giao-ban"))["state"]
        assert [entry["text"] for entry in state["notes"]] == ["Dòng một\nDòng hai"]
        assert [entry["state"] for entry in state["directives"]] == ["withdrawn"]
    play(run())


# Coming back


def test_since_gives_what_was_missed_once_each(server):
    async def run():
        keys, chair, da_nang, hue, _ = await opened(server)
        await hue.event("meeting.opened")
        seen = hue.seq
        hue.abort()
        await chair.event("site.left", site="hue")
        await da_nang.call("floor.request")
        back = await server.join(keys["hue"], since=seen)
        hello = back.hello_answer
        assert "state" not in hello
        await chair.call("minutes.note", {"text": "sau đó"})
        await back.event("note.added")
        numbers = [event["seq"] for event in hello["events"] + back.events]
        assert numbers[0] == seen + 1 and whole(numbers)
        assert hello["events"][-1]["seq"] == hello["seq"]
        assert [event["type"] for event in hello["events"]] == [
            "site.left", "floor.requested", "floor.accepted", "site.joined"]
    play(run())


def test_rooms_resume_after_signaling_was_killed(make_server):
    server = make_server({"resume-seconds": 4})

    async def run():
        keys, chair, da_nang, hue, _ = await opened(server)
        asked = await da_nang.call("floor.request")
        await chair.call("floor.grant", {"request": asked["request"]})
        for room in (chair, da_nang, hue):
            await room.event("floor.granted")
        sessions = {room.hello_answer["site"]: room.hello_answer["session"]
                    for room in (chair, da_nang, hue)}
        seen = {site: (old.seq, old.events)
                for site, old in (("chu-toa", chair), ("da-nang", da_nang))}
        server.kill()
        for room in (chair, da_nang, hue):
            await room.ended()
        server.start()

        back = {}
        for site, (seq, _) in seen.items():
            back[site] = await server.join(keys[site], since=seq)
            # They go on as who they were; nobody hears of it.
            assert back[site].hello_answer["session"] == sessions[site]
            assert back[site].hello_answer["events"] == []
        # hue does not come back in time.
        left = await back["chu-toa"].event("site.left")
        assert left["body"] == {"site": "hue", "session": sessions["hue"], "reason": "restart"}
        await back["da-nang"].call("floor.release", {"request": asked["request"]})
        for site, room in back.items():
            await room.event("floor.released")
            numbers = [event["seq"] for event in seen[site][1] + room.events]
            assert whole(numbers), site
        joins = [event["body"]["site"] for event in server.journal()
                 if event["type"] == "site.joined"]
        assert sorted(joins) == ["chu-toa", "da-nang", "hue"]
    play(run())


def test_what_was_acknowledged_survives_a_kill(server):
    async def run():
        keys, chair, *_ = await opened(server)
        acknowledged = 0
        for i in range(40):
            acknowledged = (await chair.call("minutes.note", {"text": f"số {i}"}))["seq"]
        # More are under way when it dies.
        for i in range(40):
            await chair.send("minutes.note", {"text": f"thêm {i}"})
        server.kill()
        server.start()
        events = server.journal()
        numbers = [event["seq"] for event in events]
        assert whole(numbers) and numbers[-1] >= acknowledged
        back = await server.join(keys["chu-toa"])
        notes = back.hello_answer["state"]["notes"]
        assert [note["text"] for note in notes[:40]] == [f"số {i}" for i in range(40)]
    play(run())


def test_a_clean_end_lets_everybody_leave(server):
    async def run():
        keys, chair, da_nang, *_ = await opened(server)
        seen = chair.seq
        server.process.terminate()
        await chair.event("site.left", reason="restart")
        assert await chair.ended() == 1001
        assert await da_nang.ended() == 1001
        assert server.stop() == 0
        server.start()
        back = await server.join(keys["chu-toa"], since=seen)
        kinds = [event["type"] for event in back.hello_answer["events"]]
        assert kinds.count("site.left") == 3 and kinds[-1] == "site.joined"
        numbers = [event["seq"] for event in back.hello_answer["events"]]
        assert whole(numbers) and numbers[0] == seen + 1
    play(run())


def test_statistics_are_kept_for_the_operator(server):
    async def run():
        keys = server.create()
        room = await server.join(keys["hue"])
        await room.call("media.stats", {"rtt": 0.08})
        address = "/api/v1/meetings/giao-ban/connections.json"
        (entry,) = server.request(address, token=server.operator).json
        assert (entry["site"], entry["stats"], entry["media"]) == ("hue", {"rtt": 0.08}, True)
        assert entry["session"] == room.hello_answer["session"]
        assert server.request(address, token=server.token(keys["chu-toa"])).status == 403
        assert (await refused(room.call("media.stats", {"x": "y" * 5000}))).reason == "invalid"
    play(run())


# What is not as it should be


def test_unknown_fields_are_refused_by_name(server):
    async def run():
        _, chair, *_ = await opened(server)
        wrong = await refused(chair.call("floor.grant", {"request": "r1", "loud": True}))
        assert (wrong.code, wrong.reason, wrong.field) == (-32602, "invalid", "loud")
        other = await server.connect()
        assert (await refused(other.hello("x", colour="red"))).field == "colour"
        assert (await refused(chair.call("floor.fly"))).code == -32601
    play(run())


def test_frames_over_the_limit_are_refused_and_the_connection_stays(server):
    async def run():
        _, chair, *_ = await opened(server)
        await chair.socket.send(json.dumps({"jsonrpc": "2.0", "id": 5, "method": "minutes.note",
                                            "params": {"text": "x" * 70000}}))
        assert (await chair.orphan())["code"] == 1010
        assert (await refused(chair.call("minutes.note", {"text": "x" * 4001}))).field == "text"
        await chair.call("minutes.note", {"text": "vẫn đây"})
        await chair.socket.send("x" * 300000)
        # 1009, unless the reset for what was not read comes first.
        assert await chair.ended() in (1009, 1006)
    play(run())


def test_what_is_not_json_ends_the_connection(server):
    async def run():
        for frame in ("{", "", "nan", b"\x00\x01"):
            room = await server.connect()
            await room.socket.send(frame)
            assert (await room.orphan())["code"] == -32700, frame
            assert await room.ended() in (1003, 1007), frame
    play(run())


def test_requests_that_are_not_json_rpc_are_refused(server):
    async def run():
        room = await server.connect()
        for frame in ("[]", "7", '"x"', "{}", '{"jsonrpc":"1.0","method":"x"}',
                      '[{"jsonrpc":"2.0","id":1,"method":"x"}]',
                      '{"jsonrpc":"2.0","id":1.5,"method":"x"}',
                      '{"jsonrpc":"2.0","id":{},"method":"x"}',
                      '{"jsonrpc":"2.0","method":7}',
                      '{"jsonrpc":"2.0","method":"x","method":"y"}',
                      '{"jsonrpc":"2.0","method":"x","extra":1}',
                      '{"jsonrpc":"2.0","method":"x","params":' + "[" * 500 + "]" * 500 + "}"):
            await room.socket.send(frame)
            assert (await room.orphan())["code"] == -32600, frame
        await room.socket.send('{"jsonrpc":"2.0","id":"b"}')
        assert (await refused(room.answer("b"))).code == -32600
        await room.socket.send('{"jsonrpc":"2.0","id":"a","method":"x","params":[]}')
        assert (await refused(room.answer("a"))).field == "params"
    play(run())


def test_a_notification_is_done_without_an_answer(server):
    async def run():
        _, chair, *_ = await opened(server)
        await chair.socket.send(json.dumps({"jsonrpc": "2.0", "method": "minutes.note",
                                            "params": {"text": "không hỏi"}}))
        await chair.event("note.added", text="không hỏi")
        assert chair._answers == {} and chair._orphans == []
    play(run())


def test_too_many_frames_are_refused(make_server):
    server = make_server({"frames-per-second": 5, "frames-burst": 20})

    async def run():
        keys = server.create()
        room = await server.join(keys["hue"])
        ids = [await room.send("message.send", {"text": f"{i}"}) for i in range(40)]
        assert (await room.orphan())["data"]["reason"] == "too-many"
        assert (await room.answer(ids[0]))["seq"] > 0
    play(run())


def test_a_silent_connection_is_lost(make_server):
    server = make_server({"silence-seconds": 3})

    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        hue = await server.join(keys["hue"])
        # It does not read any more, so it does not answer pings; the connection itself stands.
        hue.socket.transport.pause_reading()
        await chair.event("site.left", site="hue", reason="lost")
        hue.abort()
    play(run())


def test_a_connection_without_hello_is_closed(server):
    async def run():
        room = await server.connect()
        assert await room.ended() == 1008
    play(run())


def test_a_slow_reader_holds_nobody_up(make_server):
    server = make_server({"backlog-kib": 64, "frames-burst": 10000, "frames-per-second": 10000})

    async def run():
        _, chair, da_nang, hue, _ = await opened(server)
        hue.socket.transport.pause_reading()
        text = "x" * 2000
        lost = False
        for _ in range(200):
            for request in [await da_nang.send("message.send", {"text": text}) for _ in range(50)]:
                await da_nang.answer(request)
            lost = any(event["type"] == "site.left" for event in chair.events)
            if lost:
                break
        assert lost
        await chair.event("site.left", site="hue", reason="lost")
        assert whole([event["seq"] for event in chair.events])
        hue.abort()
    play(run())
