// Keeps the live part of the page fresh. Forms stand outside of it, so nothing typed is lost.
(function () {
  const live = document.querySelector("[data-live]");
  if (!live) return;

  async function refresh() {
    if (document.hidden || live.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (fresh && fresh.innerHTML !== live.innerHTML) live.innerHTML = fresh.innerHTML;
    } catch (_) {
      // The server is away for a moment; the next round tries again.
    }
  }

  setInterval(refresh, 2000);
})();
