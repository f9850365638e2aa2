// Keys: "?" lists them, "/" searches, "g" and a letter jumps, "j" and "k" walk through rows. Esc is the browser's own.
(() => {
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  let jumping = 0;
  const jump = (key) => document.querySelector(`a[data-key="${CSS.escape(key)}"]`)?.click();
  const search = () => document.querySelector('main input[type="search"], main [data-search]');
  const walk = (step) => {
    const links = [...document.querySelectorAll("main tbody tr a:first-of-type, main [data-row]")];
    const next = links[links.indexOf(document.activeElement) + step];
    next?.focus();
    return next;
  };
  const acts = {
    "?": () => (document.querySelector("dialog[open]") ? null : document.getElementById("shortcuts")?.showModal() ?? true),
    "/": () => (search()?.focus(), search()),
    j: () => walk(1),
    k: () => walk(-1),
    g: () => (jumping = Date.now()),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (Date.now() - jumping < 1500) {
      jumping = 0;
      jump(event.key);
      return;
    }
    if (acts[event.key]?.()) event.preventDefault();
  });
})();
