//! What Python 3.11 prints, on Linux. A newer or older Python may print another line of the same entry.

/// Reads snippets, each before a NUL byte, and writes for each the last line that it leaves on the screen. Each runs in a
/// process of its own, which is copied when the modules are loaded, and its error is shown as at the end of a program. Nothing leaves this
/// machine, and no name is looked up in a network.
pub const RUNNER: &str = r#"
import json, os, pickle, select, signal, socket, struct, sys, threading

def tcp(): return socket.socket(socket.AF_INET, socket.SOCK_STREAM)
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

def listener(backlog=5):
    s = tcp()
    s.bind(('127.0.0.1', 0))
    s.listen(backlog)
    return s

def nobody():
    s = tcp()
    s.bind(('127.0.0.1', 0))
    return s.getsockname()

def pair():
    s = listener()
    client = tcp()
    client.connect(s.getsockname())
    return client, s.accept()[0]

def full():
    global kept
    s = listener(0)
    kept = [s]
    for _ in range(4):
        c = tcp()
        c.setblocking(False)
        kept.append(c)
        c.connect_ex(s.getsockname())
    c = tcp()
    c.setblocking(False)
    return c, s.getsockname()

def http_answer(data):
    s = listener()
    def serve():
        conn = s.accept()[0]
        conn.recv(1000)
        conn.sendall(data)
        conn.close()
    threading.Thread(target=serve).start()
    import http.client
    client = http.client.HTTPConnection(*s.getsockname())
    client.request('GET', '/')
    client.getresponse()

def tls_client(conn):
    import ssl
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.wrap_socket(conn)

def f(conn): pass
def f0(): pass

snippet = None
for text in sys.stdin.buffer.read().decode().split('\0')[:-1]:
    screen, written = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
        os.dup2(written, 2)
        os.close(screen)
        os.close(written)
        sys.stdin = open(0)
        snippet = text
        break
    os.close(written)
    with open(screen, encoding='utf-8') as screen:
        # From Python 3.12 a line behind the error names the codec.
        lines = [line for line in screen if line.strip() and not line.endswith(' codec failed\n')]
    os.waitpid(child, 0)
    print(lines[-1].rstrip() if lines else 'nothing', flush=True)
if snippet is not None:
    client, conn = pair()
    try:
        exec(snippet)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stderr.flush()
    os._exit(1)
"#;

