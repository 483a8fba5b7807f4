"""Follows a group whatever happens to the daemon: `follow.py <group> <event id to begin after> <last text>`.

Prints the id of each message. A stream that ends is opened again after the last event that came.
"""

import sys
import time

from cccc_sdk import CCCCClient, CCCCSDKError

group, since, last = sys.argv[1:]


def follow(since):
    """Prints what comes after an event until the stream ends; the last event, and whether it was the last of all."""
    try:
        for item in CCCCClient().events_stream(group_id=group, kinds={"chat.message"}, since_event_id=since):
            if item["t"] != "event":
                continue
            since = item["event"]["id"]
            print(since, flush=True)
            if item["event"]["data"]["text"] == last:
                return since, True
    except (OSError, CCCCSDKError):
        pass  # nobody is there, or no longer; what has come has come
    return since, False


is_over = False
while not is_over:
    since, is_over = follow(since)
    time.sleep(0.05)
