# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""Many downloads at once. A file of its own: to import asyncio takes a slow kernel a second."""
import asyncio
import hashlib

from socks import GRANTED, PROXY, digest, payload, port_of, request


async def fetch(port):
    """Everything that the server at this port sends, through the proxy."""
    reader, writer = await asyncio.open_connection(*PROXY)
    writer.write(request(port))
    answer = await reader.readexactly(8)
    assert answer[1] == GRANTED, answer
    check = hashlib.sha256()
    while part := await reader.read(1 << 17):
        check.update(part)
    writer.close()
    return check.hexdigest()


async def fetch_many(count, content):
    """So many downloads at once; fail unless all are right."""
    async def serve(_, writer):
        writer.write(content)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    port = port_of(server.sockets[0])
    digests = await asyncio.gather(*(fetch(port) for _ in range(count)))
    server.close()
    assert digests == [digest(content)] * count, set(digests)


def downloads(count, size):
    """The same for those who do not know asyncio."""
    asyncio.run(fetch_many(count, payload(size)))
