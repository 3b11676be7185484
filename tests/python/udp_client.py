"""Sends a line as a datagram, waits for the reply, prints it."""

import socket
import sys

BUFSIZE = 1024
REPLY_TIMEOUT = 2  # seconds: a datagram that was lost never comes


def connect(ip_port):
    sock_client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock_client.connect(ip_port)  # sends nothing: from now on only this address is heard
    sock_client.settimeout(REPLY_TIMEOUT)
    return sock_client


host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:8080").rpartition(":")
ip_port = (host, int(port))

sock_client = connect(ip_port)
while True:
    msg = input(">> ").strip()
    if not msg:
        continue
    try:
        sock_client.send(msg.encode("utf-8"))
        back_msg, addr = sock_client.recvfrom(BUFSIZE)
        print(back_msg.decode("utf-8"), addr)
    except socket.timeout:
        print("no reply from", ip_port)
        sock_client = connect(ip_port)  # a late reply goes to the old one, so it never answers the next question
    except OSError as error:
        print("no reply from", ip_port, error)
