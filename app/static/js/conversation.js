// A conversation renews itself: who stands at its end stays there, who reads further up keeps the place.
(() => {
  const AT_THE_END = 40; // pixels
  const thread = () => document.getElementById("thread");
  const lastHeard = () => [...document.querySelectorAll("#thread-live [data-heard]")].pop();
  const toTheEnd = (box) => { box.scrollTop = box.scrollHeight; };
  let before = null;

  const keepPlace = (box, isEarlier) => {
    if (!before) toTheEnd(box);
    else if (isEarlier) box.scrollTop = box.scrollHeight - box.clientHeight - before.below;
    else if (before.below < AT_THE_END) toTheEnd(box);
    else box.scrollTop = before.above;
  };
  // All is renewed, so a screen reader is told of what is new alone.
  const announce = () => {
    const heard = lastHeard();
    if (before && heard && heard.dataset.message !== before.heard) {
      document.getElementById("thread-news").textContent = `New message: ${heard.dataset.heard}`;
    }
  };
  document.addEventListener("htmx:beforeSwap", () => {
    const box = thread();
    before = box && {
      above: box.scrollTop,
      below: box.scrollHeight - box.scrollTop - box.clientHeight,
      heard: lastHeard()?.dataset.message,
    };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = thread();
    if (!box) return;
    keepPlace(box, event.detail.pathInfo.requestPath.includes("/earlier"));
    announce();
  });
  if (thread()) toTheEnd(thread());
})();
