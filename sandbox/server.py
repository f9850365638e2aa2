"""The sandbox's HTTP server: control API, its own page, and Graph for every other path."""

from pathlib import Path

from aiohttp import web

from sandbox import control
from sandbox.aftermath import resume
from sandbox.graph import router
from sandbox.graph.templates import resume_reviews
from sandbox.page import routes as page
from sandbox.stage import Stage

MOST_BYTES = 101 * 1024 * 1024  # Meta's largest document and its wrapping
STATIC = Path(page.__file__).with_name("static")


def build_app(stage: Stage) -> web.Application:
    """The application around a stage; opens and closes it with the server."""
    app = web.Application(client_max_size=MOST_BYTES)
    app[control.STAGE] = stage
    app.add_routes(control.routes())
    app.add_routes(page.routes())
    app.router.add_static("/__page__", STATIC)
    app.router.add_route("*", "/{path:.*}", _graph)
    app.on_startup.append(_open)
    app.on_cleanup.append(_close)
    return app


async def _graph(request: web.Request) -> web.StreamResponse:
    return await router.answer(request, request.app[control.STAGE])


async def _open(app: web.Application) -> None:
    await app[control.STAGE].open()
    resume(app[control.STAGE])
    resume_reviews(app[control.STAGE])


async def _close(app: web.Application) -> None:
    await app[control.STAGE].close()