/// The entry, the snippet, and the last line that it prints on stderr.
pub const SNIPPETS: &[[&str; 3]] = &[
    ["Connection refused", "tcp().connect(nobody())", "ConnectionRefusedError: [Errno 111] Connection refused"],
    [
        "Connection refused",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:%d/' % nobody()[1])",
        "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>",
    ],
    [
        "Address already in use",
        "s = listener(); tcp().bind(s.getsockname())",
        "OSError: [Errno 98] Address already in use",
    ],
    [
        "Connection reset by peer",
        "conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); conn.close(); client.recv(1)",
        "ConnectionResetError: [Errno 104] Connection reset by peer",
    ],
    [
        "Connection reset by peer",
        "client.send(b'x'); conn.recv(1, socket.MSG_PEEK); conn.close(); client.recv(1)", // closed with a byte unread
        "ConnectionResetError: [Errno 104] Connection reset by peer",
    ],
    ["Broken pipe", "client.shutdown(socket.SHUT_WR); client.send(b'x')", "BrokenPipeError: [Errno 32] Broken pipe"],
    [
        "Broken pipe", // the first send after the close still works
        "conn.close(); client.send(b'x'); client.recv(1) if 0 else select.select([], [], [], 0.1); client.send(b'x')",
        "BrokenPipeError: [Errno 32] Broken pipe",
    ],
    ["Broken pipe", "tcp().send(b'x')", "BrokenPipeError: [Errno 32] Broken pipe"], // never connected
    ["timed out: your own limit", "client.settimeout(0.01); client.recv(1)", "TimeoutError: timed out"],
    [
        "timed out: your own limit",
        "client.settimeout(0.01); file = client.makefile('rb')\ntry: file.read(1)\nexcept OSError: pass\nfile.read(1)",
        "OSError: cannot read from timed out object",
    ],
    [
        "Resource temporarily unavailable",
        "client.setblocking(False); client.recv(1)",
        "BlockingIOError: [Errno 11] Resource temporarily unavailable",
    ],
    [
        "Operation now in progress",
        "c, addr = full(); c.connect(addr)",
        "BlockingIOError: [Errno 115] Operation now in progress",
    ],
    [
        "Operation now in progress",
        "c, addr = full(); c.connect_ex(addr); c.connect(addr)",
        "BlockingIOError: [Errno 114] Operation already in progress",
    ],
    [
        "Socket is already connected",
        "client.connect(conn.getsockname())",
        "OSError: [Errno 106] Transport endpoint is already connected",
    ],
    ["Socket is not connected", "tcp().recv(1)", "OSError: [Errno 107] Transport endpoint is not connected"],
    ["Socket is not connected", "listener().recv(1)", "OSError: [Errno 107] Transport endpoint is not connected"],
    ["Socket is not connected", "tcp().getpeername()", "OSError: [Errno 107] Transport endpoint is not connected"],
    ["Bad file descriptor", "client.close(); client.recv(1)", "OSError: [Errno 9] Bad file descriptor"],
    [
        "Bad file descriptor",
        "socket.socket(fileno=os.open('/dev/null', 0))",
        "OSError: [Errno 88] Socket operation on non-socket",
    ],
    [
        "Bad file descriptor",
        "client.close(); select.select([client], [], [])",
        "ValueError: file descriptor cannot be a negative integer (-1)",
    ],
    [
        "Cannot assign requested address",
        "tcp().bind(('192.0.2.1', 0))",
        "OSError: [Errno 99] Cannot assign requested address",
    ],
    [
        "Permission denied",
        "udp().sendto(b'x', ('127.255.255.255', 9))", // a broadcast address
        "PermissionError: [Errno 13] Permission denied",
    ],
    [
        "Too many open files",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)); many = [tcp() for _ in range(20)]",
        "OSError: [Errno 24] Too many open files",
    ],
    [
        "Too many open files",
        "class High:\n  def fileno(self): return 1024\nselect.select([High()], [], [], 0)",
        "ValueError: filedescriptor out of range in select()",
    ],
    ["Message too long", "udp().sendto(bytes(65508), ('127.0.0.1', 9))", "OSError: [Errno 90] Message too long"],
    ["Invalid argument", "s = tcp(); s.bind(('127.0.0.1', 0)); s.accept()", "OSError: [Errno 22] Invalid argument"],
    ["Invalid argument", "client.accept()", "OSError: [Errno 22] Invalid argument"],
    ["Invalid argument", "s = listener(); s.bind(('127.0.0.1', 0))", "OSError: [Errno 22] Invalid argument"],
    ["Invalid argument", "udp().sendto(b'x', ('127.0.0.1', 0))", "OSError: [Errno 22] Invalid argument"],
    [
        "Invalid argument",
        "udp().setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, bytes([10, 1, 1, 1, 0, 0, 0, 0]))",
        "OSError: [Errno 22] Invalid argument",
    ],
    [
        "Address family not supported",
        "tcp().connect(('::1', 9))",
        "socket.gaierror: [Errno -9] Address family for hostname not supported",
    ],
    [
        "Address family not supported",
        "socket.socket(socket.AF_APPLETALK, socket.SOCK_STREAM)",
        "OSError: [Errno 97] Address family not supported by protocol",
    ],
    [
        "Protocol not supported",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_UDP)",
        "OSError: [Errno 93] Protocol not supported",
    ],
    [
        "Protocol not available",
        "tcp().setsockopt(socket.IPPROTO_TCP, 12345, 1)",
        "OSError: [Errno 92] Protocol not available",
    ],
    ["Operation not supported", "udp().listen()", "OSError: [Errno 95] Operation not supported"],
    ["Operation not supported", "udp().accept()", "OSError: [Errno 95] Operation not supported"],
    ["Destination address required", "udp().send(b'x')", "OSError: [Errno 89] Destination address required"],
    [
        "getaddrinfo failed, Name or service not known",
        "socket.getaddrinfo('localhost', 80, flags=socket.AI_NUMERICHOST)", // asks no network
        "socket.gaierror: [Errno -2] Name or service not known",
    ],
    [
        "getaddrinfo failed, Name or service not known",
        "socket.getaddrinfo('127.0.0.1', 'no-such-service')",
        "socket.gaierror: [Errno -8] Servname not supported for ai_socktype",
    ],
    [
        "getaddrinfo failed, Name or service not known",
        "socket.getaddrinfo('ä..b', 80)",
        "UnicodeError: encoding with 'idna' codec failed (UnicodeError: label empty or too long)",
    ],
    [
        "AF_INET address must be tuple",
        "tcp().connect('127.0.0.1:80')",
        "TypeError: connect(): AF_INET address must be tuple, not str",
    ],
    [
        "AF_INET address must be tuple",
        "tcp().bind('127.0.0.1')",
        "TypeError: bind(): AF_INET address must be tuple, not str",
    ],
    [
        "AF_INET address must be tuple",
        "udp().sendto(b'x', '127.0.0.1')",
        "TypeError: sendto(): AF_INET address must be tuple, not str",
    ],
    [
        "AF_INET address must be tuple",
        "tcp().bind(('127.0.0.1',))",
        "TypeError: AF_INET address must be a pair (host, port)",
    ],
    [
        "AF_INET address must be tuple",
        "tcp().bind('127.0.0.1', 80)",
        "TypeError: socket.bind() takes exactly one argument (2 given)",
    ],
    [
        "AF_INET address must be tuple",
        "tcp().connect('127.0.0.1', 80)",
        "TypeError: socket.connect() takes exactly one argument (2 given)",
    ],
    ["AF_INET address must be tuple", "udp().sendto(b'x')", "TypeError: sendto() takes 2 or 3 arguments (1 given)"],
    [
        "an integer is required (the port)",
        "tcp().connect(('127.0.0.1', '80'))",
        "TypeError: 'str' object cannot be interpreted as an integer",
    ],
    [
        "an integer is required (the port)",
        "tcp().bind(('127.0.0.1', None))",
        "TypeError: 'NoneType' object cannot be interpreted as an integer",
    ],
    [
        "an integer is required (the port)",
        "tcp().bind(('127.0.0.1', 80.0))",
        "TypeError: 'float' object cannot be interpreted as an integer",
    ],
    [
        "an integer is required (the port)",
        "tcp().bind((80, 80))",
        "TypeError: str, bytes or bytearray expected, not int",
    ],
    [
        "an integer is required (the port)",
        "tcp().bind((None, 80))",
        "TypeError: str, bytes or bytearray expected, not NoneType",
    ],
    [
        "an integer is required (the port)",
        "tcp().connect(('127.0.0.1', 99999))",
        "OverflowError: connect(): port must be 0-65535.",
    ],
    [
        "an integer is required (the port)",
        "tcp().bind(('127.0.0.1', 99999))",
        "OverflowError: bind(): port must be 0-65535.",
    ],
    [
        "an integer is required (the port)",
        "udp().sendto(b'x', ('127.0.0.1', 99999))",
        "OverflowError: sendto(): port must be 0-65535.",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "client.send('hello')",
        "TypeError: a bytes-like object is required, not 'str'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "udp().sendto('hello', ('127.0.0.1', 9))",
        "TypeError: a bytes-like object is required, not 'str'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "b'a b'.split(' ')",
        "TypeError: a bytes-like object is required, not 'str'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "'a' in b'abc'",
        "TypeError: a bytes-like object is required, not 'str'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "import subprocess; subprocess.run(['cat'], input='a', stdout=subprocess.DEVNULL)",
        "TypeError: a bytes-like object is required, not 'str'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "memoryview('a')",
        "TypeError: memoryview: a bytes-like object is required, not 'str'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "client.send(5)",
        "TypeError: a bytes-like object is required, not 'int'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "client.send([1])",
        "TypeError: a bytes-like object is required, not 'list'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "client.send({})",
        "TypeError: a bytes-like object is required, not 'dict'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "client.send((1, 2))",
        "TypeError: a bytes-like object is required, not 'tuple'",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "client.send(None)",
        "TypeError: a bytes-like object is required, not 'NoneType'",
    ],
    ["a bytes-like object is required, not 'str'", "b'a' + 'b'", "TypeError: can't concat str to bytes"],
    [
        "a bytes-like object is required, not 'str'",
        "b'abc'.startswith('a')",
        "TypeError: startswith first arg must be bytes or a tuple of bytes, not str",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "b''.join(['a'])",
        "TypeError: sequence item 0: expected a bytes-like object, str found",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "b'%s' % 'a'",
        "TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'str'",
    ],
    ["a bytes-like object is required, not 'str'", "bytes('a')", "TypeError: string argument without an encoding"],
    [
        "a bytes-like object is required, not 'str'",
        "bytes(5, 'utf-8')",
        "TypeError: encoding without a string argument",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "import hashlib; hashlib.sha256('a')",
        "TypeError: Strings must be encoded before hashing",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "struct.pack('4s', 'abcd')",
        "struct.error: argument for 's' must be a bytes object",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "'a' + b'b'",
        "TypeError: can only concatenate str (not \"bytes\") to str",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "'a' + 5",
        "TypeError: can only concatenate str (not \"int\") to str",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "''.join([b'a'])",
        "TypeError: sequence item 0: expected str instance, bytes found",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "open('/dev/null', 'w').write(b'a')",
        "TypeError: write() argument must be str, not bytes",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "str('a', 'utf-8')",
        "TypeError: decoding str is not supported",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "json.dumps({'a': b'x'})",
        "TypeError: Object of type bytes is not JSON serializable",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "json.dumps(client)",
        "TypeError: Object of type socket is not JSON serializable",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "json.dumps({1})",
        "TypeError: Object of type set is not JSON serializable",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "ord(b'ab'[0])",
        "TypeError: ord() expected string of length 1, but int found",
    ],
    [
        "'str' object has no attribute 'decode'",
        "'a'.decode()",
        "AttributeError: 'str' object has no attribute 'decode'. Did you mean: 'encode'?",
    ],
    [
        "'str' object has no attribute 'decode'",
        "b'a'.encode()",
        "AttributeError: 'bytes' object has no attribute 'encode'. Did you mean: 'decode'?",
    ],
    [
        "'str' object has no attribute 'decode'",
        "b'a'.format()",
        "AttributeError: 'bytes' object has no attribute 'format'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "(5).encode()",
        "AttributeError: 'int' object has no attribute 'encode'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "{}.encode()",
        "AttributeError: 'dict' object has no attribute 'encode'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "[].encode()",
        "AttributeError: 'list' object has no attribute 'encode'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "None.decode()",
        "AttributeError: 'NoneType' object has no attribute 'decode'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "u = udp(); u.bind(('127.0.0.1', 0)); u.sendto(b'x', u.getsockname()); u.recvfrom(9).decode()",
        "AttributeError: 'tuple' object has no attribute 'decode'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "json.loads('\"text\"').keys()",
        "AttributeError: 'str' object has no attribute 'keys'",
    ],
    [
        "'utf-8' codec can't decode byte: invalid start byte",
        "b'abc\\xff'.decode()",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 3: invalid start byte",
    ],
    [
        "'utf-8' codec can't decode byte: invalid start byte",
        "b'\\xc3('.decode()",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte",
    ],
    [
        "unexpected end of data: a character cut in two",
        "('x' * 1023 + 'é').encode()[:1024].decode()",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xc3 in position 1023: unexpected end of data",
    ],
    [
        "unexpected end of data: a character cut in two",
        "'你'.encode()[:2].decode()",
        "UnicodeDecodeError: 'utf-8' codec can't decode bytes in position 0-1: unexpected end of data",
    ],
    [
        "unexpected end of data: a character cut in two",
        "'你'.encode('gbk')[:1].decode('gbk')",
        "UnicodeDecodeError: 'gbk' codec can't decode byte 0xc4 in position 0: incomplete multibyte sequence",
    ],
    [
        "unexpected end of data: a character cut in two",
        "b'a'.decode('utf-16')",
        "UnicodeDecodeError: 'utf-16-le' codec can't decode byte 0x61 in position 0: truncated data",
    ],
    [
        "'ascii' codec can't decode byte",
        "b'\\xe4'.decode('ascii')",
        "UnicodeDecodeError: 'ascii' codec can't decode byte 0xe4 in position 0: ordinal not in range(128)",
    ],
    [
        "'ascii' codec can't decode byte",
        "'ä'.encode('ascii')",
        "UnicodeEncodeError: 'ascii' codec can't encode character '\\xe4' in position 0: ordinal not in range(128)",
    ],
    [
        "'ascii' codec can't decode byte",
        "'你好'.encode('ascii')",
        "UnicodeEncodeError: 'ascii' codec can't encode characters in position 0-1: ordinal not in range(128)",
    ],
    [
        "'ascii' codec can't decode byte",
        "'€'.encode('latin-1')",
        "UnicodeEncodeError: 'latin-1' codec can't encode character '\\u20ac' in position 0: ordinal not in range(256)",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "b'\\x80abc'.decode('gbk')",
        "UnicodeDecodeError: 'gbk' codec can't decode byte 0x80 in position 0: illegal multibyte sequence",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "'😀'.encode('gbk')",
        "UnicodeEncodeError: 'gbk' codec can't encode character '\\U0001f600' in position 0: illegal multibyte sequence",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "b'\\x81'.decode('cp1252')",
        "UnicodeDecodeError: 'charmap' codec can't decode byte 0x81 in position 0: character maps to <undefined>",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "'你'.encode('cp1252')",
        "UnicodeEncodeError: 'charmap' codec can't encode character '\\u4f60' in position 0: character maps to <undefined>",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "b'\\x80'.decode('gb2312')",
        "UnicodeDecodeError: 'gb2312' codec can't decode byte 0x80 in position 0: incomplete multibyte sequence",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "b'\\xff'.decode('cp950')",
        "UnicodeDecodeError: 'cp950' codec can't decode byte 0xff in position 0: incomplete multibyte sequence",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "b'\\xff'.decode('cp949')",
        "UnicodeDecodeError: 'cp949' codec can't decode byte 0xff in position 0: incomplete multibyte sequence",
    ],
    [
        "'gbk' codec, 'charmap' codec",
        "b'\\x81'.decode('cp932')",
        "UnicodeDecodeError: 'cp932' codec can't decode byte 0x81 in position 0: incomplete multibyte sequence",
    ],
    ["'gbk' codec, 'charmap' codec", "'a'.encode('utf-9')", "LookupError: unknown encoding: utf-9"],
    [
        "surrogates not allowed",
        "os.fsdecode(b'\\xe4').encode()",
        "UnicodeEncodeError: 'utf-8' codec can't encode character '\\udce4' in position 0: surrogates not allowed",
    ],
    [
        "surrogates not allowed",
        "os.fsdecode(b'\\xe4\\xe5').encode()",
        "UnicodeEncodeError: 'utf-8' codec can't encode characters in position 0-1: surrogates not allowed",
    ],
    [
        "unpack requires a buffer of 4 bytes",
        "conn.close(); struct.unpack('i', client.recv(4))",
        "struct.error: unpack requires a buffer of 4 bytes",
    ],
    [
        "unpack requires a buffer of 4 bytes",
        "struct.unpack('!Q', b'1234')",
        "struct.error: unpack requires a buffer of 8 bytes",
    ],
    [
        "unpack requires a buffer of 4 bytes",
        "struct.unpack_from('!I', b'12')",
        "struct.error: unpack_from requires a buffer of at least 4 bytes for unpacking 4 bytes at offset 0 (actual \
         buffer size is 2)",
    ],
    [
        "unpack requires a buffer of 4 bytes",
        "struct.pack_into('!I', bytearray(2), 0, 1)",
        "struct.error: pack_into requires a buffer of at least 4 bytes for packing 4 bytes at offset 0 (actual \
         buffer size is 2)",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('i', 2 ** 31)",
        "struct.error: 'i' format requires -2147483648 <= number <= 2147483647",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('>H', 70000)",
        "struct.error: 'H' format requires 0 <= number <= 65535",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('B', 256)",
        "struct.error: ubyte format requires 0 <= number <= 255",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('!I', -1)",
        "struct.error: argument out of range",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('!Q', 2 ** 64)",
        "struct.error: int too large to convert",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('!I', '5')",
        "struct.error: required argument is not an integer",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('d', '5')",
        "struct.error: required argument is not a float",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('!II', 1)",
        "struct.error: pack expected 2 items for packing (got 1)",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('!k', 1)",
        "struct.error: bad char in struct format",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "struct.pack('c', 'a')",
        "struct.error: char format requires a bytes object of length 1",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "(300).to_bytes(1, 'big')",
        "OverflowError: int too big to convert",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "(-1).to_bytes(4, 'big')",
        "OverflowError: can't convert negative int to unsigned",
    ],
    [
        "'i' format requires, required argument is not an integer",
        "bytes([256])",
        "ValueError: bytes must be in range(0, 256)",
    ],
    [
        "Extra data",
        "json.loads('{\"a\": 1}{\"b\": 2}')",
        "json.decoder.JSONDecodeError: Extra data: line 1 column 9 (char 8)",
    ],
    [
        "Expecting value",
        "conn.close(); json.loads(client.recv(1024))",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ],
    ["Expecting value", "json.loads(None)", "TypeError: the JSON object must be str, bytes or bytearray, not NoneType"],
    ["Expecting value", "json.loads({})", "TypeError: the JSON object must be str, bytes or bytearray, not dict"],
    [
        "Expecting value",
        "json.loads('\\ufeff{}')",
        "json.decoder.JSONDecodeError: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
    ],
    [
        "Expecting value",
        "json.loads(str({'a': 1}))",
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ],
    [
        "Expecting value",
        "json.loads('\"a\\n\"')",
        "json.decoder.JSONDecodeError: Invalid control character at: line 1 column 3 (char 2)",
    ],
    [
        "Expecting value",
        "json.loads(r'\"\\x\"')",
        "json.decoder.JSONDecodeError: Invalid \\escape: line 1 column 2 (char 1)",
    ],
    [
        "Unterminated string, Expecting ',' delimiter",
        "json.loads('{\"a\": \"x')",
        "json.decoder.JSONDecodeError: Unterminated string starting at: line 1 column 7 (char 6)",
    ],
    [
        "Unterminated string, Expecting ',' delimiter",
        "json.loads('{\"a\": 1 \"b\": 2}')",
        "json.decoder.JSONDecodeError: Expecting ',' delimiter: line 1 column 9 (char 8)",
    ],
    [
        "Unterminated string, Expecting ',' delimiter",
        "json.loads('{\"a\"}')",
        "json.decoder.JSONDecodeError: Expecting ':' delimiter: line 1 column 5 (char 4)",
    ],
    [
        "pickle data was truncated",
        "pickle.loads(pickle.dumps(['x' * 100])[:50])",
        "_pickle.UnpicklingError: pickle data was truncated",
    ],
    ["pickle data was truncated", "pickle.loads(b'')", "EOFError: Ran out of input"],
    ["pickle data was truncated", "pickle.loads(b'{\"a\": 1}')", "_pickle.UnpicklingError: invalid load key, '{'."],
    [
        "pickle data was truncated",
        "pickle.loads(b'\\0\\0\\0\\x05')",
        "_pickle.UnpicklingError: invalid load key, '\\x00'.",
    ],
    ["pickle data was truncated", "pickle.loads(b'a')", "_pickle.UnpicklingError: unpickling stack underflow"],
    ["pickle data was truncated", "pickle.loads(b'17')", "_pickle.UnpicklingError: could not find MARK"],
    ["pickle data was truncated", "pickle.dumps(client)", "TypeError: cannot pickle 'socket' object"],
    ["pickle data was truncated", "pickle.dumps(threading.Lock())", "TypeError: cannot pickle '_thread.lock' object"],
    ["invalid literal for int() with base 10", "int('')", "ValueError: invalid literal for int() with base 10: ''"],
    ["invalid literal for int() with base 10", "int(b'')", "ValueError: invalid literal for int() with base 10: b''"],
    [
        "invalid literal for int() with base 10",
        "client.send(b'17'); client.send(b'total 4'); conn.recv(9, socket.MSG_PEEK | socket.MSG_WAITALL); \
         int(conn.recv(1024))",
        "ValueError: invalid literal for int() with base 10: b'17total 4'",
    ],
    [
        "invalid literal for int() with base 10",
        "int('17total')",
        "ValueError: invalid literal for int() with base 10: '17total'",
    ],
    ["invalid literal for int() with base 10", "float('abc')", "ValueError: could not convert string to float: 'abc'"],
    [
        "invalid literal for int() with base 10",
        "int(None)",
        "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
    ],
    [
        "not enough values to unpack",
        "a, b = 'x'.split(':')",
        "ValueError: not enough values to unpack (expected 2, got 1)",
    ],
    ["not enough values to unpack", "a, b = 'x:y:z'.split(':')", "ValueError: too many values to unpack (expected 2)"],
    ["not enough values to unpack", "a, b = None", "TypeError: cannot unpack non-iterable NoneType object"],
    ["not enough values to unpack", "sys.argv[9]", "IndexError: list index out of range"],
    ["not enough values to unpack", "b''[0]", "IndexError: index out of range"],
    ["not enough values to unpack", "(1, 2)[2]", "IndexError: tuple index out of range"],
    [
        "'socket' object has no attribute",
        "client.recieve(9)",
        "AttributeError: 'socket' object has no attribute 'recieve'",
    ],
    [
        "'socket' object has no attribute",
        "client.write(b'x')",
        "AttributeError: 'socket' object has no attribute 'write'",
    ],
    [
        "'socket' object has no attribute",
        "s = listener(); client.close(); client = tcp(); client.connect(s.getsockname()); conn = s.accept(); \
         conn.recv(1)",
        "AttributeError: 'tuple' object has no attribute 'recv'",
    ],
    ["'socket' object has no attribute", "(1, 2).send(b'x')", "AttributeError: 'tuple' object has no attribute 'send'"],
    [
        "'socket' object has no attribute",
        "f0().send(b'x')",
        "AttributeError: 'NoneType' object has no attribute 'send'",
    ],
    ["'socket' object has no attribute", "f0()[0]", "TypeError: 'NoneType' object is not subscriptable"],
    ["'socket' object has no attribute", "b'ab'[0][0]", "TypeError: 'int' object is not subscriptable"],
    [
        "module 'socket' has no attribute",
        "import types; sys.modules['socket'] = types.ModuleType('socket'); import socket; socket.socket()",
        "AttributeError: module 'socket' has no attribute 'socket'",
    ],
    [
        "module 'socket' has no attribute",
        "from socket import *; socket.socket()",
        "AttributeError: type object 'socket' has no attribute 'socket'",
    ],
    ["module 'socket' has no attribute", "socket(2, 1)", "TypeError: 'module' object is not callable"],
    [
        "No module named, name is not defined",
        "import SocketServer",
        "ModuleNotFoundError: No module named 'SocketServer'",
    ],
    ["No module named, name is not defined", "import Queue", "ModuleNotFoundError: No module named 'Queue'"],
    ["No module named, name is not defined", "import thread", "ModuleNotFoundError: No module named 'thread'"],
    ["No module named, name is not defined", "raw_input()", "NameError: name 'raw_input' is not defined"],
    ["No module named, name is not defined", "unicode('a')", "NameError: name 'unicode' is not defined"],
    [
        "No module named, name is not defined",
        "start_new_thread(f, ())",
        "NameError: name 'start_new_thread' is not defined",
    ],
    ["No module named, name is not defined", "del conn; conn.recv(1)", "NameError: name 'conn' is not defined"],
    [
        "No module named, name is not defined",
        "def g():\n  conn.recv(1)\n  conn = 1\ng()",
        "UnboundLocalError: cannot access local variable 'conn' where it is not associated with a value",
    ],
    [
        "No module named, name is not defined",
        "exec(\"print 'a'\")",
        "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?",
    ],
    [
        "No module named, name is not defined",
        "exec('try: pass\\nexcept OSError, e: pass')",
        "SyntaxError: multiple exception types must be parenthesized",
    ],
    [
        "No module named, name is not defined",
        "exec('if 1:\\n\\tx = 1\\n        y = 2')",
        "TabError: inconsistent use of tabs and spaces in indentation",
    ],
    [
        "I/O operation on closed file",
        "file = client.makefile(); file.close(); file.readline()",
        "ValueError: I/O operation on closed file.",
    ],
    ["I/O operation on closed file", "client.makefile('w').read()", "io.UnsupportedOperation: not readable"],
    ["I/O operation on closed file", "client.recv(-1)", "ValueError: negative buffersize in recv"],
    ["I/O operation on closed file", "open('a\\0b')", "ValueError: embedded null byte"],
    ["EOF when reading a line", "input()", "EOFError: EOF when reading a line"],
    [
        "EOF when reading a line",
        "import asyncio\nasync def main():\n  r = asyncio.StreamReader(); r.feed_eof(); await r.readexactly(4)\nasyncio.run(main())",
        "asyncio.exceptions.IncompleteReadError: 0 bytes read on a total of 4 expected bytes",
    ],
    ["list.remove(x): x not in list", "[].remove(client)", "ValueError: list.remove(x): x not in list"],
    ["list.remove(x): x not in list", "{}['127.0.0.1', 54321]", "KeyError: ('127.0.0.1', 54321)"],
    [
        "list.remove(x): x not in list",
        "d = {1: 1}\nfor key in d: d[key + 1] = 1",
        "RuntimeError: dictionary changed size during iteration",
    ],
    [
        "list.remove(x): x not in list",
        "d = {1}\nfor key in d: d.add(key + 1)",
        "RuntimeError: Set changed size during iteration",
    ],
    ["list.remove(x): x not in list", "{[]: 1}", "TypeError: unhashable type: 'list'"],
    [
        "A server that speaks something else",
        "http_answer(b'')",
        "http.client.RemoteDisconnected: Remote end closed connection without response",
    ],
    ["A server that speaks something else", "http_answer(b'hello\\n')", "http.client.BadStatusLine: hello"],
    [
        "asyncio",
        "import asyncio\nasync def main(): asyncio.run(None)\nasyncio.run(main())",
        "RuntimeError: asyncio.run() cannot be called from a running event loop",
    ],
    [
        "asyncio",
        "import asyncio; loop = asyncio.new_event_loop(); loop.close(); loop.call_soon(f0)",
        "RuntimeError: Event loop is closed",
    ],
    [
        "asyncio",
        "import asyncio\nloop = asyncio.new_event_loop()\nasync def main(): loop.run_forever()\nloop.run_until_complete(main())",
        "RuntimeError: This event loop is already running",
    ],
    ["asyncio", "exec('await f()')", "SyntaxError: 'await' outside function"],
    [
        "takes 1 positional argument but 9 were given",
        "def handle(conn): pass\nthreading.Thread(target=handle, args=('127.0.0.1')).run()",
        "TypeError: handle() takes 1 positional argument but 9 were given",
    ],
    [
        "takes 1 positional argument but 9 were given",
        "def handle(): pass\nthreading.Thread(target=handle, args=(conn,)).run()",
        "TypeError: handle() takes 0 positional arguments but 1 was given",
    ],
    [
        "takes 1 positional argument but 9 were given",
        "def handle(conn, addr): pass\nthreading.Thread(target=handle, args=(conn,)).run()",
        "TypeError: handle() missing 1 required positional argument: 'addr'",
    ],
    [
        "takes 1 positional argument but 9 were given",
        "def handle(conn): pass\nthreading.Thread(target=handle, args=(conn)).run()",
        "TypeError: __main__.handle() argument after * must be an iterable, not socket",
    ],
    [
        "takes 1 positional argument but 9 were given",
        "threading.Thread(target=f(conn))._target()",
        "TypeError: 'NoneType' object is not callable",
    ],
    [
        "takes 1 positional argument but 9 were given",
        "t = threading.Thread(target=f0); t.start(); t.start()",
        "RuntimeError: threads can only be started once",
    ],
    [
        "can't start new thread",
        "threading.stack_size(1 << 46); threading.Thread(target=f0).start()", // more than there is room for
        "RuntimeError: can't start new thread",
    ],
    [
        "No such file or directory: subprocess, Unix sockets",
        "import subprocess; subprocess.Popen('ls -l')",
        "FileNotFoundError: [Errno 2] No such file or directory: 'ls -l'",
    ],
    [
        "No such file or directory: subprocess, Unix sockets",
        "import subprocess; subprocess.run(['no-such-program'])",
        "FileNotFoundError: [Errno 2] No such file or directory: 'no-such-program'",
    ],
    [
        "No such file or directory: subprocess, Unix sockets",
        "socket.socket(socket.AF_UNIX).connect('/no/such/socket')",
        "FileNotFoundError: [Errno 2] No such file or directory",
    ],
    [
        "No such file or directory: subprocess, Unix sockets",
        "socket.socket(socket.AF_UNIX).connect('/' + 'x' * 200)",
        "OSError: AF_UNIX path too long",
    ],
    [
        "No such file or directory: subprocess, Unix sockets",
        "open('/tmp')",
        "IsADirectoryError: [Errno 21] Is a directory: '/tmp'",
    ],
    [
        "returned non-zero exit status",
        "import subprocess; subprocess.check_output('exit 3', shell=True)",
        "subprocess.CalledProcessError: Command 'exit 3' returned non-zero exit status 3.",
    ],
    [
        "returned non-zero exit status",
        "import subprocess; subprocess.run(['false'], check=True)",
        "subprocess.CalledProcessError: Command '['false']' returned non-zero exit status 1.",
    ],
    [
        "WRONG_VERSION_NUMBER",
        "conn.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n'); tls_client(client)",
        "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
    ],
    [
        "WRONG_VERSION_NUMBER",
        "import ssl; conn.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n'); \
         ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_socket(client, server_side=True)",
        "ssl.SSLError: [SSL: HTTP_REQUEST] http request (_ssl.c:1006)",
    ],
    [
        "CERTIFICATE_VERIFY_FAILED",
        "import ssl; ssl.create_default_context().wrap_socket(client)",
        "ValueError: check_hostname requires server_hostname",
    ],
    [
        "memory allocation failed, overflowed its stack",
        "def g(): g()\ng()",
        "RecursionError: maximum recursion depth exceeded",
    ],
    [
        "memory allocation failed, overflowed its stack",
        "client.recv(2 ** 63)",
        "OverflowError: Python int too large to convert to C ssize_t",
    ],
    ["memory allocation failed, overflowed its stack", "client.recv(2 ** 60)", "MemoryError"],
    [
        "Cannot assign requested address",
        "import asyncio\nasync def main(): await asyncio.start_server(f, '192.0.2.1', 8080)\nasyncio.run(main())",
        "OSError: [Errno 99] error while attempting to bind on address ('192.0.2.1', 8080): cannot assign requested address",
    ],
    [
        "Bad file descriptor",
        "import selectors; client.close(); selectors.DefaultSelector().register(client, selectors.EVENT_READ)",
        "ValueError: Invalid file descriptor: -1",
    ],
    [
        "a bytes-like object is required, not 'str'",
        "import re; re.match('a', None)",
        "TypeError: expected string or bytes-like object, got 'NoneType'",
    ],
    [
        "can only concatenate str (not \"bytes\") to str",
        "5 + b'a'",
        "TypeError: unsupported operand type(s) for +: 'int' and 'bytes'",
    ],
    [
        "'str' object has no attribute 'decode'",
        "str.encode(b'a')",
        "TypeError: descriptor 'encode' for 'str' objects doesn't apply to a 'bytes' object",
    ],
    ["'socket' object has no attribute", "'a'.recv(1)", "AttributeError: 'str' object has no attribute 'recv'"],
    ["'socket' object has no attribute", "client[0]", "TypeError: 'socket' object is not subscriptable"],
    ["'socket' object has no attribute", "for byte in client: pass", "TypeError: 'socket' object is not iterable"],
    ["not enough values to unpack", "a, b = client", "TypeError: cannot unpack non-iterable socket object"],
    ["No module named, name is not defined", "del socket; socket.socket()", "NameError: name 'socket' is not defined"],
    [
        "Incorrect padding, InvalidToken: compressed or encrypted data",
        "import base64; base64.b64decode('abc')",
        "binascii.Error: Incorrect padding",
    ],
    [
        "Incorrect padding, InvalidToken: compressed or encrypted data",
        "import zlib; zlib.decompress(zlib.compress(bytes(1000))[:10])",
        "zlib.error: Error -5 while decompressing data: incomplete or truncated stream",
    ],
    [
        "Incorrect padding, InvalidToken: compressed or encrypted data",
        "import zlib; zlib.decompress(b'hello')",
        "zlib.error: Error -3 while decompressing data: incorrect header check",
    ],
    [
        "WRONG_VERSION_NUMBER",
        "import ssl\ndef serve():\n  try: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_socket(conn, server_side=True)\n  \
         except OSError: pass\nthreading.Thread(target=serve).start(); tls_client(client)", // no certificate loaded
        "ssl.SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1006)",
    ],
    [
        "timed out: your own limit",
        "client.settimeout(0.01); tls_client(client)",
        "TimeoutError: _ssl.c:989: The handshake operation timed out",
    ],
];
