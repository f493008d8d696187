"""Reads event files with nothing of the writer's: records, checksums (bit by bit) and protobuf fields."""

from __future__ import annotations

import pathlib
import struct


def crc32c(data: bytes) -> int:
    remainder = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            odd = (remainder ^ (byte >> bit)) & 1
            remainder >>= 1
            if odd:
                remainder ^= 0x82F63B78
    return remainder ^ 0xFFFFFFFF


def unmasked(value: int) -> int:
    rotated = (value - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated << 15 | rotated >> 17) & 0xFFFFFFFF


def records(path: pathlib.Path) -> list[bytes]:
    data, found, place = path.read_bytes(), [], 0
    while place < len(data):
        length = data[place : place + 8]
        (size,) = struct.unpack("<Q", length)
        (length_crc,) = struct.unpack("<I", data[place + 8 : place + 12])
        body = data[place + 12 : place + 12 + size]
        (body_crc,) = struct.unpack("<I", data[place + 12 + size : place + 16 + size])
        assert unmasked(length_crc) == crc32c(length) and unmasked(body_crc) == crc32c(body)
        found.append(body)
        place += 16 + size
    return found


def varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place


def fields(data: bytes) -> dict[int, list]:
    found: dict[int, list] = {}
    place = 0
    while place < len(data):
        key, place = varint(data, place)
        if key & 7 == 0:
            value, place = varint(data, place)
        elif key & 7 == 1:
            (value,), place = struct.unpack("<d", data[place : place + 8]), place + 8
        else:
            assert key & 7 == 2, "a wire type that the writer does not use"
            size, place = varint(data, place)
            value, place = data[place : place + size], place + size
        found.setdefault(key >> 3, []).append(value)
    return found


def values(path: pathlib.Path) -> list[tuple[int, str, str, object]]:
    """Return `(step, tag, plugin, value)` of every summary: numbers, arrays as nested lists, strings as bytes."""
    found = []
    for body in records(path):
        event = fields(body)
        for summary in event.get(5, []):
            for entry in fields(summary)[1]:
                value = fields(entry)
                plugin = fields(fields(value[9][0])[1][0])[1][0].decode()
                found.append((event.get(2, [0])[0], value[1][0].decode(), plugin, tensor(fields(value[8][0]))))
    return found


def tensor(message: dict[int, list]) -> object:
    shape = [fields(dim).get(1, [0])[0] for dim in fields(message[2][0]).get(2, [])] if message[2][0] else []
    if message[1] == [7]:
        return message[8] if shape else message[8][0]
    kind = {1: "f", 2: "d"}[message[1][0]]
    content = message[4][0]
    flat = struct.unpack(f"<{len(content) // struct.calcsize(kind)}{kind}", content)
    return flat[0] if not shape else [flat[i : i + shape[1]] for i in range(0, len(flat), shape[1])]


def scalars(folder: pathlib.Path) -> list[tuple[int, str, float]]:
    """Return `(step, tag, value)` of the points in all files of a folder."""
    found = [value for path in sorted(folder.glob("events.*")) for value in values(path)]
    return [(step, tag, value) for step, tag, plugin, value in found if plugin == "scalars"]
