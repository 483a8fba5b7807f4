"""Looks whether the daemon can do what a program needs: `compatibility.py <op> …`; fails when it cannot."""

import sys

from cccc_sdk import CCCCClient, IncompatibleDaemonError

try:
    CCCCClient().assert_compatible(require_ipc_v=1, require_capabilities={"events_stream": True}, require_ops=sys.argv[1:])
except IncompatibleDaemonError as error:
    sys.exit(f"not compatible: {error}")
print("compatible")
