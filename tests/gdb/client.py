"""A client of the stub that can misbehave: client.py PORT WAY. What the well-behaved moments show is
printed; the exit status tells whether the stub answered as it must."""

import socket
import struct
import sys
import time

PACKET_MAX = 0x20000


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(60)
        self.bytes = b""

    def send(self, data):
        self.socket.sendall(data)

    def say(self, packet):
        self.send(frame(packet))

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            sys.exit("FAILED: the stub has closed the connection")
        self.bytes += data

    def answer(self):
        """The next packet, its repeats undone; what stands before it is dropped."""
        while True:
            start = self.bytes.find(b"$")
            end = self.bytes.find(b"#", start)
            if start >= 0 and end >= 0 and len(self.bytes) >= end + 3:
                packet = self.bytes[start + 1 : end]
                self.bytes = self.bytes[end + 3 :]
                self.send(b"+")
                return unfold(packet)
            self.more()

    def ask(self, packet):
        self.say(packet)
        return self.answer()

    def dies(self):
        """Leaves as a process that is killed with bytes unread: by a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def frame(packet):
    return b"$%s#%02x" % (packet, sum(packet) & 0xFF)


def unfold(packet):
    out = b""
    i = 0
    while i < len(packet):
        if packet[i : i + 1] == b"*":
            out += out[-1:] * (packet[i + 1] - 29)
            i += 1
        else:
            out += packet[i : i + 1]
        i += 1
    return out


def check(good, text):
    print("%s: %s" % ("good" if good else "FAILED", text), flush=True)
    if not good:
        sys.exit(1)


def usable(client):
    """The stub still knows the language."""
    check(client.ask(b"?").startswith(b"T05"), "answers ?")
    check(client.ask(b"vMustReplyEmpty") == b"", "answers what it does not know")
    check(len(client.ask(b"g")) > 16 * 16, "answers g")


def stay():
    """Until the test closes our standard input."""
    print("there", flush=True)
    sys.stdin.read()


# ------------------------------------------------------------------------- ways
def attached(client):
    usable(client)
    before = client.ask(b"g")
    stay()
    check(client.ask(b"g") == before, "untouched")
    usable(client)


def mute(client):
    stay()


def half(client):
    client.send(b"+$qSuppor")
    stay()


def slow(client):
    """A byte now and then, never a packet."""
    print("there", flush=True)
    client.socket.settimeout(0.2)
    for byte in b"+$qSupported:multiprocess+;xmlRegisters=i386;" * 1000:
        try:
            client.send(bytes([byte]))
            if not client.socket.recv(100):
                break
        except socket.timeout:
            pass
        except OSError:
            break
    print("displaced", flush=True)


def giant(client):
    check(client.ask(b"?").startswith(b"T05"), "answers ?")
    client.say(b"A" * PACKET_MAX)
    check(client.answer() == b"", "the longest packet")
    for extra in (1, 20 << 20):
        client.say(b"A" * (PACKET_MAX + extra))
        check(client.answer().startswith(b"E"), "a packet %d bytes too long" % extra)
    client.send(b"$" + b"m" * (20 << 20))  # never ends; the next $ begins anew
    check(client.ask(b"?").startswith(b"T05"), "an endless packet")
    usable(client)


def garbage(client):
    """All bytes but those that begin a packet or interrupt, then packets of nonsense."""
    state = 12345
    noise = bytearray()
    for _ in range(1 << 18):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        noise.append(state >> 16 & 0xFF)
    client.send(bytes(noise).translate(None, b"$\3"))
    for i in range(0, 64 * 256, 64):
        client.send(b"$" + bytes(noise[i : i + 64]).translate(None, b"$#\3") + b"#00")
    client.send(b"$#00\x00\xff")
    time.sleep(0.2)
    client.bytes = b""
    client.say(b"qC")
    for _ in range(600):
        if client.answer().startswith(b"QC"):
            usable(client)
            return
    check(False, "answers qC")


def dies(client):
    """In the middle of a long way back. The loop's address is where ^C found it."""
    client.say(b"c")
    time.sleep(0.2)  # a fast machine is at the end within a second
    client.send(b"\3")
    stop = client.answer()
    check(stop.startswith(b"T02"), "interrupted")
    pc = struct.unpack("<Q", bytes.fromhex(stop.split(b"10:")[1][:16].decode()))[0]
    never = b"220027"  # const8 0, end
    check(client.ask(b"Z0,%x,1;X3,%s" % (pc, never)) == b"OK", "breakpoint that never holds")
    print("where %x" % pc, flush=True)
    client.say(b"bc")
    time.sleep(0.3)
    client.dies()


ways = {f.__name__: f for f in (attached, mute, half, slow, giant, garbage, dies)}
ways[sys.argv[2]](Client(int(sys.argv[1])))
