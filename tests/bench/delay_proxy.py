# SPDX-License-Identifier: Apache-2.0
"""A network of a given length on loopback: bytes arrive half a round trip after they were sent.

It stands between sspr-flow and the service and sees every exchange, encrypted as it is: a burst of
bytes from the client and the first bytes that come back. So round trips are counted, not guessed
from the time that they take, and the time that the service needed for an answer is known.
"""

import asyncio
import threading
import time
from dataclasses import dataclass


@dataclass
class Exchange:
    """One burst from the client and the answer to it; monotonic seconds, as each end sees them."""
    sent: float             # the client let go of the first byte of the burst
    forwarded: float = 0.0  # the service had the last byte of the burst
    answered: float = 0.0   # the service let go of the first byte of its answer
    delivered: float = 0.0  # the client had that byte


class DelayProxy:
    """Listens on a loopback port of its own and forwards to `target_port`; runs in a thread."""

    def __init__(self, target_port):
        self._target_port = target_port
        self._half = 0.0
        self._exchanges = []
        self._connections = 0
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.port = 0
        threading.Thread(target=self._run, daemon=True).start()
        self._started.wait(10)

    def set_round_trip(self, seconds):
        """Holds for connections made from now on; forgets what was seen so far."""
        self._half = seconds / 2
        self._exchanges = []
        self._connections = 0

    def exchanges(self):
        return list(self._exchanges)

    def connections(self):
        return self._connections

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()

    async def _connected(self, reader, writer):
        self._connections += 1
        half, exchanges = self._half, self._exchanges
        # The kernel accepted at once; over a real network connect() itself takes a round trip.
        open_at = time.monotonic() + 2 * half
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.close()
            return
        mine = []  # the exchanges of this connection

        def client_spoke(now):
            if not mine or mine[-1].answered:
                mine.append(Exchange(sent=now))
                exchanges.append(mine[-1])

        def service_had(now):
            if mine and not mine[-1].answered:
                mine[-1].forwarded = now

        def service_spoke(now):
            if mine and not mine[-1].answered:
                mine[-1].answered = now

        def client_had(now):
            for exchange in mine:
                if exchange.answered and not exchange.delivered:
                    exchange.delivered = now

        await asyncio.gather(
            _carry(reader, up_writer, half, open_at, client_spoke, service_had),
            _carry(up_reader, writer, half, 0.0, service_spoke, client_had))


async def _carry(reader, writer, half, not_before, on_read, on_written):
    """Forwards one direction; every piece leaves `half` seconds after it came."""
    pieces = asyncio.Queue()

    async def deliver():
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not data:
                break
            on_written(time.monotonic())
            writer.write(data)
        writer.close()

    task = asyncio.ensure_future(deliver())
    try:
        while data := await reader.read(65536):
            now = max(time.monotonic(), not_before)
            on_read(now)
            pieces.put_nowait((now + half, data))
    except OSError:
        pass
    pieces.put_nowait((time.monotonic() + half, b""))
    try:
        await task
    except OSError:
        pass
