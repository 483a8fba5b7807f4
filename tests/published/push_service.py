"""A push service and the browsers behind it, on loopback: what comes is checked and read by published code.

Says one line of JSON when it listens ({"port", "p256dh", "auth"}), and one for each text that comes ({"path", "audience",
"ttl", "urgency", "told"}). What is left below /gone is for nobody any more; below /busy it is taken the second time.
"""

import base64
import json
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

KEY = ec.generate_private_key(ec.SECP256R1())
AUTH = secrets.token_bytes(16)
SEEN = set()
SAYING = threading.Lock()


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def say(value):
    with SAYING:
        print(json.dumps(value), flush=True)


class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = 201
        if self.path.startswith("/gone"):
            status = 410
        elif self.path.startswith("/busy") and self.path not in SEEN:
            SEEN.add(self.path)
            status = 429
        elif self.path.startswith("/closed"):
            status = 403
        if status == 201:
            authorization = self.headers["authorization"]
            assert Vapid02.verify(authorization), authorization
            assert self.headers["content-encoding"] == "aes128gcm", dict(self.headers)
            claims = authorization.split("t=")[1].split(".")[1]
            told = http_ece.decrypt(body, private_key=KEY, auth_secret=AUTH, version="aes128gcm")
            say(
                {
                    "path": self.path,
                    "audience": json.loads(base64.urlsafe_b64decode(claims + "=="))["aud"],
                    "ttl": self.headers["ttl"],
                    "urgency": self.headers["urgency"],
                    "told": json.loads(told),
                }
            )
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Service)
point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
say({"port": server.server_port, "p256dh": text(point), "auth": text(AUTH)})
server.serve_forever()
