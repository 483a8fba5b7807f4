"""Prints the messages of a group that come after one of them, as they come: `stream.py <group> <event id> <how many>`."""

import sys

from cccc_sdk import CCCCClient

group, since, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("listening", flush=True)
for item in CCCCClient().events_stream(group_id=group, kinds={"chat.message"}, since_event_id=since):
    if item["t"] != "event":
        continue
    event = item["event"]
    print(event["id"], event["by"], event["data"]["text"], flush=True)
    count -= 1
    if count == 0:
        break
