"""`nhipcau`, the administrator's command line, against a live server and its data directory."""

import json
import os
import subprocess
import tarfile

import pytest
from conftest import BUILD, COMPLETE, play

NHIPCAU = BUILD / "signaling/admin/nhipcau"


def run(server, *words, given=None, status=0):
    """What the command prints; on standard error when it is to fail."""
    done = subprocess.run([NHIPCAU, *words, "--data", server.data], capture_output=True,
                          text=True, input=given, check=False, timeout=60)
    assert done.returncode == status, done.stderr + done.stdout
    return done.stderr if status else done.stdout


def test_a_meeting_is_made_of_a_json_file(server, tmp_path):
    file = tmp_path / "hop.json"
    file.write_text(json.dumps({
        "meeting": "giao-ban", **COMPLETE, "title": "Giao ban",
        "sites": [{"id": "chu-toa", "name": "Chính phủ", "role": "chair"},
                  {"id": "hue", "name": "Thành phố Huế"}]}))
    lines = [line.split("\t") for line in run(server, "meeting", "create", file).splitlines()]
    assert [line[:3] for line in lines] == [["chu-toa", "chair", "Chính phủ"],
                                            ["hue", "site", "Thành phố Huế"],
                                            ["-", "secretary", "Thư ký"]]
    assert "giao-ban\tdraft" in run(server, "meeting", "list")
    assert json.loads(run(server, "meeting", "show", "giao-ban"))["meeting"]["id"] == "giao-ban"
    assert "exists" in run(server, "meeting", "create", file, status=1)


def test_a_meeting_is_made_of_a_roster_and_ready_lists(server, tmp_path):
    roster = tmp_path / "diem-cau.csv"
    roster.write_bytes("\ufeffname;role;people\r\nĐiểm cầu Chính phủ;chair;\"Nguyễn Văn An (Phó "
                       "Thủ tướng); Lê Thị Bình\"\r\n".encode())
    out = run(server, "meeting", "create", roster, "--id", "toan-quoc", "--title", "Toàn quốc",
              "--group", "34-tinh", "--group", "bo-nganh")
    rows = [line.split("\t") for line in out.splitlines()]
    assert len([row for row in rows if row[2].startswith(("Tỉnh ", "Thành phố "))]) == 34
    assert ["bo-noi-vu", "site", "Bộ Nội vụ"] in [row[:3] for row in rows]
    created = server.journal("toan-quoc")[0]["body"]
    chair = created["sites"][0]
    assert chair["id"] == "diem-cau-chinh-phu"
    assert [(person["name"], person["post"]) for person in chair["people"]] == [
        ("Nguyễn Văn An", "Phó Thủ tướng"), ("Lê Thị Bình", None)]
    assert {site["code"] for site in created["sites"] if site["group"] == "34-tinh"} >= {"01", "96"}


@pytest.mark.parametrize("name, text, why", [
    ("a.csv", "name,id\nA,a\nB,A b\n", "a.csv: line 3, column id (2): id must be of a-z"),
    ("b.csv", "name,id\nA,a\n\nB,a\n", "b.csv: line 4, column id (2): id stands in line 2 already"),
    ("c.csv", "name,role\nA,king\n", "c.csv: line 2, column role (2): role must be site, chair"),
    ("d.csv", "ten\nA\n", "d.csv: line 1: the first line must name the column name"),
    ("e.json", '{"meeting": "x",\n "sites": [}', "e.json: line 2, column"),
    ("f.json", '{"meeting": "x", "title": "T", "sites": [{"id": "a", "name": "A", "role": '
               '"chair"}, {"id": "b"}]}', "sites [1].name is missing"),
])
def test_a_file_that_is_wrong_names_the_place(server, tmp_path, name, text, why):
    file = tmp_path / name
    file.write_text(text)
    assert why in run(server, "meeting", "create", file, "--id", "x", "--title", "T", status=1)


def test_links_and_accounts_are_managed(server):
    async def scene():
        keys = server.create()
        room = await server.join(keys["hue"])
        rows = [line.split("\t") for line in run(server, "links", "list", "giao-ban").splitlines()]
        link = next(row[0] for row in rows if row[1] == "hue")
        assert "1 connected" in run(server, "links", "revoke", "giao-ban", link)
        assert await room.ended() == 1008
        url = run(server, "links", "create", "giao-ban", "--site", "hue").strip()
        await server.join(url.rsplit("/", 1)[1])
        run(server, "account", "put", "thu-ky", "--role", "secretary", given="một mật khẩu\n")
        assert server.request("/api/v1/login", {"account": "thu-ky",
                                                "secret": "một mật khẩu"}).status == 200
        assert "thu-ky\tsecretary\t-" in run(server, "account", "list")
        tokens = [line.split("\t") for line in run(server, "token", "list").splitlines()]
        run(server, "token", "revoke", next(row[0] for row in tokens if row[2] == "thu-ky"))
        run(server, "account", "remove", "thu-ky")
        assert "thu-ky" not in run(server, "account", "list")
    play(scene())


