// What every page does: CSRF for htmx, questions before deeds, no deed twice, toasts that leave.
(() => {
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = csrf();
  });

  // Toasts
  const STAYS = { success: 5000, info: 7000, warning: 10000 }; // a failure stays until it is closed
  const leaveLater = (toast) => {
    const time = STAYS[toast.dataset.level];
    if (time) setTimeout(() => toast.remove(), time);
  };
  const say = (level, text) => {
    const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
    toast.classList.replace("toast-info", `toast-${level}`);
    toast.dataset.level = level;
    toast.querySelector("[data-text]").textContent = text;
    document.getElementById("toasts").append(toast);
    leaveLater(toast);
  };
  document.querySelectorAll("#toasts .toast").forEach(leaveLater);
  document.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest(".toast").remove());
  document.addEventListener("toast", (event) => say(event.detail.level || "info", event.detail.text));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 401) say("danger", "That did not work. Reload the page and try again.");
  });

  // Live parts: not asked for while nobody looks, left alone while nothing is new (whoever selects words in them, or
  // stands on a link, stays).
  const answers = new Map();
  const isLive = (element) => (element.getAttribute("hx-trigger") || "").startsWith("every");
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && isLive(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, pathInfo, xhr } = event.detail;
    if (!isLive(requestConfig.elt)) answers.clear(); // it may change what they show
    else if (answers.get(pathInfo.requestPath) === xhr.responseText) event.detail.shouldSwap = false;
    else answers.set(pathInfo.requestPath, xhr.responseText);
  });

  // Forms
  const question = (form, submitter) => submitter?.dataset.confirm || form.dataset.confirm;
  const ask = (form, submitter) => {
    const dialog = document.getElementById("confirm");
    dialog.querySelector("#confirm-text").textContent = question(form, submitter);
    dialog.querySelector("[data-confirm-yes]").textContent = submitter?.textContent.trim() || "Go on";
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
    };
    dialog.showModal();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (question(form, event.submitter) && !form.dataset.confirmed) {
      event.preventDefault();
      event.stopPropagation();
      ask(form, event.submitter);
      return;
    }
    delete form.dataset.confirmed;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; } // a double click
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  }, true);
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // Small things
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say("success", "Copied.");
    } catch {
      say("warning", "Your browser does not allow copying; select the text instead.");
    }
  });
  document.querySelector("[data-autofocus]")?.focus();
})();
