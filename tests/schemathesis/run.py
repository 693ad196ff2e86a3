"""Holds the local stack to its OpenAPI document with schemathesis: `make test-api`.

It starts the stack that it is given on a free port, makes what the document's examples speak of (accounts, cameras, falls, codes),
and puts the live ids in the place of the made-up ones, so that the examples succeed. It does so twice:

1. schemathesis runs with the document as it is served and every default check. The document allows any body, because any body is answered
   with HTTP 200: this run finds replies that are not described.
2. it runs with what is left when "anything else" is taken out of it. What such a document forbids must be refused in the envelope: that
   is what refused.py checks, beside all of the others.

At the end it counts which operations answered which status, and fails if one that can succeed never did.
"""

import collections
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import requests

HERE = pathlib.Path(__file__).parent
PASSWORD = "correct horse 7"
MAIN, LOGIN, CHANGE, DELETE, REGISTER, ERRNO, FORGET = (f"139000000{n:02}" for n in (1, 2, 3, 4, 5, 6, 10))
BACKEND_KEY = "a-key-for-the-tests-of-the-document"
PICTURE = "R0lGODlhAQABAIAAALMyGwAAACwAAAAAAQABAAACAkQBADs="


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Stack:
    """The local stack in a process of its own, with its data in a directory that goes away with it."""

    def __init__(self, program):
        self.directory = tempfile.TemporaryDirectory()
        self.log = open(pathlib.Path(self.directory.name, "log"), "w+")
        limits = {"SMS_PER_SOURCE_PER_HOUR": "1000000", "SMS_PER_DAY": "1000000", "ADMIN_PHONES": MAIN, "BACKEND_KEY": BACKEND_KEY}
        data = {"PORT": "0", "DATA_DIR": str(pathlib.Path(self.directory.name, "data")), "LOG_LEVEL": "info"}
        self.process = subprocess.Popen(
            [program], env={**os.environ, **limits, **data}, stdout=subprocess.PIPE, text=True
        )
        for line in self.process.stdout:
            if line.startswith("HelpAged is ready at "):
                self.url = line.split()[-1]
                break
        else:
            sys.exit("the stack did not start")
        # Whatever else it writes goes to a file: a pipe that nobody reads would stop it.
        self.copy = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=self.log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.copy.wait(timeout=30)
        self.log.seek(0)
        return [json.loads(line) for line in self.log if line.startswith("{")]

    def post(self, path, operation, data, **arguments):
        kind, subtype = operation.split("/")
        body = {"id": 1, "type": kind, "subtype": subtype, "data": data}
        reply = requests.post(self.url + path, json=body, timeout=30, **arguments).json()
        if reply["status"] != 0:
            sys.exit(f"{operation}: {reply}")
        return reply["data"]

    def get(self, path):
        return requests.get(self.url + path, timeout=30)

    def code(self, phone):
        message = next(sms["message"] for sms in self.get("/_local/sms").json() if sms["phone"] == phone)
        return re.search(r"\d+", message).group()

    def sms_hash(self, phone, command_type=1):
        rand = self.post("/api/captcha", "sms/generate", {"phone": phone, "command_type": command_type})["rand"]
        return md5(self.code(phone) + rand)

    def register(self, phone):
        data = {"phone": phone, "hash": self.sms_hash(phone), "pass": PASSWORD}
        self.post("/api/user/register", "register/phone", data)


def seed(stack):
    """Makes what the examples speak of. Answers what stands for each of their made-up values."""
    for phone in (MAIN, LOGIN, CHANGE, DELETE, FORGET):
        stack.register(phone)
    # A phone gets one code in half a minute.
    requests.post(stack.url + "/_local/clock", json={"advance_seconds": 31}, timeout=30).raise_for_status()
    token = stack.post("/api/user/login", "login/pass", {"phone": MAIN, "pass": PASSWORD})["token"]
    mine = {"params": {"token": token}}
    cameras = [
        stack.post("/api/device", "device/add", {"device": name}, **mine)["device_id"] for name in ("hall", "kitchen", "stairs")
    ]
    for camera in cameras:
        stack.post("/api/device", "device/bind", {"device_id": camera}, **mine)
    for _ in range(3):
        stack.post("/api/notice", "notice/upload", {"base64": PICTURE}, params={"token": cameras[0]})
    events = [notice["event_id"] for notice in stack.post("/api/get/notice", "notice/get", {"mode": 2}, **mine)["list"]]
    backend = {"headers": {"x-api-key": BACKEND_KEY}}
    captcha, file = (stack.post("/api/captcha", "img/generate", {}, **backend) for _ in range(2))
    # The `errno` API's pictures are read as their developers read them.
    errno_image = "0f8fad5b-d9cb-469f-a165-000000000001"
    stack.get(f"/api/v1.0/imagecode/{errno_image}")
    text = stack.get(f"/_local/imagecode/{errno_image}").json()["text"]
    stack.get(f"/api/v1.0/smscode/{ERRNO}?text={text}&id={errno_image}")
    image = "0f8fad5b-d9cb-469f-a165-000000000002"
    stack.get(f"/api/v1.0/imagecode/{image}")
    shown = stack.get(f"/_local/imagecode/{image}").json()["text"]
    return {
        "0123456789abcdef0123456789abcdef": token,
        "5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e2f": cameras[0],
        "5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e20": cameras[1],
        "5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e21": cameras[2],
        "019a0b1c2d3e7f4a8b5c6d7e8f901a2b": events[0],
        "019a0b1c2d3e7f4a8b5c6d7e8f901a2c": events[1],
        "1d2c3b4a5968778695a4b3c2d1e0f001": md5(captcha["code"].lower() + captcha["rand"]),
        "1d2c3b4a5968778695a4b3c2d1e0f004.png": file["addr"],
        "1d2c3b4a5968778695a4b3c2d1e0f005": stack.sms_hash(REGISTER),
        "1d2c3b4a5968778695a4b3c2d1e0f006": stack.sms_hash(FORGET, 2),
        "1d2c3b4a5968778695a4b3c2d1e0f003": stack.sms_hash("13900000011"),
        "200406": stack.code(ERRNO),
        "0f8fad5b-d9cb-469f-a165-70867728950e": image,
        "AB2CD": shown,
        **result_session(stack),
    }


