"""Behaves as Tera Term's TTSSH2 does on the wire, with its faults: what it does not expect at a
stage ends it. Prints a line a case. Arguments: PORT USER ED25519_KEY RSA_KEY FOLDER."""

import hashlib
import os
import socket
import struct
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

port, user, ed25519_path, rsa_path, folder = int(sys.argv[1]), *sys.argv[2:]
failures = 0

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SERVICE_REQUEST, SERVICE_ACCEPT, EXT_INFO = range(1, 8)
KEXINIT, NEWKEYS, KEX_INIT, KEX_REPLY = 20, 21, 30, 31
AUTH_REQUEST, AUTH_FAILURE, AUTH_SUCCESS, AUTH_BANNER = range(50, 54)
GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = range(80, 83)
(OPEN, OPEN_CONFIRMATION, OPEN_FAILURE, ADJUST, DATA, EXTENDED_DATA, EOF, CLOSE, REQUEST, SUCCESS,
 FAILURE) = range(90, 101)
SEGMENT = 1448
BLOCK = 32 * 1024

# What each stage accepts besides DISCONNECT. The versions before 4.107 know no EXT_INFO.
HARMLESS = {IGNORE, DEBUG, UNIMPLEMENTED}
STAGES = {
    1: {KEXINIT},
    2: {KEX_REPLY},
    3: {NEWKEYS},  # and EXT_INFO behind the server's NEWKEYS
    4: {SERVICE_ACCEPT},
    5: {AUTH_SUCCESS, AUTH_FAILURE, AUTH_BANNER, EXT_INFO},
    6: {KEXINIT, GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE} | set(range(OPEN, FAILURE + 1)),
}

#            version  string          ext-info strict  key exchange          window
PROFILES = (("4.106", "TTSSH/2.92",   False,   False,  "ecdh-sha2-nistp256", 128 << 10),
            ("4.107", "TTSSH/2.93",   True,    False,  "ecdh-sha2-nistp256", 128 << 10),
            ("5.0",   "TTSSH/3.0",    True,    False,  "ecdh-sha2-nistp256", 128 << 10),
            ("5.3",   "TTSSH/3.3",    True,    True,   "ecdh-sha2-nistp256", 128 << 10),
            ("5.5.2", "TTSSH/3.5.2",  True,    True,   "curve25519-sha256",  128 << 10),
            ("5.6.2", "TTSSH/3.6.2",  True,    True,   "curve25519-sha256",  2 << 20))


class Dead(Exception):
    """TTSSH has shown its box and hung up."""


def case(name, run):
    global failures
    try:
        run()
        print("ok " + name, flush=True)
    except (Dead, AssertionError, OSError, struct.error, InvalidSignature) as e:
        failures += 1
        print(f"not ok {name}: {type(e).__name__} {e}"[:400], flush=True)


def string(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">I", len(data)) + data


