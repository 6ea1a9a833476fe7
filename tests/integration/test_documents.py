"""Signing in, documents, files and the web app, over HTTPS."""

import concurrent.futures
import http.client
import io
import json
import os
import re
import socket
import stat
import subprocess
import zipfile
from xml.etree import ElementTree

import pytest
from conftest import COMPLETE, PROGRAM, ROOT, play


@pytest.fixture
def web(tmp_path):
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Nhịp Cầu</title>")
    (folder / "main.js").write_text("console.log(1)")
    (folder / ".hidden").write_text("secret")
    (folder / "link.js").symlink_to("/etc/passwd")
    return folder


def raw_request(server, target, headers=""):
    """A request line as it is, without a client that would tidy it."""
    host, port = server.listen.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        with server.tls.wrap_socket(plain, server_hostname=host) as tls:
            tls.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
                        f"{headers}\r\n".encode())
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            return answer.status, answer.read()


# Signing in


def test_an_account_signs_in_with_its_secret(server):
    secret = (server.data / "operator-secret").read_text().strip()
    answer = server.request("/api/v1/login", {"account": "operator", "secret": secret})
    assert answer.status == 200
    assert answer.json["role"] == "operator"
    assert answer.json["site"] is None and answer.json["meeting"] is None
    cookie = answer.headers["Set-Cookie"]
    for part in (f"nhipcau_token={answer.json['token']}", "Secure", "HttpOnly",
                 "SameSite=Strict", "Path=/"):
        assert part in cookie.split("; ")
    wrong = server.request("/api/v1/login", {"account": "operator", "secret": "sai"})
    nobody = server.request("/api/v1/login", {"account": "khong-ai", "secret": "sai"})
    assert wrong.status == nobody.status == 401
    assert wrong.body == nobody.body and wrong.reason == "not-allowed"


def test_the_secrets_file_and_data_are_for_the_owner_alone(server):
    assert stat.S_IMODE(os.stat(server.data).st_mode) == 0o700
    for name in ("operator-secret", "tls/key.pem", "nhipcau.db", "lock"):
        assert stat.S_IMODE(os.stat(server.data / name).st_mode) & 0o077 == 0, name
    assert (server.data / "url").read_text().strip() == server.url


def test_a_link_signs_its_room_in(server):
    keys = server.create()
    answer = server.request("/api/v1/join", {"key": keys["da-nang"]})
    assert (answer.json["role"], answer.json["site"], answer.json["meeting"]) \
        == ("site", "da-nang", "giao-ban")
    answer = server.request("/api/v1/join", {"key": keys["chu-toa"]})
    assert (answer.json["role"], answer.json["site"]) == ("chair", "chu-toa")
    answer = server.request("/api/v1/join", {"key": keys[None]})
    assert (answer.json["role"], answer.json["site"]) == ("secretary", None)
    assert server.request("/api/v1/join", {"key": "khong-co"}).status == 401
    for key in keys.values():
        assert key not in server.log()
        assert key.encode() not in (server.data / "nhipcau.db").read_bytes()


def test_too_many_wrong_tries_must_wait(make_server):
    server = make_server({"wrong-tries-per-minute": 3})
    keys = server.create()

    def wrong(_):
        return server.request("/api/v1/login", {"account": "operator", "secret": "sai"})
    # All at once: none slips through while others are being checked.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(wrong, range(8)))
    assert sorted(answer.status for answer in answers) == [401] * 3 + [429] * 5
    waiting = server.request("/api/v1/join", {"key": "khong-co"})
    assert waiting.status == 429 and int(waiting.headers["Retry-After"]) > 0
    # A room with a good link behind the same address comes in.
    assert server.token(keys["hue"])


def test_right_ones_do_not_count_as_tries(make_server):
    server = make_server({"wrong-tries-per-minute": 1})
    secret = (server.data / "operator-secret").read_text().strip()
    for _ in range(5):
        answer = server.request("/api/v1/login", {"account": "operator", "secret": secret})
        assert answer.status == 200


