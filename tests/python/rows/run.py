"""Runs the snippets that tests/porting_rows.rs hands over on stdin, parted by zero bytes; prints what each prints."""

import contextlib
import faulthandler
import io
import socket
import sys
import traceback

PRELUDE = """
import array, binascii, collections, concurrent.futures, contextlib, datetime, errno, heapq, io, ipaddress, json, math
import os, platform, queue, random, select, shlex, shutil, signal, socket, socketserver, struct, subprocess, sys, tempfile, threading
import time
from socket import AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_TCP, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET
"""
PATIENCE = 20  # seconds


def say(*values):
    """Prints as the Rust side does: true, none, bytes as hexadecimal digits."""
    print(*map(shown, values))


def shown(value):
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return " ".join(map(shown, value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def fails(call, *args, **kwargs):
    """Prints the name of the exception that a call raises."""
    try:
        call(*args, **kwargs)
        print("no exception")
    except Exception as error:
        print(type(error).__name__)


def pair():
    """Two connected TCP sockets whose calls fail rather than hang."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        conn, _ = listener.accept()
    client.settimeout(PATIENCE)
    conn.settimeout(PATIENCE)
    return client, conn


def udp():
    """A UDP socket on a port of the system's choice."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.settimeout(PATIENCE)
    return s


def run(snippet):
    names = {"say": say, "fails": fails, "pair": pair, "udp": udp}
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(PRELUDE + snippet, names)
    except Exception:
        output.write(traceback.format_exc())
    return output.getvalue().strip("\n")


faulthandler.dump_traceback_later(3 * PATIENCE, exit=True)
snippets = sys.stdin.buffer.read().decode("utf-8").split("\0")
sys.stdin = io.TextIOWrapper(io.BytesIO())
sys.stdout.buffer.write("\0".join(map(run, snippets)).encode("utf-8"))