def full_meeting(server):
    """A meeting with a journal, a paper and a file of a recording."""
    keys = server.create()
    secretary = server.token(keys[None])
    server.request("/api/v1/meetings/giao-ban/papers?title=T&name=t.pdf", token=secretary,
                   raw=b"%PDF-1.7", method="POST", headers={"Content-Type": "application/pdf"})
    part = server.data / "recordings/giao-ban/part-001"
    part.mkdir(parents=True)
    (part / "program.webm").write_bytes(b"sound" * 1000)
    (part / "manifest.json").write_text("{}")


def test_a_meeting_is_exported_and_taken_up_elsewhere(make_server, tmp_path):
    here, there = make_server(), make_server()
    full_meeting(here)
    archive = tmp_path / "giao-ban.tar"
    run(here, "export", "giao-ban", "--output", archive)
    assert "File exists" in run(here, "export", "giao-ban", "--output", archive, status=1)
    assert "stop the server" in run(there, "import", archive, status=1)
    assert there.stop() == 0
    assert run(there, "import", archive).strip() == "giao-ban"
    assert "already" in run(there, "import", archive, status=1)
    there.start()
    assert there.journal() == here.journal()
    for path in ("recordings/giao-ban/part-001/program.webm",):
        assert (there.data / path).read_bytes() == (here.data / path).read_bytes()
    paper = there.request("/api/v1/meetings/giao-ban/papers/p1/1", token=there.operator)
    assert paper.body == b"%PDF-1.7"


def rewrite(source, target, change):
    """The archive with one entry changed: (name, bytes) to the same, or None to leave it out."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for entry in old:
            changed = change(entry.name, old.extractfile(entry).read())
            if changed is None:
                continue
            entry.name, content = changed
            entry.size = len(content)
            import io
            new.addfile(entry, io.BytesIO(content))


def flip(name, content):
    middle = len(content) // 2
    return name, content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:]


def test_an_archive_that_was_touched_is_not_taken_up(make_server, tmp_path):
    here, there = make_server(), make_server()
    full_meeting(here)
    archive, touched = tmp_path / "a.tar", tmp_path / "b.tar"
    run(here, "export", "giao-ban", "--output", archive)
    assert there.stop() == 0
    with tarfile.open(archive) as names:
        entries = names.getnames()
    assert len(entries) == 8
    changes = [lambda name, content, entry=entry: flip(name, content) if name == entry
               else (name, content) for entry in entries]
    changes += [lambda name, content, entry=entry: None if name == entry else (name, content)
                for entry in entries]
    changes.append(lambda name, content: ("recordings/../../evil" if name == "minutes.html" else
                                          name, content))
    for change in changes:
        touched.unlink(missing_ok=True)
        rewrite(archive, touched, change)
        run(there, "import", touched, status=1)
    assert not (there.data.parent / "evil").exists()
    assert not list(there.data.glob("import-*"))
    run(there, "import", archive)


def test_a_backup_is_made_while_the_server_runs_and_serves_as_data(make_server, tmp_path):
    server = make_server()
    full_meeting(server)
    copy = tmp_path / "backup"
    assert "the chain is whole" in run(server, "backup", "--output", copy)
    assert "is there already" in run(server, "backup", "--output", copy, status=1)
    assert oct(copy.stat().st_mode & 0o777) == "0o700"
    before = server.journal()
    assert server.stop() == 0
    os.rename(server.data, server.data.with_suffix(".lost"))
    os.rename(copy, server.data)
    server.start()
    server.tokens.clear()
    assert server.journal() == before
    assert (server.data / "recordings/giao-ban/part-001/program.webm").exists()


def test_journals_are_verified_and_places_found(server, tmp_path):
    server.create()
    journal = tmp_path / "journal.jsonl"
    lines = [json.dumps(event, ensure_ascii=False) for event in server.journal()]
    journal.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "whole" in run(server, "verify", journal, server.data / "nhipcau.db")
    journal.write_text(lines[0].replace("giao ban", "giao bàn") + "\n", encoding="utf-8")
    assert "line 1" in run(server, "verify", journal, status=1)
    assert run(server, "places", "find", "Quảng Nam").startswith(
        "48\tprovince\tda-nang\tThành phố Đà Nẵng\tformerly Tỉnh Quảng Nam")
    assert len(run(server, "places", "list", "34-tinh").splitlines()) == 34
    assert "a command is needed" in run(server, status=2)
