"""Sends numbered messages until its input ends, each as often as it takes: `send_always.py <group> <own name>`.

Prints the id of each message that was acknowledged. The request's own name makes sending again write once.
"""

import sys
import threading
import time

from cccc_sdk import CCCCClient, CCCCSDKError

group, name = sys.argv[1:]
is_over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), is_over.set()), daemon=True).start()


def send(number):
    args = {"group_id": group, "text": f"{name} {number}", "to": ["user"], "by": "script", "request_id": f"{name}-{number}"}
    while True:
        try:
            return CCCCClient().call("send", args)["event"]["id"]
        except (OSError, CCCCSDKError) as error:
            # Older clients say of a cut connection that nobody answered; what the daemon itself refuses would not get better.
            if getattr(error, "code", "daemon_unavailable") not in ("daemon_unavailable", "error"):
                raise
            time.sleep(0.05)


number = 0
while not is_over.is_set():
    print(send(number), flush=True)
    number += 1
    is_over.wait(0.02)