def test_an_account_is_added_by_the_program(server):
    done = subprocess.run([str(PROGRAM), "account", "add", "thu-ky", "--role", "secretary",
                           "--config", str(server.config), "--data", str(server.data)],
                          input="một bí mật dài\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    answer = server.request("/api/v1/login", {"account": "thu-ky", "secret": "một bí mật dài"})
    assert answer.json["role"] == "secretary"
    done = subprocess.run([str(PROGRAM), "account", "add", "chu-toa", "--role", "chair", "--site",
                           "chu-toa", "--config", str(server.config), "--data", str(server.data)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    secret = done.stdout.strip()
    answer = server.request("/api/v1/login", {"account": "chu-toa", "secret": secret})
    assert (answer.json["role"], answer.json["site"]) == ("chair", "chu-toa")
    for arguments in (["x y", "--role", "chair"], ["x", "--role", "king"], ["x", "--role", "site"]):
        done = subprocess.run([str(PROGRAM), "account", "add", *arguments, "--data",
                               str(server.data)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 2 and done.stderr, arguments


def test_changing_something_needs_the_token_itself(server):
    cookie = {"Cookie": f"nhipcau_token={server.operator}"}
    server.create()
    assert server.request("/api/v1/meetings", headers=cookie).status == 200
    body = {"role": "secretary"}
    address = "/api/v1/meetings/giao-ban/links"
    assert server.request(address, body, headers=cookie).status == 401
    made = server.request(address, body, token=server.operator)
    assert made.status == 201 and made.json["url"].startswith(server.url + "/j/")
    # A page of another site may send these types without asking.
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = server.request(address, body, token=server.operator,
                                headers={"Content-Type": kind})
        assert answer.status == 415, kind


# Meetings


def test_wrong_meetings_are_refused_with_the_fields_name(server):
    def create(**params):
        good = {"meeting": "hop", **COMPLETE, "title": "Họp",
                "sites": [{"id": "hue", "name": "Huế", "role": "chair"}]}
        return server.request("/api/v1/meetings", {**good, **params}, token=server.operator)
    assert create(colour="red").json["error"]["field"] == "colour"
    assert create(meeting="Không phải").json["error"]["field"] == "meeting"
    assert create().status == 201
    again = create()
    assert again.status == 409 and again.reason == "exists"
    assert server.request("/api/v1/meetings", raw=b"{", token=server.operator).status == 400
    assert server.request("/api/v1/meetings", raw=b"[]", token=server.operator).status == 400
    assert server.request("/api/v1/meetings", raw=b'{"a":1,"a":2}',
                          token=server.operator).status == 400


def test_a_meeting_of_a_whole_country_is_made(server):
    sites = [{"id": f"xa-{i:04}", "name": f"Xã số {i}", "role": "site" if i else "chair"}
             for i in range(3400)]
    made = server.request("/api/v1/meetings", {"meeting": "toan-quoc", **COMPLETE, "title": "Toàn quốc",
                                               "sites": sites}, token=server.operator)
    assert made.status == 201
    urls = {link["url"] for link in made.json["links"]}
    assert len(urls) == len(sites) + 1


def test_only_operators_make_meetings_and_links(server):
    keys = server.create()
    for site in (None, "chu-toa", "hue"):
        token = server.token(keys[site])
        for path in ("/api/v1/meetings", "/api/v1/meetings/giao-ban/links"):
            assert server.request(path, {"site": "hue"}, token=token).status == 403
    link = server.request("/api/v1/meetings/giao-ban/links", {"site": "hue"},
                          token=server.operator).json
    assert (link["site"], link["role"]) == ("hue", "site")
    assert server.token(link["url"].rsplit("/", 1)[1])
    for body, status in (({"site": "khong-co"}, 404), ({}, 400),
                         ({"site": "hue", "role": "secretary"}, 400), ({"role": "king"}, 400)):
        assert server.request("/api/v1/meetings/giao-ban/links", body,
                              token=server.operator).status == status, body


def test_who_sees_which_meetings(server):
    keys = server.create()
    server.create("hop-khac")
    listed = server.request("/api/v1/meetings", token=server.operator).json
    assert [meeting["id"] for meeting in listed] == ["giao-ban", "hop-khac"]
    assert set(listed[0]) == {"id", "title", "state", "created", "opened", "closed"}
    listed = server.request("/api/v1/meetings", token=server.token(keys["hue"])).json
    assert [meeting["id"] for meeting in listed] == ["giao-ban"]
    assert server.request("/api/v1/meetings").status == 401
    assert server.request("/api/v1/meetings", token="x" * 500).status == 401


# Documents

DOCUMENTS = ["minutes.json", "minutes.html", "minutes.docx", "minutes.pdf", "directives.json", "journal.jsonl", "recordings/"]


def test_documents_are_for_chair_secretary_and_operator(server):
    keys = server.create()
    server.create("hop-khac")
    readers = [server.operator, server.token(keys["chu-toa"]), server.token(keys[None])]
    for name in DOCUMENTS:
        address = f"/api/v1/meetings/giao-ban/{name}"
        assert [server.request(address, token=token).status for token in readers] == [200] * 3
        assert server.request(address, token=server.token(keys["hue"])).status == 403
        assert server.request(address).status == 401
        other = f"/api/v1/meetings/hop-khac/{name}"
        assert server.request(other, token=server.token(keys[None])).status == 403
        nowhere = server.request(f"/api/v1/meetings/khong-co/{name}", token=server.operator)
        assert nowhere.status == 404 and nowhere.reason == "no-such-meeting"


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = "Kết luận <b>& ]]> đảo chuông"


async def hold_a_meeting(server):
    keys = server.create()
    chair = await server.join(keys["chu-toa"])
    secretary = await server.join(keys[None])
    await chair.call("meeting.open")
    await chair.call("floor.grant", {"site": "hue"})
    await chair.call("directive.issue", {"text": "Rà soát thủ tục, công khai kết quả.",
                                         "lead": "hue", "due": "2027-01-31"})
    await chair.call("directive.issue", {"text": "Chưa rõ ai làm."})
    await secretary.call("minutes.note", {"text": HOSTILE})
    await chair.call("meeting.close", {"unfinished": True})


def words(text):
    return " ".join(re.sub(r"\f\d*", " ", text).split())


def docx_text(content):
    """The paragraphs of all cells and of what stands outside, in order, and the parts' roots."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        parts = {name: ElementTree.fromstring(packed.read(name)) for name in packed.namelist()
                 if name.endswith((".xml", ".rels"))}
    body = parts["word/document.xml"]
    return [words("".join(run.text or "" if run.tag == W + "t" else " " for run in paragraph.iter()
                          if run.tag in (W + "t", W + "br", W + "tab")))
            for paragraph in body.iter(W + "p")], parts


def test_the_minutes_say_the_same_as_docx_and_as_pdf(server, tmp_path):
    play(hold_a_meeting(server))
    def read(name):
        answer = server.request(f"/api/v1/meetings/giao-ban/{name}", token=server.operator)
        assert answer.status == 200
        return answer.body
    paragraphs, parts = docx_text(read("minutes.docx"))
    said = [text for text in paragraphs if text]
    labels = ["Thời gian bắt đầu:", "Địa điểm:", "Thành phần tham dự:", "Chủ trì (chủ tọa):",
              "Thư ký (người ghi biên bản):", "Nội dung"]
    found = [next(i for i, text in enumerate(said) if text.startswith(label)) for label in labels]
    assert found == sorted(found)
    assert any(text.endswith("./.") for text in said)
    assert any("31/01/2027" in text or "31/1/2027" in text for text in said)
    assert any("chưa xác định" in text for text in said)
    assert any("<b>&" in text for text in said)
    document = parts["word/document.xml"]
    assert all(section.find(W + "titlePg") is not None for section in document.iter(W + "sectPr"))
    page = next(document.iter(W + "pgMar")).attrib
    assert 1134 <= int(page[W + "top"]) <= 1418 and 1701 <= int(page[W + "left"]) <= 1985
    file = tmp_path / "minutes.pdf"
    file.write_bytes(read("minutes.pdf"))
    assert subprocess.run(["qpdf", "--check", str(file)], capture_output=True).returncode == 0
    shown = words(subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True,
                                 text=True, check=True).stdout).replace(" ", "")
    missing = [text for text in said if text.replace(" ", "") not in shown]
    assert missing == []
    assert read("minutes.docx") == read("minutes.docx")


def test_a_plain_link_is_read_with_the_cookie(server):
    keys = server.create()
    token = server.token(keys[None])
    answer = server.request("/api/v1/meetings/giao-ban/minutes.html",
                            headers={"Cookie": f"a=b; nhipcau_token={token}; c=d"})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_a_long_journal_is_whole_and_its_chain_holds(make_server, tmp_path):
    server = make_server({"frames-per-second": 10000, "frames-burst": 10000})

    async def run():
        keys = server.create()
        chair = await server.join(keys["chu-toa"])
        ids = [await chair.send("message.send", {"text": f"số {i}"}) for i in range(600)]
        for request in ids:
            await chair.answer(request)
    play(run())
    body = server.request("/api/v1/meetings/giao-ban/journal.jsonl", token=server.operator).body
    assert [json.loads(line)["seq"] for line in body.splitlines()][:602] == list(range(1, 603))
    copy = tmp_path / "journal.jsonl"
    copy.write_bytes(body)

    def verify(*arguments):
        return subprocess.run([str(PROGRAM), "verify", *map(str, arguments)], capture_output=True,
                              text=True, check=False)
    assert verify(copy).returncode == 0
    assert verify("--database", server.data / "nhipcau.db").returncode == 0
    copy.write_bytes(body.replace("số 300".encode(), "số 301".encode()))
    changed = verify(copy)
    assert changed.returncode == 1 and "303" in changed.stdout + changed.stderr
    assert verify(tmp_path / "khong-co").returncode == 1
    assert verify().returncode == 2


def test_a_damaged_meeting_is_closed_and_the_others_go_on(server):
    async def run():
        keys = server.create()
        others = server.create("hop-khac")
        assert server.stop() == 0
        import sqlite3
        with sqlite3.connect(server.data / "nhipcau.db") as database:
            database.execute("UPDATE event SET body = replace(body, 'Điểm cầu', 'Điểm sầu') "
                             "WHERE meeting = 'giao-ban'")
        database.close()
        server.start()
        room = await server.connect()
        try:
            await room.hello(server.token(keys["hue"]))
            raise AssertionError("it was let in")
        except Exception as error:  # noqa: BLE001
            assert getattr(error, "reason", None) == "storage", error
        assert (await server.join(others["hue"])).hello_answer["seq"] == 2
        assert server.metric("meetings_damaged") == 1
        assert "giao-ban" in server.log()
        again = server.request("/api/v1/meetings", {
            "meeting": "giao-ban", "title": "x",
            "sites": [{"id": "hue", "name": "Huế", "role": "chair"}]}, token=server.operator)
        assert again.status == 507
    play(run())


# Recordings


@pytest.fixture
def recorded(server):
    server.create()
    part = server.data / "recordings/giao-ban/part-001"
    part.mkdir(parents=True)
    (part / "program.webm").write_bytes(bytes(range(256)) * 4096)
    (part / "manifest.json").write_text('{"files": [{"file": "program.webm"}]}')
    (part / "leak.webm").symlink_to(server.data / "operator-secret")
    (server.data / "recordings/giao-ban/part-002").mkdir()
    (server.data / "recordings/giao-ban/part-002/program.webm").write_bytes(b"begun")
    (server.data / "recordings/giao-ban/outside").symlink_to(server.data)
    return server


ADDRESS = "/api/v1/meetings/giao-ban/recordings/"


def fetch(server, name, **headers):
    return server.request(ADDRESS + name, token=server.operator,
                          headers={key.replace("_", "-"): value for key, value in headers.items()})


def test_the_manifest_lists_finished_and_running_parts(recorded):
    answer = fetch(recorded, "").json
    assert answer["meeting"] == "giao-ban"
    first, second = answer["parts"]
    assert first == {"path": "part-001", "finished": True,
                     "manifest": {"files": [{"file": "program.webm"}]}}
    assert second == {"path": "part-002", "finished": False,
                      "files": [{"file": "program.webm", "bytes": 5}]}


def test_a_recording_is_fetched_whole_and_in_ranges(recorded):
    whole = fetch(recorded, "part-001/program.webm")
    content = bytes(range(256)) * 4096
    assert whole.status == 200 and whole.body == content
    assert whole.headers["Content-Type"] == "video/webm"
    assert whole.headers["Accept-Ranges"] == "bytes"
    size = len(content)
    for asked, first, last in (("0-0", 0, 0), ("10-99", 10, 99), ("1000000-", 1000000, size - 1),
                               ("-7", size - 7, size - 1), ("5-99999999", 5, size - 1),
                               ("-99999999", 0, size - 1)):
        part = fetch(recorded, "part-001/program.webm", Range=f"bytes={asked}")
        assert part.status == 206, asked
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert part.body == content[first : last + 1], asked
    for asked in (f"{size}-", "-0"):
        answer = fetch(recorded, "part-001/program.webm", Range=f"bytes={asked}")
        assert answer.status == 416 and answer.headers["Content-Range"] == f"bytes */{size}"
    for asked in ("5-2", "a-b", "-", "1-2,5-6", "--1"):
        assert fetch(recorded, "part-001/program.webm", Range=f"bytes={asked}").status == 200
    tag = whole.headers["ETag"]
    assert fetch(recorded, "part-001/program.webm", If_None_Match=tag).status == 304
    assert fetch(recorded, "part-001/program.webm", Range="bytes=0-1", If_Range=tag).status == 206
    assert fetch(recorded, "part-001/program.webm", Range="bytes=0-1",
                 If_Range='"old"').status == 200
    head = recorded.request(ADDRESS + "part-001/program.webm", token=recorded.operator,
                            method="HEAD")
    assert head.status == 200 and int(head.headers["Content-Length"]) == size and not head.body


def test_nothing_outside_the_recordings_is_given(recorded):
    header = f"Authorization: Bearer {recorded.operator}\r\n"
    for name in ("part-001/leak.webm", "outside/operator-secret", "../../operator-secret",
                 "part-001/../../../operator-secret", "..%2f..%2foperator-secret",
                 "%2e%2e/%2e%2e/operator-secret", "/etc/passwd", "part-001", "part-001/",
                 "part-001/%00", "part-001//program.webm", ".hidden", "part-001/khong-co"):
        status, body = raw_request(recorded, ADDRESS + name, header)
        assert status in (400, 404), name
        assert recorded.request("/healthz").status == 200
        secret = (recorded.data / "operator-secret").read_bytes().strip()
        assert secret not in body, name


# The web app


def test_the_web_app_is_served_with_strict_headers(make_server, web):
    server = make_server(arguments=["--bridge", "none", "--web", str(web)])
    page = server.request("/")
    assert page.status == 200 and page.body == (web / "index.html").read_bytes()
    assert server.request("/j/Vn3-abc_").body == page.body
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Strict-Transport-Security"]
    assert page.headers["Cache-Control"] == "no-cache" and page.headers["ETag"]
    script = server.request("/main.js")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    for path in ("/.hidden", "/link.js", "/%2e%2e/nhipcau.conf", "/../nhipcau.conf", "//main.js",
                 "/main.js/", "/khong-co", "/j", "/index.html%00.js"):
        assert raw_request(server, path)[0] in (400, 404), path
    assert server.request("/main.js", {}).status == 405
    assert server.request("/api/v1/khong-co").status == 404
    assert server.request("/api/v1/login").status == 405


def test_a_large_body_is_not_taken(server):
    answer = server.request("/api/v1/login", raw=b" " * (1024 * 1024 + 1))
    assert answer.status == 413
    host, port = server.listen.rsplit(":", 1)
    connection = http.client.HTTPSConnection(host, int(port), context=server.tls, timeout=30)
    connection.request("POST", "/api/v1/login", iter([b"{}"]), {"Content-Type": "application/json"},
                       encode_chunked=True)
    assert connection.getresponse().status == 411
    connection.close()


def test_health_and_metrics_need_no_token(server):
    keys = server.create()
    assert server.request("/healthz").status == 200
    assert server.request("/readyz").status == 503

    async def run():
        await server.join(keys["hue"])
        assert server.metric("sessions") == 1
    play(run())
    text = server.request("/metrics").body.decode()
    assert 'nhipcau_commands_total{method="meeting.create",result="ok"} 1' in text
    assert "nhipcau_events_total 2" in text or "nhipcau_events_total 3" in text
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) .*|nhipcau_\w+(\{(\w+="[^"\\]*",?)+\})? -?[0-9.e+]+',
                            line), line


# The program


def test_a_data_directory_has_one_server(server):
    second = subprocess.run(
        [str(PROGRAM), "serve", "--data", str(server.data), "--listen", "127.0.0.1:0",
         "--bridge", "none"], capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1 and "another server" in second.stderr


def test_wrong_configurations_are_named(tmp_path):
    path = tmp_path / "nhipcau.conf"
    for text, words in (("[limits]\n\nframes-per-second = many\n", [":3:", "frames-per-second"]),
                        ("[server]\ncolour = red\n", [":2:", "[server]", "colour"]),
                        ("[kitchen]\nsink = 1\n", [":1:", "[kitchen]"]),
                        ("[server]\nlisten = nowhere\n", ["listen", "nowhere"]),
                        ("[server]\ncertificate = x\n", ["private-key"]),
                        ("[server]\npublic-url = http://x\n", ["public-url"]),
                        ("not a file", [str(path)])):
        path.write_text(text)
        done = subprocess.run([str(PROGRAM), "serve", "--config", str(path), "--data",
                               str(tmp_path / "data")], capture_output=True, text=True,
                              timeout=30, check=False)
        assert done.returncode == 1, text
        for word in words:
            assert word in done.stderr, (text, done.stderr)


def test_the_example_configuration_is_taken(make_server):
    example = (ROOT / "config/nhipcau.conf").read_text()
    uncommented = re.sub(r"^#([a-z-]+ = )", r"\1", example, flags=re.M)
    for text in (example, uncommented):
        server = make_server()
        server.stop()
        server.config.write_text(re.sub(r"^(certificate|private-key|web|program|arguments|"
                                        r"public-url|data|listen) = .*\n", "", text, flags=re.M))
        server.start()
        assert server.request("/healthz").status == 200


def test_help_and_version(tmp_path):
    def run(*arguments):
        return subprocess.run([str(PROGRAM), *arguments], capture_output=True, text=True,
                              timeout=30, check=False)
    assert "usage:" in run("--help").stdout
    assert re.match(r"nhipcau-signaling \d+\.\d+\.\d+$", run("--version").stdout)
    assert run("--khong-co").returncode == 2
    assert run("bay").returncode == 2
