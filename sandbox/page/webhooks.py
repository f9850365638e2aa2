"""The page of webhooks posted."""

import json

from aiohttp import web

from sandbox.page.rendering import page
from sandbox.stage import STAGE
from sandbox.webhooks.posts import MOST_BYTES, Post

LAST = 50
MOST_CHARACTERS = 20_000  # of one body; the page is renewed every other second


async def show(request: web.Request) -> web.Response:
    """The last posts with their tries and bodies, and what is still owed."""
    stage = request.app[STAGE]
    posts = list(stage.postman.posts.latest())[:LAST]
    return page(
        "webhooks.html",
        request,
        stage,
        posts=[(post, pretty(post)) for post in posts],
        url=stage.tuning.webhooks.url,
        counts=stage.world.counts,
    )


def pretty(post: Post) -> str:
    """The body, indented; as it is, and not whole, when it is long."""
    text = post.body.decode()
    if text and len(post.body) < MOST_BYTES:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"
