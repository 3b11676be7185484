"""Sends each line as a datagram and prints the reply: the Python beside src/bin/udp_client.rs, less guarded."""

import socket
import sys

BUFSIZE = 1024
REPLY_TIMEOUT = 2  # seconds: a datagram that was lost never comes

host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")
ip_port = (host, int(port))
unanswered = 0

for line in sys.stdin:
    msg = line.strip()
    if not msg:
        continue
    # A socket of its own for every question: a late reply is never taken for the answer to the next.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock_client:
        sock_client.settimeout(REPLY_TIMEOUT)
        sock_client.connect(ip_port)  # sends nothing: from now on only this address is heard
        try:
            sock_client.send(msg.encode("utf-8"))
            back_msg = sock_client.recv(BUFSIZE)
        except OSError as error:
            print(f"udp_client.py: no reply from {host}:{port}: {error}", file=sys.stderr)
            unanswered += 1
            continue
    text = f"{back_msg.decode('utf-8', 'replace')} {host}:{port}\n"
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()
sys.exit(1 if unanswered else 0)
