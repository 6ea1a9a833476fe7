"""Every example of docs/protocol.md, carried out against a live server: the same method and params
must be taken, and the answer must have the same keys with values of the same kind."""

import hashlib
import json
import re
import subprocess
import urllib.parse

from conftest import PROGRAM, ROOT, play

TEXT = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
SITES = [{"id": "chu-toa", "name": "Điểm cầu Chính phủ", "role": "chair"},
         {"id": "hue", "name": "Thành phố Huế", "group": "mien-trung"},
         {"id": "da-nang", "name": "Thành phố Đà Nẵng", "group": "mien-trung"}]
AGENDA = {"items": [{"id": "bao-cao", "title": "Báo cáo"}, {"id": "thao-luan", "title": "Thảo luận"}]}

OPEN = ("chair", "meeting.open", {})
ASKED = [OPEN, ("hue", "floor.request", {}), ("da-nang", "floor.request", {}),
         ("hue", "floor.request", {"item": "a"}), ("da-nang", "floor.request", {"item": "b"})]
SPEAKS = [*ASKED, ("chair", "floor.grant", {"request": "r1", "seconds": 300})]
MODERATED = [("chair", "meeting.update", {"moderated": True}), *ASKED]
DIRECTED = [OPEN, ("chair", "directive.issue", {"text": "T", "due": "2026-12-31"})]
VOTE = [OPEN, ("chair", "vote.open", {"question": "Q"})]
CALLED = [("secretary", "rollcall.start", {})]

# What must have happened before, and who speaks then (else the chair). Ids in the examples are
# those that the server gives in these meetings.
BEFORE = {
    "meeting.prepare": ([("chair", "meeting.rehearse", {})], "chair"),
    "meeting.pause": ([OPEN], "chair"),
    "meeting.resume": ([OPEN, ("chair", "meeting.pause", {})], "chair"),
    "meeting.close": (DIRECTED, "chair"),
    "roster.approve": ([("hue", "roster.set", {"people": [
        {"name": "Lê Văn Cường", "for": "Nguyễn Văn Phương", "why": "Đi công tác"}]})], "chair"),
    "site.unmute": ([("chair", "site.mute", {"site": "hue"})], "chair"),
    "floor.request": ([OPEN], "hue"),
    "floor.accept": (MODERATED, "chair"),
    "floor.grant": (ASKED, "chair"),
    "floor.extend": (SPEAKS, "chair"),
    "floor.defer": (ASKED, "chair"),
    "floor.reorder": (ASKED, "chair"),
    "floor.prepare": (ASKED, "chair"),
    "floor.deny": (ASKED, "chair"),
    "floor.revoke": (SPEAKS, "chair"),
    "floor.release": (SPEAKS, "hue"),
    "floor.cancel": (ASKED, "da-nang"),
    "opinion.submit": ([OPEN], "hue"),
    "consult.close": ([("chair", "consult.open", {"sites": ["hue"]})], "chair"),
    "directive.amend": (DIRECTED, "chair"),
    "directive.withdraw": (DIRECTED, "chair"),
    "chair.delegate": ([("chair", "chair.recall", {"queue": True})], "chair"),
    "chair.recall": ([("chair", "chair.delegate", {"site": "hue"})], "chair"),
    "rollcall.answer": (CALLED, "chair"),
    "rollcall.close": (CALLED, "chair"),
    "agenda.advance": ([OPEN, ("chair", "agenda.set", AGENDA)], "chair"),
    "vote.open": ([OPEN], "chair"),
    "vote.cast": (VOTE, "hue"),
    "vote.close": (VOTE, "chair"),
    "readiness.tick": ([], "operator"),
}
# Media needs a bridge and a peer: tests/integration/test_interop.py, test_room.py and the tests of
# the line carry these out with real ones.
ELSEWHERE = {"media.offer", "media.candidate", "media.preview", "line.start", "line.stop", "line.result"}
# Events that no command of a client makes: the clock, the media plane and files do.
UNSEEN = {"site.left", "floor.warned", "paper.added", "chair.acting", "chair.returned",
          "recording.started", "recording.stopped", "bridge.lost", "bridge.restored",
          "roster.refused"}