def mpint(n):
    return string(n.to_bytes(n.bit_length() // 8 + 1, "big") if n else b"")


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        if n > len(self.data):
            raise Dead("payload too short")
        part, self.data = self.data[:n], self.data[n:]
        return part

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def string(self):
        return self.take(self.u32())


class Wire:
    """Segments as they pass the loopback, for where the server's writes end. Needs CAP_NET_RAW."""

    def __init__(self):
        try:
            self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self.raw.bind(("lo", 0))
            self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        except PermissionError:
            self.raw = None

    def segments(self, client_port):
        """(offset in the stream, length) of each segment from the server, in order."""
        self.raw.settimeout(0.2)
        first, found = None, []
        while True:
            try:
                frame, address = self.raw.recvfrom(65536)
            except TimeoutError:
                return found
            packet = frame[14:]
            tcp = packet[(packet[0] & 15) * 4:]
            source, target, sequence = struct.unpack(">HHI", tcp[:8])
            if address[2] != socket.PACKET_HOST or packet[9] != 6 or (source, target) != (port, client_port):
                continue
            if tcp[13] & 2:
                first = sequence + 1
            length = struct.unpack(">H", packet[2:4])[0] - (packet[0] & 15) * 4 - (tcp[12] >> 4) * 4
            if length > 0 and first is not None:
                found.append(((sequence - first) & 0xffffffff, length))


class Client:
    output, status = b"", None

    def __init__(self, profile):
        self.name, software, self.ext_info, self.strict, self.kex, self.window = profile
        self.stage, self.has_server_newkeys, self.algorithms = 1, False, None
        self.seal = self.open = self.session_id = None
        self.stream, self.consumed, self.places, self.closed = b"", 0, [], set()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while b"\n" not in self.stream:  # TTSSH speaks second
            self.more()
        line, self.stream = self.stream.split(b"\n", 1)
        self.consumed = len(line) + 1
        self.V_S, self.V_C = line.rstrip(b"\r"), f"SSH-2.0-{software} Win32".encode()
        self.socket.sendall(self.V_C + b"\r\n")

    # ------------------------------------------------------------- packets
    def more(self):
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise Dead(f"nothing comes at stage {self.stage} after {[p[0] for p in self.places[-6:]]}, "
                       f"output {self.output[-100:]}") from None
        if not data:
            raise Dead("the server hung up")
        self.stream += data

    def need(self, n):
        while len(self.stream) < n:
            self.more()

    def packet(self):
        """One payload; where it lay in the stream goes to self.places."""
        self.need(4)
        length = struct.unpack(">I", self.stream[:4])[0]
        if length > 36000:
            raise Dead(f"packet of {length} bytes")
        whole = 4 + length + (16 if self.open else 0)
        self.need(whole)
        body = self.stream[4:whole]
        if self.open:
            body = self.open(self.stream[:4], body)
        self.stream = self.stream[whole:]
        self.places.append((body[1], self.consumed, whole))
        self.consumed += whole
        return body[1:length - body[0]]

    def send(self, payload):
        block = 16 if self.seal else 8
        covered = 1 if self.seal else 5
        pad = block - (covered + len(payload)) % block
        pad += block if pad < 4 else 0
        body = bytes([pad]) + payload + os.urandom(pad)
        head = struct.pack(">I", len(body))
        self.socket.sendall(head + (self.seal(head, body) if self.seal else body))

    def accepts(self, number):
        """Whether TTSSH has a handler for the number now."""
        if number == DISCONNECT:
            return True
        if number in HARMLESS:  # the table of stage 3 is kept until SERVICE_REQUEST is sent
            return not (self.strict and self.stage in (2, 3))
        if number == EXT_INFO:
            return self.ext_info and (self.stage == 5 or self.stage == 3 and self.has_server_newkeys)
        return number in STAGES[self.stage]

    def receive(self):
        """The next message that is not harmless, as TTSSH would take it."""
        while True:
            payload = self.packet()
            if not self.accepts(payload[0]):
                raise Dead(f"Unexpected SSH2 message({payload[0]}) on current stage({self.stage})")
            if payload[0] == DISCONNECT:
                raise Dead(f"disconnected: {payload[9:80]}")
            if payload[0] not in HARMLESS:
                return payload

    def expect(self, number):
        payload = self.receive()
        if payload[0] != number:
            raise Dead(f"message({payload[0]}) where {number} was due")
        return Reader(payload[1:])

    # -------------------------------------------------------- key exchange
    def exchange(self, I_S=None):
        again = I_S is not None
        names = [self.kex]
        if not again:
            names += ["ext-info-c"] * self.ext_info + ["kex-strict-c-v00@openssh.com"] * self.strict
        lists = [",".join(names), "ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-256,rsa-sha2-512",
                 *["aes256-gcm@openssh.com,aes256-ctr"] * 2, *["hmac-sha2-512,hmac-sha2-256"] * 2, *["none"] * 2, "", ""]
        I_C = bytes([KEXINIT]) + os.urandom(16) + b"".join(map(string, lists)) + bytes(5)
        self.send(I_C)
        if not again:
            I_S = self.receive()
            assert I_S[0] == KEXINIT
        curve = self.kex.startswith("curve")
        private = x25519.X25519PrivateKey.generate() if curve else ec.generate_private_key(ec.SECP256R1())
        Q_C = (private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw) if curve
               else private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))
        self.stage, self.has_server_newkeys = 2, False
        self.send(bytes([KEX_INIT]) + string(Q_C))
        reply = self.expect(KEX_REPLY)
        K_S, Q_S, signature = reply.string(), reply.string(), Reader(reply.string())
        if curve:
            shared = private.exchange(x25519.X25519PublicKey.from_public_bytes(Q_S))
        else:
            shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), Q_S))
        K = mpint(int.from_bytes(shared, "big"))
        H = hashlib.sha256(b"".join(map(string, (self.V_C, self.V_S, I_C, I_S, K_S, Q_C, Q_S))) + K).digest()
        self.verify(K_S, signature, H)
        self.session_id = self.session_id or H
        self.stage = 3
        self.expect(NEWKEYS)
        self.has_server_newkeys = True
        self.open = self.cipher(K, H, b"B", b"D", False)
        if not again and self.ext_info:
            # Nothing of ours is sent yet: who waits for our NEWKEYS before EXT_INFO waits in vain.
            self.take_ext_info(self.expect(EXT_INFO))
        self.send(bytes([NEWKEYS]))
        self.seal = self.cipher(K, H, b"A", b"C", True)
        if again:
            self.stage = 6

    def verify(self, K_S, signature, H):
        blob = Reader(K_S)
        kind = blob.string()
        assert kind == signature.string() == b"ecdsa-sha2-nistp256", kind
        blob.string()
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), blob.string())
        numbers = Reader(signature.string())
        r, s = (int.from_bytes(numbers.string(), "big") for _ in range(2))
        key.verify(utils.encode_dss_signature(r, s), H, ec.ECDSA(hashes.SHA256()))

    def cipher(self, K, H, iv_letter, key_letter, seals):
        iv, key = (hashlib.sha256(K + H + letter + self.session_id).digest() for letter in (iv_letter, key_letter))
        aes, counter = AESGCM(key), [int.from_bytes(iv[4:12], "big")]

        def run(head, data):
            nonce = iv[:4] + counter[0].to_bytes(8, "big")
            counter[0] = (counter[0] + 1) % (1 << 64)
            return aes.encrypt(nonce, data, head) if seals else aes.decrypt(nonce, data, head)
        return run

    def take_ext_info(self, r):
        for _ in range(r.u32()):
            name, value = r.string(), r.string()
            if name == b"server-sig-algs":
                self.algorithms = value.decode().split(",")
        assert not r.data, "EXT_INFO is longer than its fields"

    # -------------------------------------------------------------- login
    def ask_service(self):
        self.stage = 4
        self.send(bytes([SERVICE_REQUEST]) + string("ssh-userauth"))
        assert self.expect(SERVICE_ACCEPT).string() == b"ssh-userauth"
        self.stage = 5

    def auth(self, body):
        """Sends a request; the methods that can go on, or None for success."""
        self.send(bytes([AUTH_REQUEST]) + string(user) + string("ssh-connection") + body)
        while True:
            payload = self.receive()
            if payload[0] == EXT_INFO:
                self.take_ext_info(Reader(payload[1:]))
            elif payload[0] == AUTH_SUCCESS:
                self.stage = 6
                return None
            elif payload[0] == AUTH_FAILURE:
                methods = Reader(payload[1:]).string().decode()
                if not any(m in methods for m in ("password", "publickey", "keyboard-interactive")):
                    raise Dead("the server doesn't have valid authentication method")
                return methods

    def log_in(self, key_path):
        assert "publickey" in self.auth(string("none")), "what comes after none"
        with open(key_path, "rb") as f:
            key = serialization.load_ssh_private_key(f.read(), None)
        if isinstance(key, ed25519.Ed25519PrivateKey):
            algorithm = "ssh-ed25519"
            blob = string(algorithm) + string(key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))
        else:  # no server-sig-algs: SHA-1, which is refused; so EXT_INFO matters
            known = [a for a in ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa") if a in (self.algorithms or ["ssh-rsa"])]
            if not known:
                raise Dead("no signature algorithm for RSA")
            algorithm = known[0]
            n = key.public_key().public_numbers()
            blob = string("ssh-rsa") + mpint(n.e) + mpint(n.n)
        body = string("publickey") + b"\1" + string(algorithm) + string(blob)  # no query: signs at once
        signed = string(self.session_id) + bytes([AUTH_REQUEST]) + string(user) + string("ssh-connection") + body
        if algorithm == "ssh-ed25519":
            signature = key.sign(signed)
        else:
            kinds = {"rsa-sha2-512": hashes.SHA512(), "rsa-sha2-256": hashes.SHA256(), "ssh-rsa": hashes.SHA1()}
            signature = key.sign(signed, padding.PKCS1v15(), kinds[algorithm])
        return self.auth(body + string(string(algorithm) + string(signature)))

    # ------------------------------------------------------------ channel
    def next_on_channel(self):
        """A message of the channel; requests to us are answered, re-keys followed on the way."""
        payload = self.receive()
        number, r = payload[0], Reader(payload[1:])
        if number == KEXINIT:
            self.stage = 1
            self.exchange(payload)
            self.rekeys += 1
            return self.next_on_channel()
        if number == GLOBAL_REQUEST:
            r.string()
            if r.take(1) != b"\0":
                self.send(bytes([REQUEST_FAILURE]))
            return self.next_on_channel()
        if r.u32() != 0 or 0 in self.closed:
            raise Dead(f"message({number}) on a channel that is not there")
        if number == ADJUST:
            self.credit += r.u32()
        return number, r

    def open_session(self):
        self.rekeys, self.credit = 0, 0
        self.send(bytes([OPEN]) + string("session") + struct.pack(">III", 0, self.window, BLOCK))
        number, r = self.next_on_channel()
        assert number == OPEN_CONFIRMATION, number
        self.peer, self.credit, largest = r.u32(), r.u32(), r.u32()
        assert largest >= BLOCK, f"maximum packet {largest}: TTSSH sends {BLOCK} at once whatever it says"
        self.left = self.window

    def request(self, name, want_reply, body=b""):
        self.send(bytes([REQUEST]) + struct.pack(">I", self.peer) + string(name) + bytes([want_reply]) + body)
        if want_reply:
            number = ADJUST
            while number == ADJUST:
                number, _ = self.next_on_channel()
            assert number == SUCCESS, f"{name}: message({number})"

    def write(self, data):
        for i in range(0, len(data), BLOCK):
            block = data[i:i + BLOCK]
            while self.credit < len(block):  # only when it fits whole
                self.take(*self.next_on_channel())
            self.credit -= len(block)
            self.send(bytes([DATA]) + struct.pack(">I", self.peer) + string(block))

    def take(self, number, r):
        if number in (DATA, EXTENDED_DATA):
            if number == EXTENDED_DATA:
                r.u32()
            data = r.string()
            assert len(data) <= self.left, "the server overruns the window"
            self.left -= len(data)
            self.output += data
            if self.left < (512 << 10 if self.window > 512 << 10 else self.window // 2):
                self.send(bytes([ADJUST]) + struct.pack(">II", self.peer, self.window - self.left))
                self.left = self.window
        elif number == REQUEST:
            kind = r.string()
            self.status = r.take(1) and r.u32() if kind == b"exit-status" else None
        elif number == CLOSE:
            self.closed.add(0)

    def read_until(self, text):
        while text not in self.output:
            assert 0 not in self.closed, f"closed before {text}"
            self.take(*self.next_on_channel())

    def read_to_close(self):
        while 0 not in self.closed:
            self.take(*self.next_on_channel())
        self.send(bytes([CLOSE]) + struct.pack(">I", self.peer))


def logged_in(profile, key=ed25519_path):
    client = Client(profile)
    client.exchange()
    client.ask_service()
    left = client.log_in(key)
    if left is not None:
        raise Dead("SSH2 auto-login error: user authentication failed.")
    return client


def strictness():
    """The table itself: a client that took everything would prove nothing."""
    client = Client(PROFILES[-1])
    refused = {2: (IGNORE, NEWKEYS, EXT_INFO), 3: (DEBUG, EXT_INFO), 4: (EXT_INFO, AUTH_BANNER, KEXINIT),
               5: (60, GLOBAL_REQUEST), 6: (EXT_INFO, AUTH_BANNER, 83, 89, 192)}
    for stage, numbers in refused.items():
        client.stage = stage
        for number in numbers:
            assert not client.accepts(number), f"message({number}) at stage {stage}"
    client.stage = 4
    assert client.accepts(IGNORE) and client.accepts(SERVICE_ACCEPT)


def terminal(profile):
    client = logged_in(profile)
    client.open_session()
    client.request("auth-agent-req@openssh.com", 0)
    modes = bytes([128]) + struct.pack(">I", 9600) + bytes([129]) + struct.pack(">I", 9600) + bytes([3, 0, 0, 0, 127, 72, 0, 0, 0, 1, 0])
    client.request("pty-req", 1, string("xterm") + struct.pack(">IIII", 80, 24, 640, 384) + string(modes))
    client.request("shell", 1)
    client.write(b"stty size; echo in-${TERM}\n")
    client.read_until(b"in-xterm")
    assert b"24 80" in client.output, client.output
    client.request("window-change", 0, struct.pack(">IIII", 132, 43, 0, 0))
    client.send(bytes([IGNORE]) + string("ssh-heartbeat"))
    # The new size goes another way than data and may come behind them.
    client.write(b"until [ \"$(stty size)\" = '43 132' ]; do sleep 0.1; done; echo re\"\"sized\n")
    client.read_until(b"resized")
    client.write(b"exit 5\n")
    client.read_to_close()
    assert client.status == 5, f"exit status {client.status}"


def together(profile, wire):
    """NEWKEYS and EXT_INFO in one segment directly behind the reply, and nothing between."""
    client = Client(profile)
    client.exchange()
    flight = [p for p in client.places]
    assert len(flight) == 4, f"{len(flight)} packets up to EXT_INFO"
    (_, reply, reply_len), (_, newkeys, newkeys_len), (_, ext_info, ext_info_len) = flight[1:]
    assert reply + reply_len == newkeys and newkeys + newkeys_len == ext_info
    segments = wire.segments(client.socket.getsockname()[1])
    holding = [s for s in segments if s[0] <= newkeys < s[0] + s[1]]
    assert holding, f"NEWKEYS at {newkeys} is in none of {segments}"
    start, length = holding[0]
    end = ext_info + ext_info_len
    assert end <= start + length, f"a segment ends at {start + length}, EXT_INFO at {end}"
    assert start == newkeys or end - start <= 1200, f"the segment begins {newkeys - start} bytes before NEWKEYS"
    assert end - newkeys <= SEGMENT, f"{end - newkeys} bytes in a segment of {SEGMENT}"


def no_delay():
    client = Client(PROFILES[-1])
    client.exchange()
    client.ask_service()
    started = time.monotonic()
    client.auth(string("none"))
    assert time.monotonic() - started < 1.0, "none is answered late"


def many_blocks(profile):
    """The old scp: 8 MiB in whole blocks of 32 KiB, while the server re-keys each MiB."""
    client = logged_in(profile)
    client.open_session()
    client.request("exec", 1, string("sha256sum"))
    data = os.urandom(8 << 20)
    client.write(data)
    client.send(bytes([EOF]) + struct.pack(">I", client.peer))
    client.read_to_close()
    assert client.output.split()[0].decode() == hashlib.sha256(data).hexdigest(), "sum"
    assert client.rekeys >= 2, f"{client.rekeys} re-keys"


def scp_to(profile):
    client = logged_in(profile)
    client.open_session()
    name = os.path.join(folder, "from-ttssh-" + profile[0])
    client.request("exec", 1, string("scp -t " + name))
    client.read_until(b"\0")
    data = os.urandom(100000)
    client.write(b"C0644 %d name\n" % len(data))
    client.read_until(b"\0\0")
    client.write(data + b"\0")
    client.read_until(b"\0\0\0")
    client.send(bytes([EOF]) + struct.pack(">I", client.peer))
    client.read_to_close()
    with open(name, "rb") as f:
        assert f.read() == data, "the file"


case("this client is as strict as TTSSH", strictness)
for p in PROFILES:
    case(f"Tera Term {p[0]}: a terminal", lambda: terminal(p))
    case(f"Tera Term {p[0]}: 8 MiB with re-keys", lambda: many_blocks(p))
for p in PROFILES[1:]:
    case(f"Tera Term {p[0]}: RSA by server-sig-algs", lambda: logged_in(p, rsa_path))
case("Tera Term 5.6.2: scp -t", lambda: scp_to(PROFILES[-1]))
case("the first none is not delayed", no_delay)
for p in PROFILES[1:]:
    sniffer = Wire()
    if sniffer.raw is None:
        print("skip where segments end: needs root")
        break
    case(f"Tera Term {p[0]}: NEWKEYS and EXT_INFO in one segment", lambda: together(p, sniffer))
sys.exit(1 if failures else 0)
