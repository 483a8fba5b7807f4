"""Clients of the published package at work all at once, one thread each: some follow a group, the others do a bit of everything.

Reads one line of JSON: `groups`, `follow` (those of them that are followed here), `actors`, `clients`, `seconds`. Says `quiet`
when the others are done, and what came of it when every followed group has said `the end`.
"""

import json
import random
import sys
import threading
import time

from cccc_sdk import CCCCClient

ask = json.loads(sys.stdin.readline())
threading.stack_size(256 * 1024)
result = {"times_ms": [], "errors": [], "sent": [], "heard": {group: [] for group in ask["follow"]}}


def noted(work, *args):
    """A thread whose failure is part of the result."""

    def run():
        try:
            work(*args)
        except Exception as error:  # whatever it is, the test wants to know
            result["errors"].append(f"{work.__name__}: {error!r}")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def follow(group):
    stream = CCCCClient(timeout_s=60).events_stream(group_id=group, kinds={"chat.message"}, since_ts="2020-01-01T00:00:00Z")
    for item in stream:
        if item["t"] == "event":
            if item["event"]["data"]["text"] == "the end":
                return
            result["heard"][group].append(item["event"]["id"])
    raise RuntimeError(f"the stream of {group} ended by itself")


def work(number):
    client, dice, last = CCCCClient(timeout_s=60), random.Random(number), {}
    group, actor, end = "", "", time.monotonic() + ask["seconds"]

    def send():
        args = {"group_id": group, "text": f"{number} has news", "to": [dice.choice(ask["actors"])], "by": "user"}
        last[group] = client.call("send", args)["event"]["id"]
        result["sent"].append(last[group])

    def reply():
        if group not in last:
            return send()
        answer = client.reply(group_id=group, reply_to=last[group], text="yes", by=actor, to=["user"])
        result["sent"].append(answer["event"]["id"])

    def mark_read():
        unread = client.inbox_list(group_id=group, actor_id=actor, by=actor, limit=5) if old else client.inbox_peek(
            group_id=group, actor_id=actor, by=actor, limit=5)
        if unread["messages"]:
            args = {"group_id": group, "actor_id": actor, "event_id": unread["messages"][-1]["id"], "by": actor}
            client.call("inbox_mark_read", args)

    old = hasattr(client, "inbox_list")
    does = [send, send, send, reply, reply, mark_read, mark_read,
            lambda: client.call("inbox_list", {"group_id": group, "actor_id": actor, "by": actor}),
            lambda: client.actor_list(group), lambda: client.group_show(group), lambda: client.context_get(group_id=group)]
    while time.monotonic() < end:
        group, actor = dice.choice(ask["groups"]), dice.choice(ask["actors"])
        one = dice.choice(does)
        begin = time.monotonic()
        one()
        result["times_ms"].append((time.monotonic() - begin) * 1000)


followers = [noted(follow, group) for group in ask["follow"]]
workers = [noted(work, number) for number in range(ask["clients"] - len(followers))]
for thread in workers:
    thread.join()
print("quiet", flush=True)
for thread in followers:
    thread.join(60)
result["errors"] += ["a stream did not come to its end" for thread in followers if thread.is_alive()]
print(json.dumps(result), flush=True)
