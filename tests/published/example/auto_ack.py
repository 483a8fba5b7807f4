"""Acknowledges, as an actor, what asks for attention: `auto_ack.py <group> <actor> <event id to begin after> <how many>`."""

import sys

from cccc_sdk import CCCCClient

group, actor, since, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
client = CCCCClient()
for item in client.events_stream(group_id=group, kinds={"chat.message"}, since_event_id=since):
    message = item.get("event")
    if not message or message["by"] == actor or message["data"]["priority"] != "attention":
        continue
    if actor not in message["data"]["to"]:
        continue
    client.chat_ack(group_id=group, actor_id=actor, event_id=message["id"], by=actor)
    print(message["id"], flush=True)
    count -= 1
    if count == 0:
        break
