"""What a rehearsal has found of each room: kept beside the official record, for those who look
after the meeting."""

import csv
import io

from conftest import play


def test_readiness_is_read_as_json_and_as_a_table(server):
    keys = server.create()
    token = server.operator

    async def rehearsal():
        room = await server.join(keys["da-nang"])
        operator = await server.connect()
        await operator.hello(token, meeting="giao-ban")
        await room.call("line.result", {"verdict": "usable", "rtt_ms": 42.5, "loss_up": 1.25,
                                        "tester": "=HYPERLINK(1)"})
        told = await operator.notification("site.readiness")
        assert told["site"] == "da-nang" and told["line"]["verdict"] == "usable"
        await operator.call("readiness.tick", {"site": "da-nang", "item": "sound", "ok": True,
                                               "note": 'Loa "hú"'})
        await room.close()
        await operator.close()

    play(rehearsal())
    answer = server.request("/api/v1/meetings/giao-ban/readiness.json", token=token)
    assert answer.status == 200
    rooms = {room["site"]: room for room in answer.json["sites"]}
    assert list(rooms) == ["chu-toa", "da-nang", "hue"]
    assert rooms["da-nang"]["line"]["verdict"] == "usable"
    assert rooms["da-nang"]["line"]["rtt_ms"] == 42.5
    assert rooms["da-nang"]["sound"]["by"]["account"] == "operator"
    assert rooms["hue"]["line"] is None
    assert all("readiness" not in event["type"] for event in server.journal())

    answer = server.request("/api/v1/meetings/giao-ban/readiness.csv", token=token)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["site"] for row in rows] == ["chu-toa", "da-nang", "hue"]
    assert rows[1]["rtt_ms"] == "42.5" and rows[1]["sound_note"] == 'Loa "hú"'
    assert rows[1]["tester"] == "'=HYPERLINK(1)"  # a spreadsheet runs nothing of it


def test_readiness_is_not_for_rooms(server):
    token = server.token(server.create()["da-nang"])
    for name in ("readiness.json", "readiness.csv"):
        assert server.request(f"/api/v1/meetings/giao-ban/{name}", token=token).status == 403
        assert server.request(f"/api/v1/meetings/giao-ban/{name}").status == 401
