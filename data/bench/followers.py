"""A class that follows a lesson: N browsers' worth of requests from one process, for SECONDS.

    python3 followers.py LINK N SECONDS

Each hears the events and fetches every picture that it hears of, once the one before is there.  Prints a line:
followers, pictures fetched, median and 95 % of the time from hearing of a picture until it is there in ms, MB received."""
import asyncio
import os
import sys
import time
import urllib.parse


async def ask(host, port, path):
    """Sends a request; its stream of answers."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
    writer.write(("GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" % path).encode())
    return reader, writer


async def fetch(reader, writer, path):
    writer.write(("GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" % path).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    await reader.readexactly(length)
    return length if head.startswith(b"HTTP/1.1 200") else 0


async def follow(host, port, path, end, times, sizes):
    reader, _ = await ask(host, port, path + "events")
    you, heard, event = "", asyncio.Event(), b""

    async def look():
        picture = None
        while time.monotonic() < end:
            await heard.wait()
            heard.clear()
            began = time.monotonic()
            if picture is None:
                picture = await asyncio.open_connection(host, port, limit=1 << 24)
            size = await fetch(*picture, "%sboard.svg?you=%s" % (path, you))
            if size:
                times.append(time.monotonic() - began)
                sizes.append(size)

    looking = asyncio.create_task(look())
    while time.monotonic() < end:
        try:
            line = (await asyncio.wait_for(reader.readline(), end - time.monotonic())).strip()
        except asyncio.TimeoutError:
            break
        if line.startswith(b"event: "):
            event = line[7:]
        elif line.startswith(b"data: ") and event == b"you":
            you = line[6:].decode()
        elif line.startswith(b"data: ") and event == b"picture" and you:
            heard.set()
    looking.cancel()


async def main(link, n, seconds):
    parts = urllib.parse.urlsplit(link)
    times, sizes = [], []
    end = time.monotonic() + seconds
    await asyncio.gather(*(follow(parts.hostname, parts.port, parts.path, end, times, sizes) for _ in range(n)))
    times.sort()
    print("%d %d %.1f %.1f %.1f" % (n, len(times), 1000 * times[len(times) // 2] if times else -1,
                                    1000 * times[int(len(times) * 0.95)] if times else -1, sum(sizes) / 1e6))


os.nice(5)
asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
