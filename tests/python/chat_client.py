"""A client for chat_server: the Python beside examples/chat_client.rs."""

import contextlib
import os
import re
import socket
import sys
import threading


def printable(text):
    unfit = "[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
    return re.sub(unfit, lambda found: "\\u{%x}" % ord(found[0]), text)


def send_typed(s):
    try:
        for line in sys.stdin:
            s.sendall((line.rstrip("\n") + "\n").encode("utf-8"))
    except (OSError, UnicodeError) as error:
        print(f"chat_client.py: cannot send what is typed: {error}", file=sys.stderr)
    with contextlib.suppress(OSError):  # the server has closed already
        s.shutdown(socket.SHUT_WR)  # the server sends what it still has, and closes


ip_port = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8090"
host, _, port = ip_port.rpartition(":")
try:
    s = socket.create_connection((host, int(port)))
    threading.Thread(target=send_typed, args=(s,), daemon=True).start()
    for line in s.makefile("r", encoding="utf-8"):
        print(printable(line.rstrip("\n")), flush=True)
    print("chat_client.py: the server closed the connection", file=sys.stderr)
except BrokenPipeError:
    os._exit(0)  # nobody reads what it prints
except (OSError, ValueError) as error:
    print(f"chat_client.py: {ip_port}: {error}", file=sys.stderr)
    os._exit(1)
os._exit(0)  # although the other thread waits for a line
