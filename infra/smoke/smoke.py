"""Walks a whole journey through a running stack, as a family and its camera would, and says where it breaks.

`make smoke URL=…` calls it. It wants nothing but Python's standard library. Environment:

PHONE        the account it registers, or takes over by resetting its password: a phone of yours, because real messages
             go there. Against a local stack: a made-up one unless given.
BACKEND_KEY  the deployment's key; with it all codes are in the replies. Without it, it asks for the codes that arrive
             on PHONE (a local stack has them in its outbox), and for what a picture says where the deployment wants a
             captcha before each code (RequireCaptchaForSms).

It leaves the account behind, with a password that nobody knows and a portrait of coloured dots, and nothing else: the
camera that it adds is removed again, with its falls.
"""

import base64
import hashlib
import json
import os
import random
import secrets
import struct
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zlib

# What sms/generate answers where a captcha's hash is wanted: none was sent, or a wrong one.
HASH_MISSING, HASH_WRONG = -3, -4

# How often a picture may be misread.
PICTURES = 3


class Broken(Exception):
    """A step did not answer what it must."""


class Refused(Broken):
    """It answered another status."""

    def __init__(self, status, message, expected):
        super().__init__(f"status {status} ({message}) where {expected} was expected")
        self.status = status


def ask(question):
    """What the operator types."""
    try:
        return input(f"  {question}: ").strip()
    except EOFError:
        print()
        raise Broken(f"nobody is there to tell {question}: run it in a terminal, or give it BACKEND_KEY") from None


class Stack:
    """A stack, and what this run holds of it."""

    def __init__(self, url, key):
        self.url = url.rstrip("/")
        self.backend = {"x-api-key": key} if key else {}
        self.is_local = self.request("GET", "/_local/routes")[0] == 200

    def request(self, method, path, body=None, headers=None):
        """Any request: HTTP status, headers, bytes. An HTTP error is an answer, too."""
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def call(self, path, operation, data, expect=0, headers=None):
        """An operation of the main API: its `data`, once the status is the expected one."""
        kind, subtype = operation.split("/")
        body = json.dumps({"id": 7, "type": kind, "subtype": subtype, "data": data}).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        return self.envelope(*self.request("POST", path, body, headers), expect, 7)

    def get(self, path, expect=0):
        """An operation that is a GET."""
        return self.envelope(*self.request("GET", path), expect, -1)

    @staticmethod
    def envelope(http_status, headers, body, expect, call_id):
        if http_status != 200:
            raise Broken(f"HTTP {http_status} instead of an envelope: {body[:200]!r}")
        reply = json.loads(body)
        status = reply["status"]
        if expect is not None and status != expect:
            raise Refused(status, reply["message"], expect)
        if reply["id"] != call_id:
            raise Broken(f"the id {reply['id']} came back, not {call_id}")
        return reply["data"] if expect is not None else (status, reply["data"])

    def code_hash(self, phone, purpose):
        """Has a code sent to `phone` (1 to register, 2 to reset the password) and answers its hash."""
        reply = self.send_code({"phone": phone, "command_type": purpose})
        code = reply.get("title") or self.read_code(phone)
        return hashlib.md5((code + reply["rand"]).encode()).hexdigest()

    def send_code(self, data):
        """sms/generate; with a solved captcha where the deployment wants one, which only its answer tells."""
        for _ in range(PICTURES):
            try:
                return self.call("/api/captcha", "sms/generate", data, headers=self.backend)
            except Refused as refused:
                if refused.status not in (HASH_MISSING, HASH_WRONG):
                    raise
                print("  it wants a captcha first" if refused.status == HASH_MISSING else "  the captcha was wrong")
            data = {**data, "hash": self.captcha_hash()}
        return self.call("/api/captcha", "sms/generate", data, headers=self.backend)

    def captcha_hash(self):
        """The hash of a picture that was read: by whoever drew it, or by the operator."""
        captcha = self.call("/api/captcha", "img/generate", {}, headers=self.backend)
        text = captcha.get("code") or self.read_picture(base64.b64decode(captcha["imgdata"]))
        return hashlib.md5((text.lower() + captcha["rand"]).encode()).hexdigest()

    @staticmethod
    def read_picture(picture):
        with tempfile.NamedTemporaryFile(prefix="captcha-", suffix=".png") as file:
            file.write(picture)
            file.flush()
            return ask(f"what the picture {file.name} says")

    def read_code(self, phone):
        if not self.is_local:
            return ask(f"the code that arrived on {phone}")
        outbox = json.loads(self.request("GET", "/_local/sms")[2])
        text = next(message["message"] for message in outbox if message["phone"] == phone)
        return "".join(c if c.isdigit() else " " for c in text).split()[0]


