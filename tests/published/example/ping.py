"""Asks who answers: `ping.py`."""

from cccc_sdk import CCCCClient

pong = CCCCClient().ping()
print(f"cccc {pong['version']}, wire {pong['ipc_v']}, process {pong['pid']}")
