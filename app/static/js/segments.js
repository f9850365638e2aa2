// The segment builder's comforts. Conditions and their rules are the server's: this puts its words where they belong.
(() => {
  const form = document.getElementById("builder");

  // What is wrong is told at the very condition.
  const tell = () => {
    form.querySelectorAll("[data-fault]").forEach((fault) => { fault.textContent = ""; });
    form.querySelectorAll("#tree [aria-invalid]").forEach((control) => {
      control.removeAttribute("aria-invalid");
      control.classList.remove("is-invalid");
    });
    form.querySelectorAll("[data-faults] [data-name]").forEach((told) => {
      const control = document.getElementById(told.dataset.name);
      const fault = document.getElementById(`${told.dataset.name.split(".")[0]}.fault`);
      if (!control || !fault) return; // of what was removed meanwhile
      control.setAttribute("aria-invalid", "true");
      control.classList.add("is-invalid");
      fault.textContent = told.textContent;
    });
  };

  // While the conditions are on their way nobody can touch them: what were pressed or typed now would be swapped away.
  const tree = () => document.getElementById("tree");
  let held = "";
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.detail.target.id !== "tree") return;
    held = document.activeElement?.id ?? "";
    tree().inert = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target.id === "tree" && !event.detail.successful) tree().inert = false;
  });

  // After a condition was added or removed, the hand goes on where it would.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "look") tell();
    else (form.querySelector("#tree [data-focus]") ?? document.getElementById(held))?.focus();
  });

  // "Any campaign" and one of them do not go together.
  form.addEventListener("change", (event) => {
    if (!event.target.matches(".segment-campaigns input") || !event.target.checked) return;
    event.target.closest(".segment-campaigns").querySelectorAll("input").forEach((box) => {
      if ((box.value === "any") !== (event.target.value === "any")) box.checked = false;
    });
  });

  // Enter is no deed while one types.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".alert a[href^='#']");
    const control = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!control) return;
    event.preventDefault();
    control.focus();
  });

  // Nothing typed is left behind by a slip.
  let isChanged = false;
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("click", (event) => { if (event.target.closest("#tree button")) isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });
})();
