"""Makes a home of the older implementation by running it, and says what it answered before it was stopped.

Called with the folder of its programs, a folder that becomes its home, and a folder to work in. Prints one JSON object:
answers by op and argument, as the older daemon gave them.
"""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time

PATIENCE_SECONDS = 60


class Daemon:
    def __init__(self, programs, home, work):
        self.home = home
        environment = dict(os.environ, CCCC_HOME=home, HOME=work, TERM="xterm")
        subprocess.run([os.path.join(programs, "ccccd"), "start"], env=environment, check=True, stdout=subprocess.DEVNULL)

    def connect(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with open(os.path.join(self.home, "daemon", "ccccd.addr.json")) as file:
                    address = json.load(file)
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(address["path"])
                return connection
            except (OSError, ValueError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def ask(self, op, **args):
        with self.connect() as connection:
            connection.sendall(json.dumps({"v": 1, "op": op, "args": args}).encode() + b"\n")
            with connection.makefile() as lines:
                answer = json.loads(lines.readline())
        assert answer["ok"], (op, args, answer["error"])
        return answer["result"]

    def stop(self):
        with open(os.path.join(self.home, "daemon", "ccccd.pid")) as file:
            pid = int(file.read())
        self.ask("shutdown")
        end = time.monotonic() + PATIENCE_SECONDS
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
            time.sleep(0.05)


def main(programs, home, work):
    daemon = Daemon(programs, home, work)
    ask = daemon.ask
    group = ask("attach", path=work)["group_id"]
    ask("group_update", group_id=group, patch={"title": "An older group", "topic": "moving house"}, by="user")
    for actor, runner, command in [
        ("lead", "headless", []), ("gone", "headless", []), ("typist", "pty", ["cat"]), ("späher", "headless", []),
    ]:
        ask("actor_add", group_id=group, actor_id=actor, runtime="custom", runner=runner, command=command,
            title=f"The {actor}", env={"LEVEL": "1"}, by="user")
    ask("actor_env_private_update", group_id=group, actor_id="lead", set={"KEY": "a-secret-value-that-is-long"}, by="user")
    ask("group_settings_update", group_id=group, patch={"nudge_after_seconds": 77, "default_send_to": "broadcast"}, by="user")

    blob = b"what was attached\n"
    digest = hashlib.sha256(blob).hexdigest()
    path = f"state/blobs/{digest}_notes.txt"
    os.makedirs(os.path.join(home, "groups", group, "state", "blobs"), exist_ok=True)
    with open(os.path.join(home, "groups", group, path), "wb") as file:
        file.write(blob)
    attachment = {"kind": "file", "path": path, "title": "notes.txt", "mime_type": "text/plain", "bytes": len(blob), "sha256": digest}

    first = ask("send", group_id=group, text="hello everybody", to=["@all"], by="user")["event"]["id"]
    urgent = ask("send", group_id=group, text="read this", to=["typist"], by="user", priority="attention")["event"]["id"]
    ask("send", group_id=group, text="do you?", to=["lead"], by="user", reply_required=True)
    ask("send", group_id=group, text="see the file", to=["späher"], by="lead", attachments=[attachment])
    ask("send", group_id=group, text="long " * 8_000, to=["lead"], by="user")
    ask("reply", group_id=group, reply_to=first, text="hello", by="typist")
    ask("chat_ack", group_id=group, actor_id="typist", event_id=urgent, by="typist")
    ask("inbox_mark_read", group_id=group, actor_id="lead", event_id=first, by="lead")
    ask("context_sync", group_id=group, by="user", ops=[
        {"op": "vision.update", "vision": "a house that stands"},
        {"op": "sketch.update", "sketch": "rooms"},
        {"op": "milestone.create", "name": "First", "description": "walls"},
        {"op": "task.create", "name": "Walls", "goal": "They stand", "steps": [{"name": "measure", "acceptance": "numbers"}]},
        {"op": "note.add", "content": "mind the step"},
        {"op": "reference.add", "url": "https://example.org/", "note": "plans"},
    ])
    ask("group_automation_manage", group_id=group, by="user", actions=[
        {"type": "create_rule", "rule": {"id": "dawn", "trigger": {"kind": "cron", "cron": "0 6 * * *", "timezone": "UTC"},
                                         "action": {"kind": "notify", "title": "Dawn", "message": "Begin."}}},
        {"type": "set_rule_enabled", "rule_id": "standup", "enabled": False},
    ])
    os.makedirs(os.path.join(home, "groups", group, "prompts"), exist_ok=True)
    with open(os.path.join(home, "groups", group, "prompts", "CCCC_PREAMBLE.md"), "w") as file:
        file.write("Be brief. " * 5_000)
    ask("actor_profile_upsert", profile={"name": "Reader", "runtime": "custom", "command": ["cat"], "runner": "pty"}, by="user")
    ask("actor_remove", group_id=group, actor_id="gone", by="user")
    other = ask("group_create", title="The other", topic="")["group_id"]
    ask("send_cross_group", group_id=group, dst_group_id=other, text="over there", by="user", to=["user"])
    ask("group_set_state", group_id=other, state="paused", by="user")

    answers = []

    def note(op, **args):
        answers.append({"op": op, "args": args, "answer": ask(op, **args)})

    for one in (group, other):
        for op in ("group_show", "context_get", "task_list", "group_automation_state"):
            note(op, group_id=one)
        note("actor_list", group_id=one, include_unread=True)
    for actor in ("lead", "typist", "späher"):
        note("inbox_list", group_id=group, actor_id=actor, limit=1000, by="user")
        note("actor_env_private_keys", group_id=group, actor_id=actor, by="user")
    note("actor_profile_list", by="user")
    daemon.stop()
    json.dump({"group": group, "other": other, "attachment": path, "answers": answers}, sys.stdout)


main(*sys.argv[1:])
