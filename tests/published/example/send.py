"""Sends a message and prints its id: `send.py <group> <recipient> <text>`."""

import inspect
import sys

from cccc_sdk import CCCCClient, DaemonAPIError

group, recipient, text = sys.argv[1:]
client = CCCCClient()
# Newer clients ask how a message is meant; older ones know one way.
how = {"message_mode": "send"} if "message_mode" in inspect.signature(client.send).parameters else {}
try:
    sent = client.send(group_id=group, text=text, to=[recipient], **how)
except DaemonAPIError as error:
    sys.exit(f"not sent: {error.code}: {error.message}")
print(sent["event"]["id"])
