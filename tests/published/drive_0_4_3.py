"""Drives the published client against a running stack: every method for the ops we serve, and what its users read.

Called with the folder to attach; CCCC_HOME names the home. Ends with a traceback on the first difference.
"""

import sys
import threading

from cccc_sdk import CCCCClient, DaemonAPIError, IncompatibleDaemonError

OPS = [
    "ping", "groups", "group_show", "group_create", "group_update", "group_use", "group_set_state",
    "group_settings_update", "group_start", "group_stop", "attach", "actor_list", "actor_add", "actor_update",
    "actor_remove", "actor_start", "actor_stop", "actor_restart", "send", "reply", "chat_ack", "inbox_list",
    "inbox_mark_read", "inbox_mark_all_read", "notify_ack", "context_get", "context_sync", "events_stream",
]


def refused(code, call, *args, **named):
    try:
        call(*args, **named)
    except DaemonAPIError as error:
        assert error.code == code, f"{error} instead of {code}"
        assert error.message, "a refusal has a sentence"
        return error
    raise AssertionError(f"{code} was expected")


def main(folder):
    client = CCCCClient()
    client.assert_compatible(require_ipc_v=1, require_capabilities={"events_stream": True}, require_ops=OPS)
    try:
        client.assert_compatible(require_ops=["no_such_op"])
    except IncompatibleDaemonError:
        pass
    else:
        raise AssertionError("an op that nobody serves must not look supported")
    assert client.ping()["ipc_v"] == 1

    # groups and scopes
    group_id = client.attach(path=folder)["group_id"]
    assert client.attach(path=folder)["group_id"] == group_id, "the same folder is the same group"
    other = client.group_create(title="other", topic="side")
    assert other["group"]["group_id"] == other["group_id"]
    assert {group["group_id"] for group in client.groups()["groups"]} >= {group_id, other["group_id"]}
    assert client.group_update(group_id=group_id, patch={"title": "main"})["group"]["title"] == "main"
    assert client.group_show(group_id)["group"]["title"] == "main"
    assert client.group_use(group_id=group_id, path=folder)["active_scope_key"].startswith("s_")
    assert client.group_set_state(group_id=group_id, state="IDLE")["state"] == "idle"
    assert client.group_set_state(group_id=group_id, state="active")["state"] == "active"
    settings = client.group_settings_update(group_id=group_id, patch={"nudge_after_seconds": 60})["settings"]
    assert settings["nudge_after_seconds"] == 60 and len(settings) == 19, settings
    refused("group_not_found", client.group_show, "g_000000000000")
    refused("invalid_patch", client.group_update, group_id=group_id, patch={"colour": "red"})
    refused("group_set_state_failed", client.group_set_state, group_id=group_id, state="stopped")

    # actors
    for actor_id in ("lead", "peer"):
        added = client.actor_add(group_id=group_id, actor_id=actor_id, runtime="custom", runner="pty", command=["cat"])
        assert added["actor"]["id"] == actor_id and added["event"]["kind"] == "actor.add"
    assert [actor["role"] for actor in client.actor_list(group_id)["actors"]] == ["foreman", "peer"]
    assert client.group_start(group_id=group_id)["started"] == ["lead", "peer"]
    assert client.actor_update(group_id=group_id, actor_id="peer", patch={"title": "Peer"})["actor"]["title"] == "Peer"
    assert client.actor_restart(group_id=group_id, actor_id="peer")["event"]["kind"] == "actor.restart"
    assert client.actor_stop(group_id=group_id, actor_id="peer")["actor"]["enabled"] is False
    assert client.actor_start(group_id=group_id, actor_id="peer")["actor"]["enabled"] is True
    refused("actor_add_failed", client.actor_add, group_id=group_id, actor_id="user", runtime="custom", command=["cat"])
    refused("actor_not_found", client.actor_update, group_id=group_id, actor_id="nobody", patch={"title": "x"})

    # a stream, and what it shows
    heard, stop = [], threading.Event()

    def listen():
        for item in CCCCClient().events_stream(group_id=group_id, kinds={"chat.message", "chat.ack"}):
            if item["t"] == "event":
                heard.append(item["event"])
            if len(heard) >= 3:
                stop.set()
                return

    listener = threading.Thread(target=listen, daemon=True)
    first = client.send(group_id=group_id, text="before the stream", to=["peer"])["event"]
    listener.start()
    # The stream begins some time after the thread: what is sent until it hears is as good as any other.
    sent = []
    while not heard and len(sent) < 1000:
        sent.append(client.send(group_id=group_id, text=f"ping {len(sent)}", to=["peer"])["event"]["id"])
        stop.wait(0.02)

    # messages
    message = client.send(group_id=group_id, text="please", to=["peer"], priority="attention", reply_required=True)
    assert message["event"]["kind"] == "chat.message" and message["event"]["data"]["to"] == ["peer"]
    event_id = message["event"]["id"]
    replied = client.reply(group_id=group_id, reply_to=event_id, text="yes", by="peer")
    assert replied["event"]["data"]["reply_to"] == event_id and replied["event"]["data"]["to"] == ["user"]
    assert replied["ack_event"]["kind"] == "chat.ack"
    again = client.chat_ack(group_id=group_id, actor_id="peer", event_id=event_id, by="peer")
    assert again["acked"] is True and again["already"] is True
    refused("not_an_attention_message", client.chat_ack, group_id=group_id, actor_id="peer", event_id=first["id"], by="peer")
    refused("invalid_recipient", client.send, group_id=group_id, text="x", to=["nobody"])
    refused("empty_message", client.send, group_id=group_id, text="  ", to=["peer"])
    assert stop.wait(30), "the stream brings messages"
    assert [event["id"] for event in heard[:1]][0] in sent

    since = []
    for item in client.events_stream(group_id=group_id, since_event_id=first["id"]):
        if item["t"] == "event":
            since.append(item["event"])
        if since and since[-1]["id"] == replied["event"]["id"]:
            break
    texts = [event["id"] for event in since if event["kind"] == "chat.message"]
    assert texts[: len(sent)] == sent, "a cursor brings everything after it, in order"

    # the inbox
    inbox = client.inbox_list(group_id=group_id, actor_id="peer", by="peer")
    assert [event["id"] for event in inbox["messages"]][0] == first["id"]
    marked = client.inbox_mark_read(group_id=group_id, actor_id="peer", event_id=first["id"], by="peer")
    assert marked["cursor"]["event_id"] == first["id"]
    assert first["id"] not in [event["id"] for event in client.inbox_list(group_id=group_id, actor_id="peer")["messages"]]
    client.inbox_mark_all_read(group_id=group_id, actor_id="peer", by="peer")
    assert client.inbox_list(group_id=group_id, actor_id="peer")["messages"] == []
    notice = client.call("system_notify", {"group_id": group_id, "kind": "info", "title": "t", "message": "m",
                                           "target_actor_id": "peer", "requires_ack": True})["event"]
    acked = client.notify_ack(group_id=group_id, actor_id="peer", notify_event_id=notice["id"])
    assert acked["event"]["kind"] == "system.notify_ack"

    # the context
    before = client.context_get(group_id=group_id)
    assert before["tasks_summary"]["total"] == 0 and before["vision"] is None and len(before["version"]) == 12
    ops = [{"op": "task.create", "name": name, "goal": "g", "steps": []} for name in ("one", "two")]
    tried = client.context_sync(group_id=group_id, ops=ops, by="peer", dry_run=True)
    assert tried["dry_run"] is True and client.context_get(group_id=group_id) == before
    synced = client.context_sync(group_id=group_id, ops=ops, by="peer")
    assert [change["op"] for change in synced["changes"]] == ["task.create"] * 2 and synced["success"] is True
    after = client.context_get(group_id=group_id)
    assert after["version"] == synced["version"] != before["version"] and after["tasks_summary"]["total"] == 2
    refused("context_sync_error", client.context_sync, group_id=group_id, ops=ops + [{"op": "note.remove", "note_id": "N9"}])
    refused("version_conflict", client.call, "context_sync", {"group_id": group_id, "ops": ops, "if_version": before["version"]})
    assert [task["id"] for task in client.call("task_list", {"group_id": group_id})["tasks"]] == ["T001", "T002"]

    # the end
    assert client.actor_remove(group_id=group_id, actor_id="peer")["actor_id"] == "peer"
    assert client.group_stop(group_id=group_id)["event"]["kind"] == "group.stop"
    client.group_delete(group_id=group_id)
    refused("group_not_found", client.group_show, group_id)
    print("the published client works")


if __name__ == "__main__":
    main(sys.argv[1])
