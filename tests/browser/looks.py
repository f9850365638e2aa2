"""How a page is looked at: nothing sideways, no serious fault for axe.

At a desk in the light and on a phone in the dark, which between them know every width and every colour. With
SCREENSHOTS=folder all four ways, and each page's picture is kept there, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SIZES = {1280: 900, 390: 844}
SCREENSHOTS = os.environ.get("SCREENSHOTS")
STAGES = ((1280, "light"), (390, "dark"), *(((1280, "dark"), (390, "light")) if SCREENSHOTS else ()))
SERIOUS = {"serious", "critical"}
# A colour that is inherited changes step by step down the page; halfway to another theme no contrast is right. Each
# step that ends may begin the next one, a frame later.
UNTIL_STILL = """async () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const frame = () => new Promise(requestAnimationFrame);
  const moves = () => document.getAnimations().filter((animation) => animation instanceof CSSTransition);
  while (document.documentElement.dataset.bsTheme !== (dark ? "dark" : "light")) await frame();
  for (let still = 0; still < 3; still += 1) {
    await frame();
    for (const move of moves()) { move.finish(); still = 0; }
  }
}"""


def set_stage(page: Page, width: int, theme: str) -> Page:
    """Without motion: halfway from light to dark no contrast is right."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    return page


def look(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands, as sentences."""
    page.wait_for_load_state("load")
    page.evaluate(UNTIL_STILL)
    _keep_picture(page, name)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    faults = [f"{name} scrolls sideways by {overflow} px"] if overflow > 0 else []
    return faults + [
        f"{name}: {fault['id']}: {node['html'][:120]}"
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


def look_all_ways(page: Page, name: str) -> list[str]:
    """The same on every stage, without loading the page anew. It stands wide and light afterwards."""
    faults = [fault for width, theme in STAGES for fault in look(set_stage(page, width, theme), name)]
    set_stage(page, *STAGES[0])
    return faults


def _keep_picture(page: Page, name: str) -> None:
    size = page.viewport_size
    if SCREENSHOTS and size:
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        path = Path(SCREENSHOTS) / f"{name}-{size['width']}-{'dark' if is_dark else 'light'}.png"
        page.screenshot(path=path, full_page=True)
