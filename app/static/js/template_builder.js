// The builder's comforts. Rules and rows are the server's: this counts, inserts, and keeps what is being typed.
(() => {
  const form = document.getElementById("builder");
  const typed = (area) => area.dispatchEvent(new Event("input", { bubbles: true }));

  const count = () => form.querySelectorAll("[data-count]").forEach((counter) => {
    const length = [...document.getElementById(counter.dataset.count).value].length;
    const limit = Number(counter.dataset.limit);
    counter.textContent = `${length.toLocaleString("en-IN")} / ${limit.toLocaleString("en-IN")}`;
    counter.classList.toggle("is-over", length > limit);
  });
  const grow = () => form.querySelectorAll("[data-autosize]").forEach((area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  });

  // Texts
  const put = (area, words, from, to) => {
    const start = area.selectionStart;
    area.focus();
    area.setRangeText(words, start, area.selectionEnd, "end");
    if (from !== undefined) area.setSelectionRange(start + from, start + to);
    typed(area);
  };
  const wrap = (area, mark) => {
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
    put(area, mark + chosen + mark, mark.length, mark.length + chosen.length);
  };
  const insert = (area, tools) => {
    const named = form.querySelector("[name=parameter_format]:checked")?.value !== "POSITIONAL";
    const numbers = [...area.value.matchAll(/\{\{(\d+)\}\}/g)].map((found) => Number(found[1]));
    const chosen = tools.querySelector("[data-variable-name]").value;
    const name = named ? chosen || "name_it" : String(Math.max(0, ...numbers) + 1);
    const select = named && !chosen ? [2, 2 + name.length] : [];
    put(area, `{{${name}}}`, ...select);
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[type=button]");
    const tools = button?.closest("[data-tools]");
    const area = tools && document.getElementById(tools.dataset.tools);
    if (button?.dataset.wrap) wrap(area, button.dataset.wrap);
    else if (button && "insert" in button.dataset) insert(area, tools);
    else if (button?.dataset.fill) {
      const field = document.getElementById(button.dataset.fill);
      field.value = button.dataset.words;
      typed(field);
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#summary a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field?.matches("input, select, textarea")) return;
    event.preventDefault();
    field.focus();
  });

  // A name as Meta wants it, while it is typed
  form.querySelector("[data-slug]").addEventListener("input", (event) => {
    const field = event.target;
    const at = field.selectionStart;
    field.value = field.value.toLowerCase().replace(/[^a-z0-9_]/g, "_");
    field.setSelectionRange(at, at);
  });

  // An address that differs for each customer needs a sample.
  const fold = () => form.querySelectorAll("[data-varies]").forEach((part) => {
    part.hidden = !document.getElementById(part.dataset.varies).value.includes("{{");
  });

  form.addEventListener("input", () => { count(); grow(); fold(); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=file])")) event.preventDefault();
  });

  // Rows of samples that come in must not undo what was typed since the question left.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (!event.detail.target.id.endsWith("-samples")) return;
    event.detail.fragment.querySelectorAll("input:not([type=hidden])").forEach((field) => {
      const now = document.getElementById(field.id);
      if (now) field.value = now.value;
    });
  });
  // After a row was added, moved or removed, the hand stays where it was.
  let pressed = "";
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (button) pressed = button.value;
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    count();
    if (event.detail.target.id !== "buttons" || !pressed) return;
    const rows = document.querySelectorAll("#buttons .button-row");
    const [deed, what] = pressed.split(":");
    const wanted = deed === "up" ? Number(what) - 1 : Number(what) + 1;
    let next = null;
    if (deed === "add") next = rows[rows.length - 1]?.querySelector("input:not([type=hidden])");
    else if (deed === "remove") next = rows[Math.min(Number(what), rows.length - 1)]?.querySelector("input:not([type=hidden])");
    else next = document.querySelector(`#buttons button[value="${deed}:${wanted}"]:not(:disabled)`) || rows[wanted]?.querySelector("button:not(:disabled)");
    (next || form.querySelector('button[value^="add:"]')).focus();
    pressed = "";
    isChanged = true;
  });

  // Nothing typed is left behind by a slip.
  let isChanged = false;
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

  count();
  grow();
})();
