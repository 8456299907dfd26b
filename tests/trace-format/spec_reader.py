#!/usr/bin/env python3
"""Reads a trace as docs/trace-format.md says, sharing nothing with src/trace-format.

spec_reader.py TRACE EVENTS FOOTER checks every rule of the document on a complete trace and
that it holds EVENTS events and that footer. It is the test that the document suffices.
"""
import struct
import subprocess
import sys

M = (1 << 64) - 1
P = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
KINDS = {1: "header", 2: "blob", 3: "objects", 4: "events", 5: "footer"}


def rotate(v, n):
    return (v << n | v >> (64 - n)) & M


def turn(acc, lane):
    return rotate((acc + lane * P[1]) & M, 31) * P[0] & M


def xxh64(data, seed):
    at, n = 0, len(data)
    if n < 32:
        h = seed + P[4]
    else:
        acc = [(seed + P[0] + P[1]) & M, (seed + P[1]) & M, seed, (seed - P[0]) & M]
        while n - at >= 32:
            acc = [turn(a, w) for a, w in zip(acc, struct.unpack_from("<4Q", data, at))]
            at += 32
        h = sum(rotate(a, r) for a, r in zip(acc, (1, 7, 12, 18)))
        for a in acc:
            h = (h & M ^ turn(0, a)) * P[0] + P[3]
    h = (h + n) & M
    while n - at >= 8:
        h = (rotate(h ^ turn(0, struct.unpack_from("<Q", data, at)[0]), 27) * P[0] + P[3]) & M
        at += 8
    if n - at >= 4:
        h = (rotate(h ^ struct.unpack_from("<I", data, at)[0] * P[0] & M, 23) * P[1] + P[2]) & M
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P[4] & M, 11) * P[0] & M
    h = (h ^ h >> 33) * P[1] & M
    h = (h ^ h >> 29) * P[2] & M
    return h ^ h >> 32


def digest(data):
    return struct.pack("<QQ", xxh64(data, 0), xxh64(data, 0x9E3779B97F4A7C15))


def must(promise, what):
    if not promise:
        sys.exit("spec_reader: " + what)


def pad8(n):
    return -n % 8


def read_start(data):
    magic, size, name, version, flags, check = struct.unpack_from("<II8sIIQ", data)
    must(magic == 0x184D2A50 and size == 24 and name == b"rr-like\0", "start frame")
    must(check == xxh64(data[:24], 0) and version == 1 and flags == 0, "start check")
    return check


def read_units(data, chain):
    """All units as (kind, first, count, contents, digest, packed), and where they end."""
    units, at = [], 32
    while not units or units[-1][0] != "footer":
        tag = data[at:at + 72]
        (magic, size, sequence, kind, packed, length, first, count, flags, name, packed_check,
         found) = struct.unpack("<IIIIIIQII16sQQ", tag)
        must(magic == 0x184D2A51 and size == 64 and flags == 0 and kind in KINDS, "tag")
        must(sequence == len(units) + 1 and found == xxh64(tag[:64], chain), "chain")
        chain = found
        frame = data[at + 72:at + 72 + packed]
        must(len(frame) == packed and packed_check == xxh64(frame, 0), "packed check")
        contents = subprocess.run(["zstd", "-dcq"], input=frame, stdout=subprocess.PIPE, check=True).stdout
        must(len(contents) == length and digest(contents) == name, "contents")
        units.append((KINDS[kind], first, count, contents, name, packed))
        at += 72 + packed
    return units, at


def check_table(table, units):
    sizes = [(32, 0)] + [s for u in units for s in ((72, 0), (u[5], len(u[3])))]
    entries = b"".join(struct.pack("<II", *s) for s in sizes)
    want = struct.pack("<II", 0x184D2A5E, len(entries) + 9) + entries
    must(table == want + struct.pack("<IBI", len(sizes), 0, 0x8F92EAB1), "seek table")


def read_events(contents):
    at = 0
    while at < len(contents):
        length, = struct.unpack_from("<Q", contents, at)
        must(0 < length <= len(contents) - at - 8, "event length")
        at += 8 + length
        must(contents[at:at + pad8(length)] == bytes(pad8(length)), "event padding")
        yield contents[at - length:at]
        at += pad8(length)


def read_objects(contents, blobs):
    at = 0
    while at < len(contents):
        size, ident, generation, _, _, extents, file_size, _, path_len, zero = struct.unpack_from(
            "<IIIIIIQqII", contents, at)
        path = contents[at + 48:at + 48 + path_len]
        must(ident > 0 and generation > 0 and zero == 0 and b"\0" not in path, "object")
        here, end = at + 48 + path_len + pad8(path_len), 0
        must(size == here - at + 32 * extents, "object size")
        for i in range(extents):
            offset, length, zero, name = struct.unpack_from("<QII16s", contents, here + 32 * i)
            must(offset >= end and blobs.get(name) == length and zero == 0, "extent")
            end = offset + length
        must(end <= file_size, "file size")
        yield ident, generation, path
        at += size


def main(path, events_wanted, footer_wanted):
    with open(path, "rb") as f:
        data = f.read()
    units, end = read_units(data, read_start(data))
    check_table(data[end:], units)
    events, objects, blobs = 0, [], {}
    for i, (kind, first, count, contents, name, _) in enumerate(units):
        must((kind == "header") == (i == 0), "order of units")
        if kind == "events":
            must(first == events + 1 and len(list(read_events(contents))) == count, "events")
            events += count
        elif kind == "objects":
            must(first == len(objects), "first object")
            objects += read_objects(contents, blobs)
            must(len(objects) == first + count, "objects")
        else:
            must(first == 0 and count == 1, "first and count")
        if kind == "blob":
            blobs[name] = len(contents)
    must(len(set(objects)) == len(objects), "object names")
    must(events == int(events_wanted), "%d events" % events)
    must(units[-1][3] == footer_wanted.encode(), "footer")
    print("%d units, %d events, %d objects, %d blobs" % (len(units), events, len(objects), len(blobs)))


if __name__ == "__main__":
    main(*sys.argv[1:])
