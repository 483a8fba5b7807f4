"""Drives the newer published client against a running stack: every method it has, and what its users rely on.

Called with the folder to attach; CCCC_HOME names the home. Ends with a traceback on the first surprise. A method whose op
we serve must be answered or refused for a reason; one whose op we do not serve must be told so, and `ping` must say it.
"""

import base64
import inspect
import os
import sys
import threading
import time
import typing

from cccc_sdk import CCCCClient, DaemonAPIError, IncompatibleDaemonError

# Methods that are no requests, or that end or change what the others need; the last ones are called by hand below.
APART = {"assert_compatible", "call", "call_raw", "events_stream", "shutdown", "group_delete", "group_reset"}


class Noted(CCCCClient):
    """Notes which op a method asked for."""

    op = ""

    def call_raw(self, op, args=None):
        self.op = op
        return super().call_raw(op, args)


def sample(name, annotation, known):
    """A plausible argument for a parameter."""
    if name in known:
        return known[name]
    options = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return options[0]
    text = str(annotation)
    if "bool" in text:
        return False
    if "int" in text or "float" in text:
        return 1
    if "Dict" in text and "List" not in text:
        return {}
    if "List" in text or "Sequence" in text:
        return []
    return "x"


def refusal(method, **arguments):
    """The code with which a method is refused; None when it is not."""
    try:
        method(**arguments)
    except DaemonAPIError as error:
        return error.code
    return None


def until(look, is_so, seconds=60):
    """Looks again and again until it is so, and gives what was seen then."""
    deadline = time.monotonic() + seconds
    while not is_so(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)
    return seen


