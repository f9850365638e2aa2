// Keeps the live parts fresh and sends forms without leaving the page. Nothing typed, opened or focused is lost:
// a part is replaced only when the server shows it differently, and never while somebody is in it.
(function () {
  const shown = new WeakMap(); // element: how the server wrote it last

  function parse(text) {
    return new DOMParser().parseFromString(text, "text/html");
  }

  function remember(live) {
    for (const child of live.children) shown.set(child, child.outerHTML);
  }

  function isBusy(element) {
    if (element.contains(document.activeElement) && element.querySelector("input, select, details[open]")) return true;
    return [...element.querySelectorAll("input:not([type=hidden])")].some((one) => one.value !== one.defaultValue);
  }

  function isAtEnd(live) {
    return live.scrollHeight - live.scrollTop - live.clientHeight < 60;
  }

  function renew(live, fresh) {
    const followsEnd = live.matches("[role=log]") && isAtEnd(live);
    const present = new Map([...live.children].map((child) => [child.dataset.key, child]));
    let before = null;
    for (const child of [...fresh.children]) {
      const old = present.get(child.dataset.key);
      present.delete(child.dataset.key);
      const stays = old && (shown.get(old) === child.outerHTML || isBusy(old));
      const next = stays ? old : document.importNode(child, true);
      if (!stays) {
        shown.set(next, child.outerHTML);
        if (old) old.replaceWith(next);
      }
      const place = before ? before.nextElementSibling : live.firstElementChild;
      if (place !== next) live.insertBefore(next, place);
      before = next;
    }
    for (const gone of present.values()) if (!isBusy(gone)) gone.remove();
    if (followsEnd) live.scrollTop = live.scrollHeight;
  }

  function take(page) {
    for (const live of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${live.dataset.live}"]`);
      if (fresh) renew(live, fresh);
    }
  }

  async function refresh() {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname + location.search.replace(/([?&])(note|error)=[^&]*/g, "$1"));
      if (answer.ok) take(parse(await answer.text()));
    } catch (_) {
      // The server is away for a moment; the next round tries again.
    }
  }

  async function send(form, button) {
    document.activeElement.blur();
    const fields = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(form.action, { method: "POST", body: fields });
    const page = parse(await answer.text());
    const flash = page.querySelector("[data-flash]");
    const [went, stays] = [new URL(answer.url).pathname, location.pathname];
    if (went !== stays) {
      location.href = answer.url;
      return;
    }
    document.querySelector("[data-flash]").replaceChildren(...(flash ? flash.childNodes : []));
    if (!flash || !flash.querySelector(".error")) {
      form.reset();
      if (form.matches("[data-composer]")) unquote();
      const opened = form.closest("details");
      if (opened) opened.open = false;
    }
    take(page);
    const chat = document.querySelector("[role=log]");
    if (chat) chat.scrollTop = chat.scrollHeight;
    const words = document.getElementById("body");
    if (form.matches("[data-composer]") && words) words.focus();
  }

  function quote(link) {
    const form = document.querySelector("[data-composer]");
    form.elements.to.value = link.dataset.quote;
    form.querySelector(".answering").hidden = false;
    form.querySelector(".answering span").textContent = "Answers: " + link.dataset.words;
    link.closest("details").open = false;
    form.elements.body.focus();
  }

  function unquote() {
    const form = document.querySelector("[data-composer]");
    form.elements.to.value = "";
    form.querySelector(".answering").hidden = true;
  }

  function total(cart) {
    const fields = [...cart.querySelectorAll("[data-price]")];
    const sum = fields.reduce((all, one) => all + Number(one.dataset.price) * (Number(one.value) || 0), 0);
    const currency = fields.length ? fields[0].dataset.currency : "INR";
    const words = sum.toLocaleString("en-IN", { style: "currency", currency, maximumFractionDigits: sum % 1 ? 2 : 0 });
    cart.querySelector("[data-total]").textContent = sum ? words : "";
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-act]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-quote]");
    if (link) {
      event.preventDefault();
      quote(link);
    }
    if (event.target.closest("[data-unquote]")) unquote();
  });
  for (const moment of ["input", "toggle"]) {
    document.addEventListener(moment, (event) => {
      const cart = event.target.closest && event.target.closest("[data-cart]");
      if (cart) total(cart);
    }, true);
  }

  for (const live of document.querySelectorAll("[data-live]")) {
    remember(live);
    if (live.matches("[role=log]")) live.scrollTop = live.scrollHeight;
  }
  if (document.querySelector("[data-live]")) setInterval(refresh, 2000);
})();
