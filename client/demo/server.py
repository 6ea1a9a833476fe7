"""Starts a server of one's own on a free port, and signs in as its operator."""

import json
import ssl
import subprocess
import urllib.request
from pathlib import Path

# What a meeting must say before it may open.
COMPLETE = {"declared": True, "secretary": {"name": "Trần Thị Bình"},
            "chair": {"name": "Nguyễn Văn An", "post": "Phó Thủ tướng"}}


class Server:
    def __init__(self, build, data, web, log, listen="127.0.0.1:0", bridge_build=None,
                 config=None):
        self.data = Path(data)
        self.program = Path(build) / "signaling/nhipcau-signaling"
        self.process = subprocess.Popen(
            [str(self.program), "serve", *(["--config", str(config)] if config else []), "--data", str(self.data), "--listen", listen,
             "--web", str(web), "--bridge", str(Path(bridge_build or build) / "bridge/nhipcau-bridge")],
            stdout=subprocess.PIPE, stderr=log, text=True,
            start_new_session=True)  # a Ctrl-C is the driver's to answer
        line = self.process.stdout.readline().split()
        if len(line) != 2 or line[0] != "listening":
            raise RuntimeError(f"the server did not start; see {log.name}")
        self.url = line[1]
        # The certificate is the one that this server has just made for itself.
        self.tls = ssl.create_default_context(cafile=str(self.data / "tls/cert.pem"))
        self.token = None

    def request(self, path, body=None, raw=False):
        request = urllib.request.Request(self.url + path)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, context=self.tls, timeout=30) as answer:
            content = answer.read()
        return content if raw else json.loads(content)

    def sign_in(self):
        secret = (self.data / "operator-secret").read_text().strip()
        self.token = self.request("/api/v1/login",
                                  {"account": "operator", "secret": secret})["token"]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