def sweep(client, known, served):
    answered = set()
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if name.startswith("_") or name in APART:
            continue
        hints = typing.get_type_hints(method)
        wanted = [
            parameter
            for parameter in inspect.signature(method).parameters.values()
            if parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        arguments = {parameter.name: sample(parameter.name, hints.get(parameter.name, str), known) for parameter in wanted}
        client.op = ""
        try:
            method(**arguments)
            code = "ok"
        except DaemonAPIError as error:
            code = error.code
            assert error.message, f"{name}: a refusal has a sentence"
        except (IncompatibleDaemonError, ValueError, TypeError, FileNotFoundError):
            continue  # refused by the client itself
        assert client.op, f"{name} has asked for nothing"
        assert code not in ("internal_error", "daemon_unavailable"), f"{name} ({client.op}): {code}"
        if client.op in served:
            assert code != "unknown_op", f"{name}: {client.op} is said to be served"
            answered.add(client.op)
        else:
            assert code == "unknown_op", f"{name}: {client.op} is answered with {code} and not named by ping"
    return answered


def main(folder):
    client = Noted()
    pong = client.ping()
    served = {op for op, works in pong["capabilities"].items() if works}
    client.assert_compatible(require_ipc_v=1, require_capabilities={"events_stream": True}, require_ops=["send", "inbox_peek"])

    group = client.attach(path=folder)["group_id"]
    for actor in ("lead", "peer"):
        client.call("actor_add", {"group_id": group, "actor_id": actor, "runtime": "custom", "runner": "headless"})

    # A message is pushed, asks for a reply, or is only put into the mailbox.
    asked = client.send(group_id=group, text="will you?", message_mode="request_reply", to=["lead"])["event"]
    assert asked["data"]["reply_required"] is True, asked
    plain = client.send(group_id=group, text="by the way", message_mode="send", to=["peer"])["event"]
    assert plain["data"]["reply_required"] is False, plain
    client.send(group_id=group, text="when you have time", message_mode="mail", to=["peer"])
    texts = lambda answer: [one["data"]["text"] for one in answer["messages"] if one["kind"] == "chat.message"]
    peeked = client.inbox_peek(group_id=group, actor_id="peer", by="peer")
    assert texts(peeked)[-1] == "when you have time", peeked
    client.call("inbox_mark_all_read", {"group_id": group, "actor_id": "peer", "by": "peer"})
    assert texts(client.inbox_peek(group_id=group, actor_id="peer", by="peer")) == [], "what was read is read"
    client.reply(group_id=group, reply_to=asked["id"], text="yes", by="lead")

    # What is read is given, and what is given is read; a history has both, the newest first.
    first, second = (client.send(group_id=group, text=text, message_mode="mail", to=["peer"])["event"] for text in ("1", "2"))
    read = client.inbox_read(group_id=group, actor_id="peer", by="peer", limit=1)
    assert [one["id"] for one in read["messages"]] == [first["id"]] == [read["cursor"]["event_id"]], read
    assert texts(client.inbox_peek(group_id=group, actor_id="peer", by="peer")) == ["2"], "only what was given is read"
    mails = client.message_history(group_id=group, actor_id="peer", mode="mail")
    assert texts(mails) == ["2", "1", "when you have time"] and mails["has_more"] is False, mails
    page = client.message_history(group_id=group, actor_id="peer", mode="mail", before_event_id=second["id"], limit=1)
    assert texts(page) == ["1"] and page["has_more"] is True, page
    assert texts(client.message_history(group_id=group, actor_id="peer", query="BY THE")) == ["by the way"]
    client.inbox_read(group_id=group, actor_id="peer", by="peer")
    empty = client.inbox_read(group_id=group, actor_id="peer", by="peer")
    assert empty["messages"] == [] and empty["event"] is None, empty

    # What goes along with a message is kept with it, also across groups.
    refs = [{"kind": "url", "url": "https://example.com/1"}]
    told = client.send(group_id=group, text="look", message_mode="send", to=["peer"], refs=refs, insight="it may be too early",
                       suggested_user_message="Go on.")["event"]["data"]
    assert (told["refs"], told["insight"], told["suggested_user_message"]) == (refs, "it may be too early", "Go on."), told
    other = client.group_create(title="other")["group_id"]
    across = client.send_cross_group(group_id=group, dst_group_id=other, text="hello", message_mode="send", to=["user"], insight="hm")
    assert across["src_event"]["data"]["insight"] == across["dst_event"]["data"]["insight"] == "hm", across
    assert refusal(client.send, group_id=group, text="x", message_mode="send", to=["peer"], require_peer_insight=True) == "peer_insight_required"

    # An answer that is asked for can be taken back, once, by whoever asked.
    request = client.send(group_id=group, text="when?", message_mode="request_reply", to=["peer"], by="lead")["event"]["id"]
    assert refusal(client.reply_request_cancel, group_id=group, source_event_id=request, by="peer") == "permission_denied"
    cancelled = client.reply_request_cancel(group_id=group, source_event_id=request, by="lead")["event"]
    assert (cancelled["kind"], cancelled["data"]["source_event_id"]) == ("chat.reply_request.cancelled", request), cancelled
    assert client.reply_request_cancel(group_id=group, source_event_id=request)["event"]["id"] == cancelled["id"]

    # Mail is handed over when somebody asks for it; who has read it is left alone.
    mail = client.send(group_id=group, text="soon", message_mode="mail", to=["peer"])["event"]["id"]
    claimed = client.message_deliver(group_id=group, source_event_id=mail, actor_ids=["peer"])
    assert (claimed["actor_ids"], claimed["delivery_state"]) == (["peer"], "claimed"), claimed
    assert refusal(client.message_deliver, group_id=group, source_event_id=mail, actor_ids=["lead"]) == "event_not_for_actor"
    client.inbox_read(group_id=group, actor_id="peer", by="peer")
    assert client.message_deliver(group_id=group, source_event_id=mail, actor_ids=["peer"])["event"] is None

    # Tasks in the newer spelling.
    client.task_create(group_id=group, by="user", title="Walls", outcome="They stand")
    tasks = client.task_list(group_id=group)["tasks"]
    assert [task["name"] for task in tasks] == ["Walls"], tasks

    # A task and its message are one; the same key makes nothing anew.
    walls = {"group_id": group, "text": "Please paint them.", "title": "Paint", "to": ["peer"], "by": "user", "idempotency_key": "paint-1",
             "outcome": "They shine", "task_priority": "high", "checklist": [{"text": "primer"}], "refs": refs, "insight": "the colour may be wrong"}
    handed = client.tracked_send(**walls)
    task = client.task_list(group_id=group, task_id=handed["task_id"])["task"]
    assert (task["name"], task["assignee"], task["priority"], task["steps"][0]["name"]) == ("Paint", "peer", "high", "primer"), task
    assert handed["event"]["data"]["refs"] == [*refs, handed["task_ref"]], handed
    assert (again := client.tracked_send(**walls))["event_id"] == handed["event_id"] and again["replayed"], again

    # Files below the group's directories are sent, and nothing else is.
    with open(os.path.join(folder, "plan.txt"), "w") as plan:
        plan.write("first the walls")
    filed = client.send_files(group_id=group, paths=["plan.txt"], message_mode="mail", to=["peer"], insight="rough")["event"]["data"]
    (attached,) = filed["attachments"]
    assert (attached["title"], attached["bytes"], filed["text"], filed["message_mode"]) == ("plan.txt", 15, "Files: plan.txt", "mail"), filed
    piece = client.call("blob_read", {"group_id": group, "path": attached["path"]})
    assert base64.b64decode(piece["content"]) == b"first the walls", piece
    assert refusal(client.send_files, group_id=group, paths=["plan.txt", "/etc/passwd"], message_mode="mail") == "scope_not_attached"

    # A text is shown while it is written, and its end is a message, once.
    watching = client.events_stream(group_id=group, by="user")
    seen, heard = [], threading.Event()

    def watch():
        for item in watching:
            seen.append(item)
            if item.get("t") == "stream":
                heard.set()

    threading.Thread(target=watch, daemon=True).start()
    deadline = time.monotonic() + 60
    while not heard.wait(0.1) and time.monotonic() < deadline:
        client.stream_emit(group_id=group, op="update", by="lead", stream_id="s1", text="Once")
    assert seen[0]["stream"]["text"] == "Once" and seen[0]["stream"]["by"] == "lead", seen
    begun = client.stream_emit(group_id=group, op="start", by="lead")
    assert begun["stream_id"] and begun["event"] is None, begun
    whole = {"group_id": group, "op": "end", "by": "lead", "stream_id": begun["stream_id"], "text": "Once upon a time", "format": "markdown", "to": ["user"]}
    told = client.stream_emit(**whole)["event"]
    assert (told["kind"], told["by"], told["data"]["text"], told["data"]["format"]) == ("chat.message", "lead", "Once upon a time", "markdown"), told
    assert client.stream_emit(**whole)["event"]["id"] == told["id"], "the same end is the same message"
    assert refusal(client.stream_emit, group_id=group, op="end", by="lead", stream_id="s1", to=["user"]) == "empty_message"
    assert refusal(client.stream_emit, group_id=group, op="update", by="lead") == "invalid_request"
    assert refusal(client.stream_emit, group_id="g_000000000000", op="start", by="lead") == "group_not_found"

    # What newer clients keep in the context comes back.
    client.coordination_brief_update(group_id=group, by="user", objective="A house", constraints=["no lift"], project_brief_stale=True)
    client.coordination_note_add(group_id=group, by="lead", kind="decision", summary="Brick", task_id=handed["task_id"])
    client.coordination_note_add(group_id=group, by="lead", kind="handoff", summary="Paint is peer's")
    client.agent_state_update(group_id=group, actor_id="peer", by="peer", focus="paint", blockers=["rain"], open_loops=["colour"])
    client.agent_state_update(group_id=group, actor_id="lead", by="lead", focus="plans")
    client.agent_state_clear(group_id=group, actor_id="lead", by="lead")
    client.meta_merge(group_id=group, by="user", data={"project_status": "on time"})
    context = client.context_get(group_id=group)
    brief = context["coordination"]["brief"]
    assert (brief["objective"], brief["constraints"], brief["project_brief_stale"], brief["updated_by"]) == ("A house", ["no lift"], True, "user"), brief
    (decision,), (handoff,) = context["coordination"]["recent_decisions"], context["coordination"]["recent_handoffs"]
    assert (decision["summary"], decision["by"], handoff["summary"]) == ("Brick", "lead", "Paint is peer's"), context
    minds = {state["id"]: state for state in context["agent_states"]}
    assert (minds["peer"]["hot"]["focus"], minds["peer"]["warm"]["open_loops"], minds["lead"]["hot"]["focus"]) == ("paint", ["colour"], None), minds
    assert context["meta"] == {"project_status": "on time"}, context

    # A terminal is looked at by offsets: what it shows, what came after that, what was before.
    script = "printf 'one\\ntwo\\n'; while [ ! -e go ]; do sleep 0.02; done; echo three; exec sleep 1000"
    client.call("actor_add", {"group_id": group, "actor_id": "shell", "runtime": "custom", "command": ["sh", "-c", script]})
    client.call("actor_start", {"group_id": group, "actor_id": "shell"})
    terminal = {"group_id": group, "actor_id": "shell"}
    shown = until(lambda: client.terminal_snapshot(**terminal), lambda shown: shown["text"].strip() == "one\ntwo")
    with open(os.path.join(folder, "go"), "w"):
        pass
    later = until(lambda: client.terminal_since(after=shown["offset"], **terminal), lambda later: later["text"] == "three\r\n")
    assert (later["start"], later["has_more"]) == (shown["offset"], False), later
    earlier = client.terminal_history(before=shown["offset"], **terminal)
    assert (earlier["text"], earlier["start"], earlier["end"]) == ("one\ntwo", 0, shown["offset"]), earlier
    client.call("actor_stop", {"group_id": group, "actor_id": "shell"})

    known = {
        "group_id": group, "actor_id": "peer", "by": "user", "event_id": plain["id"], "source_event_id": plain["id"],
        "reply_to": plain["id"], "dst_group_id": group, "to": ["peer"], "text": "swept", "path": folder, "confirm": "no",
    }
    answered = sweep(client, known, served)
    assert len(answered) > 50, sorted(answered)

    # A clean group takes the place of one.
    roster = lambda group_id: [actor["id"] for actor in client.group_show(group_id=group_id)["group"]["actors"]]
    before = roster(group)
    fresh = client.group_reset(group_id=group, confirm=group)
    assert (fresh["old_group_id"], fresh["event"]["kind"]) == (group, "group.create") and fresh["group_id"] != group, fresh
    assert before and roster(fresh["group_id"]) == before, before
    assert refusal(client.group_show, group_id=group) == "group_not_found"

    assert refusal(client.group_delete, group_id="g_000000000000") == "group_not_found"
    print(f"{len(answered)} ops answered")


main(*sys.argv[1:])
