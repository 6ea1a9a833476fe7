"""Drives one headless nhipcau-room process that stands for many rooms (client/room/README.md)."""

import itertools
import json
import queue
import subprocess
import threading
import time


class RoomsError(Exception):
    pass


class Rooms:
    """All rooms of one process. Lines of its output are kept until somebody awaits them."""

    def __init__(self, program, links, *options, env=None):
        self.process = subprocess.Popen(
            [str(program), "--headless", *options, *links],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=env,
            start_new_session=True)  # a Ctrl-C is the driver's to answer
        self.lines = []
        self.incoming = queue.Queue()
        self.ids = itertools.count(1)
        self.on_event = lambda event: None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.incoming.put(json.loads(line))
        self.incoming.put(None)

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command, ensure_ascii=False) + "\n")

    def wait(self, matches, what, timeout=30):
        """The first line, now or soon, that `matches`; it is taken out."""
        deadline = time.monotonic() + timeout
        position = 0
        while True:
            for index in range(position, len(self.lines)):
                if matches(self.lines[index]):
                    return self.lines.pop(index)
            position = len(self.lines)
            try:
                line = self.incoming.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise RoomsError(f"waited {timeout} s for {what}") from None
            if line is None:
                raise RoomsError(f"nhipcau-room ended while waiting for {what}")
            if line["type"] == "event":
                self.on_event(line["event"])
            self.lines.append(line)

    def wait_event(self, kind, timeout=30, **body):
        def matches(line):
            return (line["type"] == "event" and line["event"]["type"] == kind
                    and all(line["event"]["body"].get(k) == v for k, v in body.items()))
        return self.wait(matches, f"event {kind} {body or ''}", timeout)["event"]

    def call(self, room, method, params=None):
        """A command of one room; its result, or RoomsError with the server's words."""
        number = f"c{next(self.ids)}"
        self.tell(room=room, call=method, params=params or {}, id=number)
        reply = self.wait(lambda line: line["type"] == "reply" and line["id"] == number,
                          f"the answer to {method}")
        if "error" in reply and reply["error"] is not None:
            raise RoomsError(f"{method} of {room}: {reply['error'].get('message')}")
        return reply["result"]

    def idle(self, seconds):
        """Lets time pass while events go on being shown."""
        try:
            self.wait(lambda line: False, "nothing", seconds)
        except RoomsError:
            if self.process.poll() is not None:
                raise

    def report(self, room):
        number = f"q{next(self.ids)}"
        self.tell(room=room, report=True, id=number)
        return self.wait(lambda line: line["type"] == "report" and line.get("id") == number,
                         f"the report of {room}")

    def quit(self):
        if self.process.poll() is None:
            self.tell(quit=True)
            self.process.wait(timeout=15)