def png():
    """A picture that no earlier run has sent."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = b"".join(b"\0" + secrets.token_bytes(3 * 8) for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def demand(what, condition):
    if not condition:
        raise Broken(what)


def account(stack, phone, password):
    """Registers `phone`; where it has an account, resets its password: the codes prove that it is the operator's."""
    data = {"phone": phone, "hash": stack.code_hash(phone, 1), "pass": password}
    status, _ = stack.call("/api/user/register", "register/phone", data, expect=None)
    if status == 101:
        print("  it has an account: waiting half a minute for the next code", flush=True)
        time.sleep(31)
        data["hash"] = stack.code_hash(phone, 2)
        stack.call("/api/user/password", "password/forget", data)
    else:
        demand(f"registering answered {status}", status == 0)


def journey(stack, phone):
    """Each step's name, just before it is taken."""
    password = secrets.token_urlsafe(12)

    yield "unknown paths are 404, wrong methods 405"
    demand("an unknown path is not 404", stack.request("GET", "/no/such/path")[0] == 404)
    demand("a wrong method is not 405", stack.request("GET", "/api/device")[0] == 405)

    yield "an image captcha is drawn, and a wrong answer refused"
    captcha = stack.call("/api/captcha", "img/generate", {}, headers=stack.backend)
    demand("BACKEND_KEY is not the deployment's", "code" in captcha or not stack.backend)
    demand("it is no PNG", base64.b64decode(captcha["imgdata"]).startswith(b"\x89PNG"))
    stack.call("/api/captcha", "img/validate", {"hash": "0" * 32}, expect=100)

    yield "a code is sent, and whoever has it gets the account"
    account(stack, phone, password)

    yield "the password logs in, another one does not"
    stack.call("/api/user/login", "login/pass", {"phone": phone, "pass": password + "x"}, expect=101)
    token = stack.call("/api/user/login", "login/pass", {"phone": phone, "pass": password})["token"]
    with_token = f"?token={token}"

    yield "the token lives, a made-up one does not"
    stack.get("/api/user/doki" + with_token)
    stack.get("/api/user/doki?token=" + "0" * 32, expect=1)
    demand("the profile is another's", stack.get("/api/user/info" + with_token)["phone"] == phone)

    yield "a portrait is stored and served"
    portrait = png()
    stack.call("/api/portrait" + with_token, "portrait/upload", {"base64": base64.b64encode(portrait).decode()})
    _, headers, served = stack.request("GET", "/api/get/portrait/" + phone)
    demand("another picture is served", served == portrait and headers["Content-Type"] == "image/png")

    yield "a camera is added and bound"
    name = f"smoke {secrets.token_hex(4)}"
    camera = stack.call("/api/device" + with_token, "device/add", {"device": name})["device_id"]
    try:
        stack.call("/api/device" + with_token, "device/bind", {"device_id": camera})
        yield from fall(stack, with_token, camera, name)
    finally:
        stack.call("/api/device" + with_token, "device/remove", {"device_id": camera})

    yield "the removed camera reports nothing any more"
    data = {"base64": base64.b64encode(png()).decode()}
    stack.call(f"/api/notice?token={camera}", "notice/upload", data, expect=-104)


def fall(stack, with_token, camera, name):
    yield "the camera reports a fall, and the same report again is the same fall"
    picture = png()
    report = {"base64": base64.b64encode(picture).decode(), "content": "smoke test"}
    once = {"Idempotency-Key": secrets.token_hex(8)}
    for _ in range(2):
        answer = stack.call(f"/api/notice?token={camera}", "notice/upload", report, headers=once)
        demand("the picture's name is not its MD5", answer["pic_name"] == hashlib.md5(picture).hexdigest())

    yield "the family lists it, looks at it, and marks it"
    path = "/api/get/notice" + with_token
    unread = stack.call(path, "notice/get", {"mode": 0})["list"]
    ours = [notice for notice in unread if notice["device"] == name]
    demand(f"{len(ours)} unread notices of the camera, not one", len(ours) == 1)
    event = {"event_id": ours[0]["event_id"]}
    shown = stack.call(path, "notice/info", event)["base64"]
    demand("another picture is shown", base64.b64decode(shown) == picture)
    stack.call(path, "notice/sign", event)
    stack.call(path, "notice/sign", event, expect=101)

    yield "a stranger sees nothing"
    stack.call("/api/get/notice?token=" + "0" * 32, "notice/info", event, expect=-101)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: smoke.py URL")
    try:
        stack = Stack(sys.argv[1], os.environ.get("BACKEND_KEY"))
    except OSError as error:
        sys.exit(f"{sys.argv[1]} does not answer: {error}")
    phone = os.environ.get("PHONE") or (stack.is_local and f"1390{random.randrange(10**7):07}")
    if not phone:
        sys.exit("PHONE must be a phone of yours: real messages go there")
    started, step = time.monotonic(), "starting"
    try:
        for step in journey(stack, phone):
            print(step, flush=True)
    except (Broken, OSError, LookupError, ValueError) as error:
        sys.exit(f"BROKEN, {step}: {error}")
    print(f"all well, in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
