"""`python -m sandbox`: simulate Meta's Graph API on 127.0.0.1 until told to stop."""

import asyncio
import gc
import os
import signal
import socket

import structlog
from aiohttp import web

from sandbox.server import build_app
from sandbox.settings import Settings, read_settings
from sandbox.stage import Stage

log = structlog.get_logger("sandbox")

HOST = "127.0.0.1"
PATIENCE_AT_END = 0.5  # seconds for calls that are being answered


def main() -> None:
    """Run; ends with exit status 0 after SIGTERM or SIGINT."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    asyncio.run(_serve(read_settings(os.environ)))
    gc.freeze()  # else the interpreter examines a large world for seconds before it lets go of it


async def _serve(settings: Settings) -> None:
    stop = _stop_signal()  # before the world is loaded, so that a stop in the middle of it is a clean one
    door = _door(settings.port)  # before the files are touched: a second sandbox must leave them alone
    stage = Stage(settings)
    runner = web.AppRunner(build_app(stage), access_log=None, shutdown_timeout=PATIENCE_AT_END)
    await runner.setup()
    try:
        await web.SockSite(runner, door).start()
        log.info("sandbox.started", port=settings.port, webhook_url=stage.tuning.webhooks.url)
        await stop.wait()
    finally:
        await runner.cleanup()
        log.info("sandbox.stopped", messages=len(stage.world.outgoing), pending=stage.world.counts["pending"])


def _door(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=1024)
    except OSError as taken:
        reason = os.strerror(taken.errno or 0)
        raise SystemExit(f"The sandbox cannot listen on port {port}: {reason}.") from None


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


main()
