"""A server of one's own for each test, and clients that speak to it as rooms do."""

import asyncio
import json
import os
import re
import signal
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import websockets

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NHIPCAU_BUILD", ROOT / "build/debug"))
PROGRAM = BUILD / "signaling/nhipcau-signaling"

# Secrets are made to be costly to check; here they are cheap.
CHEAP = {"secret-memory-kib": 64, "secret-passes": 1}
PATIENCE = 30  # seconds that anything may take before a test gives up


# What a meeting must say before it may open.
COMPLETE = {"declared": True, "secretary": {"name": "Trần Thị Bình"},
            "chair": {"name": "Nguyễn Văn An", "post": "Phó Thủ tướng"}}


open_rooms = []


def play(coroutine):
    """Runs a test's coroutine; what it left open is cut off, so that nothing waits for closing."""
    async def run():
        try:
            await asyncio.wait_for(coroutine, 10 * PATIENCE)
        finally:
            for room in open_rooms:
                room.abort()
            await asyncio.gather(*(room.reader for room in open_rooms), return_exceptions=True)
            open_rooms.clear()
    asyncio.run(run())


async def refused(call):
    """The refusal that a call must meet."""
    with pytest.raises(Refused) as caught:
        await call
    return caught.value


class Refused(Exception):
    """A JSON-RPC error."""

    def __init__(self, error):
        super().__init__(f"{error['data']['reason']}: {error['message']}")
        self.code = error["code"]
        self.reason = error["data"]["reason"]
        self.field = error["data"].get("field")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        return self.json["error"]["reason"]


class NoRedirect(urllib.request.HTTPErrorProcessor):
    """Every status is an answer, none an exception."""

    def http_response(self, request, response):
        return response

    https_response = http_response


class Room:
    """One WebSocket. Answers go to their callers; events and notifications are kept, and awaited
    with event() and notification(), each handed out once and in order."""

    def __init__(self, socket):
        self.socket = socket
        self.events = []  # all, for judging order and completeness
        self.hello_answer = None
        self._unread_events = []
        self._notifications = []
        self._answers = {}
        self._orphans = []  # errors without an id
        self._next_id = 1
        self._changed = asyncio.Condition()
        self._is_over = False
        self.reader = asyncio.ensure_future(self._read())

    @property
    def seq(self):
        return self.events[-1]["seq"] if self.events else self.hello_answer["seq"]

    async def _read(self):
        try:
            async for text in self.socket:
                await self._take(json.loads(text))
        except websockets.ConnectionClosed:
            pass
        self._is_over = True
        async with self._changed:
            self._changed.notify_all()

    async def _take(self, message):
        async with self._changed:
            if message.get("method") == "event":
                self.events.append(message["params"])
                self._unread_events.append(message["params"])
            elif "method" in message:
                self._notifications.append((message["method"], message["params"]))
            elif message["id"] is None:
                self._orphans.append(message["error"])
            else:
                self._answers[message["id"]] = message
            self._changed.notify_all()

    async def _await(self, find, what, timeout):
        async def wait():
            async with self._changed:
                while (found := find()) is None:
                    if self._is_over:
                        raise AssertionError(f"the connection ended before {what}")
                    await self._changed.wait()
                return found
        try:
            return await asyncio.wait_for(wait(), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(f"{what} did not come; unread: {self._unread_events} "
                                 f"{self._notifications}") from None

    async def event(self, kind, timeout=PATIENCE, **body):
        """The next event of a type (whose body holds these values)."""
        def find():
            for i, event in enumerate(self._unread_events):
                if event["type"] == kind and body.items() <= event["body"].items():
                    del self._unread_events[: i + 1]
                    return event
            return None
        return await self._await(find, f"event {kind} {body}", timeout)

    async def notification(self, method, timeout=PATIENCE):
        def find():
            for i, (name, params) in enumerate(self._notifications):
                if name == method:
                    del self._notifications[i]
                    return params
            return None
        return await self._await(find, f"notification {method}", timeout)

    async def orphan(self, timeout=PATIENCE):
        """The next error that answers no request."""
        return await self._await(lambda: self._orphans.pop(0) if self._orphans else None,
                                 "an error without an id", timeout)

    async def send(self, method, params=None):
        request_id = self._next_id
        self._next_id += 1
        await self.socket.send(json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method,
                                           "params": params or {}}))
        return request_id

    async def answer(self, request_id, timeout=PATIENCE):
        message = await self._await(lambda: self._answers.pop(request_id, None),
                                    f"the answer to {request_id}", timeout)
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    async def call(self, method, params=None, timeout=PATIENCE):
        return await self.answer(await self.send(method, params), timeout)

    async def hello(self, token, **params):
        self.hello_answer = await self.call("session.hello", {"token": token, **params})
        return self.hello_answer

    async def ended(self, timeout=PATIENCE):
        """The close code, once the connection is over."""
        await asyncio.wait_for(asyncio.shield(self.reader), timeout)
        return self.socket.close_code

    async def close(self, code=1000):
        await self.socket.close(code)
        await self.reader

    def abort(self):
        """As when a cable is pulled: no closing of any kind."""
        if self.socket.transport is not None:
            self.socket.transport.abort()


