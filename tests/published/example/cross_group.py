"""Sends a message into another group and prints both of its halves: `cross_group.py <group> <other group> <recipient> <text>`."""

import inspect
import sys

from cccc_sdk import CCCCClient

group, other, recipient, text = sys.argv[1:]
client = CCCCClient()
how = {"message_mode": "send"} if "message_mode" in inspect.signature(client.send_cross_group).parameters else {}
sent = client.send_cross_group(group_id=group, dst_group_id=other, text=text, to=[recipient], **how)
print(sent["src_event"]["id"], sent["dst_event"]["id"])
