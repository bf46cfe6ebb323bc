"""`python -m tests.chaos.relay ADDRESS PORT SOCKET`: leads connections to an address on to a socket of this machine."""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress


async def _carry(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def main(address: str, port: int, socket: str) -> None:
    async def taken(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(socket)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))

    server = await asyncio.start_server(taken, address, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