class Server:
    def __init__(self, folder, limits=None, arguments=(), more=""):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.config = self.folder / "nhipcau.conf"
        self.arguments = list(arguments) or ["--bridge", "none"]
        self.listen = "127.0.0.1:0"
        self.process = None
        self.tokens = {}
        # `more`: further lines of the configuration.
        settings = "".join(f"{key} = {value}\n"
                           for key, value in {**CHEAP, **(limits or {})}.items())
        self.config.write_text(f"[limits]\n{settings}{more}")
        self.start()

    def start(self):
        with open(self.folder / "server.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), "serve", "--config", str(self.config), "--data", str(self.data),
                 "--listen", self.listen, *self.arguments],
                stdout=subprocess.PIPE, stderr=log, text=True)
        words = self.process.stdout.readline().split()
        assert len(words) == 2 and words[0] == "listening", self.log()
        self.url = words[1]
        self.listen = self.url.removeprefix("https://")
        self.tls = ssl.create_default_context(cafile=str(self.data / "tls/cert.pem"))

    def log(self):
        return (self.folder / "server.log").read_text(encoding="utf-8")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Ends it as an init system does; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        return status

    def end(self):
        """Ends it in any case; its exit status, 0 if a test has ended it already."""
        if self.process.returncode is not None:
            return 0
        try:
            return self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
            return "did not end"

    def request(self, path, body=None, token=None, method=None, headers=None, raw=None):
        request = urllib.request.Request(self.url + path, method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None or raw is not None:
            request.data = raw if raw is not None else json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.remove_header(name.capitalize())
            request.add_header(name, value)
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=self.tls), NoRedirect)
        with opener.open(request, timeout=PATIENCE) as answer:
            return Answer(answer.status, answer.headers, answer.read())

    @property
    def operator(self):
        """The operator's token."""
        if "operator" not in self.tokens:
            secret = (self.data / "operator-secret").read_text().strip()
            answer = self.request("/api/v1/login", {"account": "operator", "secret": secret})
            assert answer.status == 200, answer.body
            self.tokens["operator"] = answer.json["token"]
        return self.tokens["operator"]

    def create(self, meeting="giao-ban", sites=("chu-toa", "da-nang", "hue"), site_list=None,
               **params):
        """Makes a meeting whose first site is the chairing room; the keys of its links, by site
        (None: the secretary's)."""
        made = self.request("/api/v1/meetings", {
            "meeting": meeting, **COMPLETE, "title": "Hội nghị giao ban",
            "sites": site_list or [{"id": site, "name": f"Điểm cầu {site}",
                                    "role": "site" if i else "chair"}
                                   for i, site in enumerate(sites)],
            **params}, token=self.operator)
        assert made.status == 201, made.body
        return {link["site"]: link["url"].rsplit("/", 1)[1] for link in made.json["links"]}

    def token(self, key):
        answer = self.request("/api/v1/join", {"key": key})
        assert answer.status == 200, answer.body
        return answer.json["token"]

    async def connect(self, **options):
        socket = await websockets.connect(
            self.url.replace("https", "wss") + "/api/v1/ws", ssl=self.tls,
            subprotocols=["nhipcau.v1"], max_size=None, **options)
        room = Room(socket)
        open_rooms.append(room)
        return room

    async def join(self, key, **params):
        """A room that has said hello."""
        room = await self.connect()
        await room.hello(self.token(key), **params)
        return room

    def journal(self, meeting="giao-ban"):
        answer = self.request(f"/api/v1/meetings/{meeting}/journal.jsonl", token=self.operator)
        assert answer.status == 200, answer.body
        return [json.loads(line) for line in answer.body.decode().splitlines()]

    def metric(self, name):
        for line in self.request("/metrics").body.decode().splitlines():
            if line.startswith(f"nhipcau_{name} "):
                return float(line.split()[1])
        raise AssertionError(f"there is no metric {name}")


@pytest.fixture
def make_server(tmp_path):
    """Makes servers, each in a folder of its own; ends them and judges how they ended."""
    servers = []

    def make(limits=None, arguments=(), more=""):
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        servers.append(Server(folder, limits, arguments, more))
        return servers[-1]

    yield make
    # All are ended before any is judged.
    ends = [(server.end(), server.log()) for server in servers]
    for status, log in ends:
        assert status == 0, log
        assert not re.search(r"ERROR: \w+Sanitizer|runtime error|CRITICAL|WARNING \*\*", log), log


@pytest.fixture
def server(make_server):
    return make_server()
