"""The sandbox's HTTP server: control API, its own page, Razorpay, and Graph for every other path."""

from pathlib import Path

from aiohttp import web

from sandbox.aftermath import resume
from sandbox.control import routes as control
from sandbox.graph import router
from sandbox.graph.items_batch import resume_batches
from sandbox.graph.products import resume_item_reviews
from sandbox.graph.template_quality import resume_pauses
from sandbox.graph.templates import resume_reviews
from sandbox.page import routes as page
from sandbox.razorpay import page as payment_page
from sandbox.razorpay import routes as razorpay
from sandbox.razorpay.links import resume_expiries
from sandbox.stage import STAGE, Stage

MOST_BYTES = 101 * 1024 * 1024  # Meta's largest document and its wrapping
STATIC = Path(page.__file__).with_name("static")


def build_app(stage: Stage) -> web.Application:
    """The application around a stage; opens and closes it with the server."""
    app = web.Application(client_max_size=MOST_BYTES)
    app[STAGE] = stage
    app.add_routes(control.routes())
    app.add_routes(page.routes())
    app.add_routes(razorpay.routes())
    app.add_routes(payment_page.routes())
    app.router.add_static("/__page__", STATIC)
    app.router.add_route("*", "/{path:.*}", _graph)
    app.on_startup.append(_open)
    app.on_cleanup.append(_close)
    return app


async def _graph(request: web.Request) -> web.StreamResponse:
    return await router.answer(request, request.app[STAGE])


async def _open(app: web.Application) -> None:
    stage = app[STAGE]
    await stage.open()
    for go_on in (resume, resume_reviews, resume_pauses, resume_batches, resume_item_reviews, resume_expiries):
        go_on(stage)


async def _close(app: web.Application) -> None:
    await app[STAGE].close()
