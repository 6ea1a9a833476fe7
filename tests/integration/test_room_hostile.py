"""A server that breaks the protocol: a room says so, keeps what it has, and comes back."""

import asyncio
import base64
import hashlib
import json
import os
import ssl
import struct
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NHIPCAU_BUILD", ROOT / "build/debug"))
PROGRAM = BUILD / "client/room/nhipcau-room"
KEY = "Vn3-khoa-cua-diem-cau"
PATIENCE = 30


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=localhost", "-days", "1", "-keyout", str(folder / "key.pem"),
         "-out", str(folder / "cert.pem")], check=True, capture_output=True)
    return folder


class Connection:
    """One WebSocket, from the server's side."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send_raw(self, payload, opcode=1):
        if len(payload) < 126:
            header = struct.pack(">BB", 0x80 | opcode, len(payload))
        elif len(payload) < 65536:
            header = struct.pack(">BBH", 0x80 | opcode, 126, len(payload))
        else:
            header = struct.pack(">BBQ", 0x80 | opcode, 127, len(payload))
        self.writer.write(header + payload)

    def send(self, **message):
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method, params):
        self.send(method=method, params=params)

    def event(self, seq):
        self.notify("event", {"seq": seq, "type": "note.added", "body": {"note": f"n{seq}"}})

    async def receive(self, method):
        """The next request of that method; pings and other requests are passed over."""
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7f
            if length == 126:
                length = struct.unpack(">H", await self.reader.readexactly(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", await self.reader.readexactly(8))[0]
            mask = await self.reader.readexactly(4)
            payload = bytes(byte ^ mask[i % 4] for i, byte in
                            enumerate(await self.reader.readexactly(length)))
            if first & 0x0f == 1 and (request := json.loads(payload))["method"] == method:
                return request

    async def hello(self, **answer):
        request = await self.receive("session.hello")
        self.send(id=request["id"], result={"site": "hue", "role": "site", "seq": 5, **answer})
        return request["params"]


class Stage:
    """A server whose every answer is the test's, and one room that has come to it."""

    def __init__(self, folder):
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.ca = str(folder / "cert.pem")
        self.connections = asyncio.Queue()
        self.joins = []
        self.join_answer = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n' \
                           b'Content-Length: 14\r\n\r\n{"token": "t"}'
        self.lines = []

    async def serve(self, reader, writer):
        try:
            await self.answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = {name.lower(): value for name, value in
                  (line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)}
        if head.startswith("POST"):
            body = await reader.readexactly(int(fields["content-length"]))
            self.joins.append((head.split()[1], json.loads(body)))
            writer.write(self.join_answer)
            await writer.drain()
            writer.close()
            return
        digest = hashlib.sha1((fields["sec-websocket-key"]
                               + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        writer.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Protocol: nhipcau.v1\r\n"
                      f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n\r\n"
                      ).encode())
        await self.connections.put(Connection(reader, writer))

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.tls)
        port = self.server.sockets[0].getsockname()[1]
        self.room = await asyncio.create_subprocess_exec(
            str(PROGRAM), "--headless", "--insecure", f"https://127.0.0.1:{port}/j/{KEY}",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=16 * 1024 * 1024,
            env={**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":exitcode=99"})

    async def line(self, kind):
        """The next line of that type; what comes before is kept in `lines`."""
        while True:
            text = await self.room.stdout.readline()
            assert text, f"the room ended before {kind}: {self.lines}"
            self.lines.append(json.loads(text))
            if self.lines[-1]["type"] == kind:
                return self.lines[-1]

    async def connection(self):
        return await self.connections.get()

    async def end(self):
        """The room ends in good order: without a sanitizer's finding (99) or a leak."""
        self.room.stdin.write(b'{"quit":true}\n')
        rest = await self.room.stdout.read()
        self.lines += [json.loads(line) for line in rest.decode().splitlines()]
        assert await self.room.wait() == 1  # its media never came up
        assert self.lines[-1]["type"] == "report"
        self.server.close()


@pytest.fixture
def stage(certificate):
    """Runs a test's coroutine with a stage, within a time."""
    def run(play):
        async def perform():
            made = Stage(certificate)
            await made.start()
            try:
                await asyncio.wait_for(play(made), PATIENCE)
            finally:
                if made.room.returncode is None:
                    made.room.kill()
        asyncio.run(perform())
    return run


