"""Sends each line as a datagram and prints the reply: the Python beside examples/udp_client.rs."""

import socket
import sys

BUFSIZE = 1024
REPLY_TIMEOUT = 2  # seconds: a datagram that was lost never comes


def connect():
    sock_client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock_client.connect(ip_port)  # sends nothing: from now on only this address is heard
    sock_client.settimeout(REPLY_TIMEOUT)
    return sock_client


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")
ip_port = (host, int(port))

sock_client = connect()
prompt = ">> " if sys.stdin.isatty() else ""
status = 0
while True:
    try:
        line = input(prompt)
    except EOFError:
        break
    msg = line.strip()
    if not msg:
        continue
    try:
        sock_client.send(msg.encode("utf-8"))
        back_msg, addr = sock_client.recvfrom(BUFSIZE)
    except OSError as error:
        print(f"udp_client.py: no reply from {host}:{port}: {error}", file=sys.stderr)
        sock_client = connect()  # a late reply goes to the old one, so it never answers the next question
        status = 1
    else:
        text = "%s %s:%d\n" % (back_msg.decode("utf-8", "replace"), *addr)
        sys.stdout.buffer.write(text.encode("utf-8"))
sys.exit(status)