def examples():
    block = TEXT.split("### One example of each command")[1].split("```")[1]
    joined = re.sub(r"\n\s+→", " →", block).strip()
    for line in joined.splitlines():
        method, rest = line.split(None, 1)
        params, answer = rest.rsplit(" → ", 1)
        yield method, json.loads(params), json.loads(answer)


def kinds(value):
    """The shape of an answer: keys, and kinds of values."""
    if isinstance(value, dict):
        return {key: kinds(entry) for key, entry in value.items()}
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def every_described_method():
    """Those of the table of commands."""
    table = TEXT.split("## Commands and their events")[1].split("How it works")[0]
    for line in table.splitlines():
        if line.startswith("| `"):
            for command in line.split(" | ")[0].split("`")[1::2]:
                yield command.split(" ")[0]


def described_bodies():
    """{type of event: the names in its body}, as the table "Bodies of events" has it; None where the
    body may hold any of a command's fields."""
    bodies = {}
    for line in TEXT.split("Bodies of events:")[1].split("\n\n")[1].splitlines()[2:]:
        types, _, body = line.strip("| ").replace("\\|", "/").partition(" | ")
        for kind in types.split("`")[1::2]:
            names = re.match(r"`\{(.*?)\}`", body)
            flat = re.sub(r"\[.*?\]|\{.*?\}|: (\"[^\"]*\"( / )?)+", "", names[1]) if names else ""
            # A "changed field" or "every setting" may be any.
            bodies[kind] = None if "changed" in body or "every setting" in body else {
                name.split(":")[0].strip() for name in flat.split(",") if name.strip()}
    return bodies


def check_bodies(server, meeting):
    """Every event that the meeting had has the body that is described."""
    bodies, seen = described_bodies(), set()
    for event in server.journal(meeting):
        assert event["type"] in bodies, f"{event['type']} is not described"
        names = bodies[event["type"]]
        seen.add(event["type"])
        if names is not None:
            assert set(event["body"]) == names, (event["type"], event["body"])
    return seen


class Stage:
    """A meeting of its own for each example."""

    def __init__(self, server, number, **settings):
        self.server, self.meeting, self.rooms = server, f"vi-du-{number}", {}
        self.keys = server.create(self.meeting, site_list=SITES, **settings)

    async def room(self, who):
        if who not in self.rooms:
            key = self.keys.get({"chair": "chu-toa", "secretary": None}.get(who, who))
            if who == "operator":
                made = self.server.request(f"/api/v1/meetings/{self.meeting}/links",
                                           {"role": "operator"}, token=self.server.operator)
                key = made.json["url"].rsplit("/", 1)[1]
            self.rooms[who] = await self.server.join(key)
        return self.rooms[who]

    async def play(self, steps):
        for who, method, params in steps:
            await (await self.room(who)).call(method, params)


def test_every_example_is_carried_out(server):
    async def run():
        tried, seen = set(), set()
        for number, (method, params, answer) in enumerate(examples()):
            if method in ELSEWHERE:
                continue
            tried.add(method)
            if method == "meeting.create":
                nowhere = await server.connect()
                await nowhere.hello(server.operator)
                assert kinds(await nowhere.call(method, params)) == kinds(answer)
                continue
            before, who = BEFORE.get(method, ([], "chair"))
            stage = Stage(server, number, declared=method != "meeting.declare")
            await stage.play(before)
            got = await (await stage.room(who)).call(method, params)
            assert kinds(got) == kinds(answer), method
            seen |= check_bodies(server, stage.meeting)
        unseen = set(described_bodies()) - seen - UNSEEN
        assert not unseen, f"described, but no example makes it: {unseen}"
        missing = set(every_described_method()) - tried - ELSEWHERE
        assert not missing, f"without an example: {missing}"
    play(run())


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