def result_session(stack):
    """A registration of the `result` API whose code was shown."""
    session = requests.Session()
    phone = "13900000012"
    handle = session.get(f"{stack.url}/register", params={"userId": phone}, timeout=30).json()["message"]
    shown = {"code_v": handle, "code": stack.code(phone)}
    session.post(f"{stack.url}/register", data=shown, timeout=30).raise_for_status()
    return {"0123456789abcdef0123456789abcdee": session.cookies["registration"]}


def without_anything_else(document):
    """The document with the bodies that operations take, and no others."""
    document = json.loads(json.dumps(document))
    for item in document["paths"].values():
        for operation in item.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                choices = content["schema"]["anyOf"]
                choices[:] = [choice for choice in choices if choice.get("title") != "anything else"]
    return document


def tokens(live, document):
    """Settings by which most requests carry a live token, without which they would all end at -101."""
    token, camera = live["0123456789abcdef0123456789abcdef"], live["5f0c7d2e9b1a4c3d8e6f7a8b9c0d1e2f"]
    wanting = [
        path
        for path, item in document["paths"].items()
        if any(given["name"] == "token" for operation in item.values() for given in operation.get("parameters", []))
    ]
    return "".join(
        f'\n[[operations]]\ninclude-path = "{path}"\n'
        f'parameters = {{ "query.token" = "{camera if path == "/api/notice" else token}" }}\n'
        for path in wanting
    )


def schemathesis(stack, name, document, *arguments, hooks=None):
    path = pathlib.Path(stack.directory.name, "openapi.json")
    path.write_text(json.dumps(document))
    environment = {**os.environ, **({"SCHEMATHESIS_HOOKS": hooks} if hooks else {})}
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    # Deterministic: a run that passes today passes tomorrow, and what one finds can be found again.
    command = [program, *arguments, "run", path, "--url", stack.url, "--generation-deterministic", "--no-color"]
    # How fast the stack answers is not the question; a machine may stall.
    command += ["--request-timeout", "60"]
    command += ["--max-examples", os.environ.get("MAX_EXAMPLES", "40")]
    print(f"--- {name}", flush=True)
    return subprocess.run(command, cwd=stack.directory.name, env=environment, check=False).returncode


def count(lines):
    """Which operations answered which status how often, by the stack's own log."""
    counts = collections.defaultdict(collections.Counter)
    for line in lines:
        if line.get("message") == "request" and line.get("status") is not None:
            counts[f"{line['route']} {line.get('operation') or ''}".strip()][line["status"]] += 1
    return counts


def run(program, name, prepare, settings="", hooks=None):
    """One run against a stack of its own. Answers whether it failed, the document, and the log."""
    stack = Stack(program)
    try:
        text = stack.get("/openapi.json").text
        live = seed(stack)
        for made_up, value in live.items():
            text = text.replace(made_up, value)
        document = prepare(json.loads(text))
        path = pathlib.Path(stack.directory.name, "schemathesis.toml")
        path.write_text(settings + tokens(live, document))
        failed = schemathesis(stack, name, document, "--config-file", path, hooks=hooks)
    finally:
        lines = stack.stop()
    return failed, document, lines


def main():
    program = sys.argv[1]
    failed, document, lines = run(program, "as served", lambda document: document)
    strict = (HERE / "strict.toml").read_text()
    also_failed, _, more = run(program, "strict", without_anything_else, strict, str(HERE / "refused.py"))
    described = {
        label
        for item in document["paths"].values()
        for operation in item.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for label in content.get("examples", {})
        if "/" in label
    }
    succeeded = set()
    for name, statuses in sorted(count(lines + more).items()):
        label = name.split()[-1]
        if statuses[0]:
            succeeded.add(label)
        others = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()) if status)
        print(f"{name}: {statuses[0]} successes; {others}")
    never = sorted(described - succeeded)
    print(f"{len(described & succeeded)} of {len(described)} operations succeeded; never did: {never or 'none'}")
    sys.exit(1 if failed or also_failed or never else 0)


main()