def test_missing_and_doubled_events_are_told(stage):
    async def play(stage):
        connection = await stage.connection()
        await connection.hello()
        await stage.line("joined")
        for seq in (6, 8, 8, 9):
            connection.event(seq)
        assert "8 came after 6" in (await stage.line("error"))["message"]
        assert "8 came after 8" in (await stage.line("error"))["message"]
        await stage.line("event")
        shown = [line["event"]["seq"] for line in stage.lines if line["type"] == "event"]
        assert shown == [6, 8, 9]
        await stage.end()
    stage(play)


def test_a_resumption_that_leaves_events_out_is_told(stage):
    async def play(stage):
        connection = await stage.connection()
        await connection.hello()
        await stage.line("joined")
        connection.writer.close()
        connection = await stage.connection()
        params = await connection.hello(seq=9, events=[{"seq": 6, "type": "x", "body": {}}])
        assert params["since"] == 5
        assert "6, but the last one is 9" in (await stage.line("error"))["message"]
        assert (await stage.line("resumed"))["events"] == 1
        connection.event(10)
        assert (await stage.line("event"))["event"]["seq"] == 10
        await stage.end()
    stage(play)


def test_a_server_that_has_lost_events_is_told_and_all_begins_anew(stage):
    async def play(stage):
        connection = await stage.connection()
        await connection.hello()
        await stage.line("joined")
        connection.writer.close()
        connection = await stage.connection()
        request = await connection.receive("session.hello")
        connection.send(id=request["id"], error={
            "code": -32602, "message": "beyond the end", "data": {"reason": "invalid",
                                                                  "field": "since"}})
        assert "lost events" in (await stage.line("error"))["message"]
        connection = await stage.connection()
        assert "since" not in await connection.hello(seq=2)
        assert (await stage.line("joined"))["seq"] == 2
        await stage.end()
    stage(play)


def test_nonsense_breaks_nothing(stage):
    nonsense = [None, 5, "x", [], {}, {"seq": "a"}, {"seq": -1}, {"candidate": 4},
                {"candidate": "candidate:1 1 udp x", "mid": []}, {"candidate": "c" * 60000},
                {"sdp": "v=0"}, {"state": []}, {"audio": "loud"}, {"a": {"b": [[[[]]]]}}]

    async def play(stage):
        connection = await stage.connection()
        await connection.hello(state={"meeting": 5, "sites": "none"})
        await stage.line("joined")
        offer = await connection.receive("media.offer")
        connection.send_raw(b"this is not JSON")
        await stage.line("error")
        for method in ("event", "media.candidate", "media.ready", "media.state", "media.hint",
                       "", "x" * 5000):
            for params in nonsense:
                connection.notify(method, params)
        for answer in nonsense:
            connection.send(id=answer)
            connection.send(id=99999, result=answer)
        connection.send(id=offer["id"], result={"sdp": "v=0\r\no=- 1 1 IN IP4 0\r\n"})
        connection.send_raw(bytes(range(256)), opcode=2)
        connection.notify("media.hint", {"audio": True})
        while (await stage.line("notification"))["params"] != {"audio": True}:
            pass
        await stage.end()
    stage(play)


def test_a_bad_answer_to_the_offer_leads_to_another_offer(stage):
    async def play(stage):
        connection = await stage.connection()
        await connection.hello()
        for answer in ({"result": {"sdp": "v=0\r\n"}}, {"result": {}},
                       {"error": {"code": 1009, "message": "the bridge is away"}}):
            offer = await connection.receive("media.offer")
            connection.send(id=offer["id"], **answer)
            await stage.line("trouble")
        await connection.receive("media.offer")
        await stage.end()
    stage(play)


def test_a_message_of_endless_length_ends_the_connection(stage):
    async def play(stage):
        connection = await stage.connection()
        await connection.hello()
        await stage.line("joined")
        connection.send_raw(b" " * (9 * 1024 * 1024))
        await stage.line("trouble")
        await (await stage.connection()).hello(events=[])
        await stage.line("resumed")
        await stage.end()
    stage(play)


def test_an_answer_to_the_link_that_is_too_long_is_not_read_to_its_end(stage):
    async def play(stage):
        stage.join_answer = (b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b" " * 200000)
        assert "too long" in (await stage.line("trouble"))["message"]
        await stage.end()
    stage(play)


def test_a_key_is_not_carried_to_another_address(stage):
    async def play(stage):
        stage.join_answer = (b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\n"
                             b"Content-Length: 0\r\n\r\n")
        await stage.line("trouble")
        await stage.line("trouble")
        assert {path for path, _ in stage.joins} == {"/api/v1/join"}
        assert all(body == {"key": KEY} for _, body in stage.joins)
        await stage.end()
    stage(play)