# Each address of the protocol: {its words there: [status, body]}, in an order in which all of them
# can be carried out. What stands in <> is what the answer before gave.
ADDRESSES = {
    "POST /api/v1/accounts": (201, {"account": "thu-ky", "role": "secretary", "secret": "mat-khau-dai"}),
    "GET /api/v1/accounts": (200, None),
    "POST /api/v1/meetings": (201, {"meeting": "hop", "title": "Họp", "sites": SITES}),
    "GET /api/v1/meetings": (200, None),
    "POST /api/v1/meetings/{id}/links": (201, {"site": "hue"}),
    "GET /api/v1/meetings/{id}/links": (200, None),
    "DELETE /api/v1/meetings/{id}/links/3f9a…": (200, None),
    "POST /api/v1/meetings/{id}/papers?title=Báo cáo tổng hợp&name=bao-cao.pdf": (201, PDF),
    "GET /api/v1/meetings/{id}/papers/p1/1": (200, None),
    "GET /api/v1/meetings/{id}/minutes.json": (200, None),
    "GET /api/v1/meetings/{id}/minutes.docx": (200, None),
    "GET /api/v1/meetings/{id}/invitations/{room}.html": (200, None),
    "GET /api/v1/meetings/{id}/directives.json": (200, None),
    "GET /api/v1/meetings/{id}/journal.jsonl": (200, None),
    "GET /api/v1/meetings/{id}/connections.json": (200, None),
    "GET /api/v1/meetings/{id}/desks.json": (200, None),
    "GET /api/v1/meetings/{id}/readiness.json": (200, None),
    "GET /api/v1/meetings/{id}/readiness.csv": (200, None),
    "GET /api/v1/meetings/{id}/recordings/": (200, None),
    "GET /api/v1/meetings/{id}/recordings/{file}": (404, None),  # nothing has been recorded
    "GET /api/v1/places?group=34-tinh": (200, None),
    "POST /api/v1/roster": (200, {"name": "diem-cau.csv", "csv": "name\nHuế\n"}),
    "GET /api/v1/tokens": (200, None),
    "DELETE /api/v1/tokens/{token}": (200, None),
    "DELETE /api/v1/accounts/{account}": (200, None),
    "GET /healthz": (200, None),
    "GET /j/{key}": (404, None),  # this server has no pages
    "POST /api/v1/logout": (200, {}),
}


class Client:
    """Carries addresses out as the protocol has them, as an operator."""

    def __init__(self, server):
        self.server, self.link, self.token = server, "", ""

    def carry_out(self, address, body):
        method, path = address.split(" ", 1)
        for word, value in (("{id}", "hop"), ("{room}", "hue"), ("3f9a…", self.link),
                            ("{token}", self.token), ("{account}", "thu-ky"), ("{key}", "x"),
                            ("{file}", "part-001/program.webm")):
            path = path.replace(word, value)
        raw = isinstance(body, bytes)
        answer = self.server.request(
            urllib.parse.quote(path, safe="/?=&"), None if raw else body, method=method,
            token=self.server.operator, raw=body if raw else None,
            headers={"Content-Type": "application/pdf"} if raw else None)
        if address.startswith("GET") and address.endswith("/links"):
            self.link = answer.json[0]["link"]
        if address == "GET /api/v1/tokens":
            own = hashlib.sha256(self.server.operator.encode()).hexdigest()[:16]
            self.token = next(entry["token"] for entry in answer.json if entry["token"] != own)
        return answer


def test_every_address_is_carried_out(server):
    client = Client(server)
    joined = server.request("/api/v1/join", {"key": server.create()["hue"]}).json
    documented = json.loads('{"token"' + TEXT.split('```json\n{"token"')[1].split("```")[0])
    assert set(documented) <= set(joined)
    for address, (status, body) in ADDRESSES.items():
        assert client.carry_out(address, body).status == status, address
    told = set(re.findall(r"`((?:GET|POST|DELETE|PUT) [^`]*)`", TEXT))
    # Signing in is what the client has begun with.
    assert told - set(ADDRESSES) == {"POST /api/v1/login", "POST /api/v1/join"}


def test_the_journals_line_is_as_described(server, tmp_path):
    server.create()
    journal = server.request("/api/v1/meetings/giao-ban/journal.jsonl", token=server.operator).body
    (tmp_path / "journal.jsonl").write_bytes(journal)
    line = json.loads(journal.splitlines()[0])
    assert set(line) == {"meeting", "seq", "time", "actor", "type", "body", "prev", "hash"}
    verify = subprocess.run([PROGRAM, "verify", tmp_path / "journal.jsonl"], check=False)
    assert verify.returncode == 0
