"""Running a meeting on a live server: who is in charge, who is let in, what the clock does."""

import datetime
import urllib.parse

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


def upload(server, token, query, content=b"%PDF-1.7 ...", kind="application/pdf"):
    return server.request("/api/v1/meetings/giao-ban/papers?" + urllib.parse.urlencode(query),
                          token=token, raw=content, method="POST", headers={"Content-Type": kind})


def reason(answer):
    return answer.json["error"]["reason"]


def test_papers_are_kept_in_versions_and_read_by_everyone_in_the_meeting(server):
    keys = server.create(starts="2026-12-31T01:00:00Z")
    secretary, room = server.token(keys[None]), server.token(keys["hue"])
    paper = {"title": "Báo cáo tổng hợp", "name": "báo cáo.pdf"}
    first = upload(server, secretary, paper)
    assert (first.status, first.json["paper"], first.json["version"]) == (201, "p1", 1)
    second = upload(server, secretary, {**paper, "paper": "p1"}, b"%PDF-1.7 new")
    assert second.json["version"] == 2
    for version, content in ((1, b"%PDF-1.7 ..."), (2, b"%PDF-1.7 new")):
        read = server.request(f"/api/v1/meetings/giao-ban/papers/p1/{version}", token=room)
        assert read.body == content
        assert read.headers["Content-Type"] == "application/pdf"
    assert reason(upload(server, room, paper)) == "not-allowed"
    assert reason(upload(server, secretary, paper, b"MZ...")) == "invalid"
    assert reason(upload(server, secretary, paper, kind="text/html")) == "invalid"
    assert reason(upload(server, secretary, {**paper, "paper": "p9"})) == "no-such-paper"
    assert reason(upload(server, secretary, {**paper, "title": "(MẬT) Báo cáo"})) == "invalid"
    added = [event for event in server.journal() if event["type"] == "paper.added"]
    assert [event["body"]["version"] for event in added] == [1, 2]


def test_papers_that_come_late_are_warned_of(server):
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=20)
    keys = server.create(starts=soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    late = upload(server, server.token(keys[None]), {"title": "T", "name": "t.pdf"})
    assert late.json["warnings"] == ["late"]


def test_a_paper_goes_no_other_way(server):
    async def run():
        keys = server.create()
        secretary = await server.join(keys[None])
        refusal = await refused(secretary.call("paper.add", {"title": "T"}))
        assert refusal.reason == "no-such-method"
    play(run())


def test_each_room_has_an_invitation_of_its_own(server):
    keys = server.create(starts="2026-12-31T01:00:00Z", organizer="Văn phòng Chính phủ",
                         agenda=[{"id": "bao-cao", "title": "Báo cáo <tổng hợp>"}])
    room = server.token(keys["hue"])
    page = server.request("/api/v1/meetings/giao-ban/invitations/hue.html", token=room)
    text = page.body.decode()
    assert "GIẤY MỜI" in text and "Điểm cầu hue" in text and "Văn phòng Chính phủ" in text
    assert "8 giờ 00, ngày 31 tháng 12 năm 2026" in text
    assert "Báo cáo &lt;tổng hợp&gt;" in text
    other = server.request("/api/v1/meetings/giao-ban/invitations/da-nang.html", token=room)
    assert reason(other) == "not-allowed"
    nobody = server.request("/api/v1/meetings/giao-ban/invitations/ca-mau.html",
                            token=server.operator)
    assert reason(nobody) == "no-such-site"


def test_places_are_found_by_all_their_names(server):
    token = server.token(server.create()["hue"])

    def places(query):
        return server.request("/api/v1/places?" + urllib.parse.urlencode(query), token=token).json

    assert len(places({"group": "34-tinh"})) == 34
    found = places({"find": "quảng nam"})[0]
    assert (found["slug"], found["former"]) == ("da-nang", "Tỉnh Quảng Nam")
    assert places({"group": "63-tinh"})["error"]["reason"] == "invalid"


def test_a_table_of_rooms_is_read_and_its_faults_are_placed(server):
    def read(csv, **more):
        body = {"name": "bảng.csv", "csv": csv, **more}
        return server.request("/api/v1/roster", body, token=server.operator)

    server.create()
    made = read("name,role\nTrụ sở Chính phủ,chair\nTỉnh Quảng Nam,\n").json["sites"]
    assert made[0] == {"id": "tru-so-chinh-phu", "name": "Trụ sở Chính phủ", "role": "chair"}
    assert made[1]["id"] == "da-nang"
    fault = read("name,role\nHuế,truong\n")
    assert fault.status == 400
    assert "bảng.csv" in fault.json["error"]["message"] and "2" in fault.json["error"]["message"]
    assert read("x", mode=1).json["error"]["field"] == "mode"
    assert server.request("/api/v1/roster", {"name": "a", "csv": "name\n"}).status == 401

