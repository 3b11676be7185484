"""Sends each line as a datagram and never receives: works, silently, with no server."""

import socket
import sys

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")
ip_port = (host, int(port))

sock_client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    msg = input(">> ").strip()
    if not msg:
        continue
    sock_client.sendto(msg.encode("utf-8"), ip_port)
