// The wizard's small comforts, and live parts that do not move under a hand. Everything works without.
(() => {
  // A live part must not be exchanged under a pressed pointer or an open question: the click would be lost.
  let pressed = null;
  document.addEventListener("pointerdown", (event) => { pressed = event.target; });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(() => { pressed = null; }, 50));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    if (!["preview", "found", "dates"].includes(target.id) && (document.querySelector("dialog[open]") || target.contains(pressed))) {
      event.detail.shouldSwap = false;
    }
  });

  // The file, dropped or chosen
  const zone = document.querySelector("[data-dropzone]");
  if (zone) {
    const input = zone.querySelector("input");
    const show = () => {
      const file = input.files[0];
      if (!file) return;
      const isTooLarge = file.size > Number(input.dataset.max);
      const words = isTooLarge ? "This file is larger than this installation accepts." : "";
      const fault = document.querySelector("[data-file-error]");
      input.setCustomValidity(words);
      fault.textContent = words;
      fault.classList.toggle("d-block", isTooLarge);
      zone.classList.toggle("is-invalid", isTooLarge);
      zone.querySelector("[data-file-name]").textContent = `${file.name}, ${Math.max(1, Math.round(file.size / 1024)).toLocaleString()} KB`;
    };
    input.addEventListener("change", show);
    for (const name of ["dragover", "dragleave", "drop"]) {
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.toggle("is-over", name === "dragover");
        if (name !== "drop" || !event.dataTransfer.files.length) return;
        input.files = event.dataTransfer.files;
        show();
      });
    }
  }

  // Everybody on the page, or nobody
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-tick-all]")) return;
    event.target.form.querySelectorAll("input[name=recipient]").forEach((box) => { box.checked = event.target.checked; });
  });

  // Only what is asked for: the own text beside "a text of your own", what belongs to a choice beside it.
  const fold = () => {
    document.querySelectorAll("[data-variable]").forEach((variable) => {
      const isOwn = variable.querySelector("[data-source]").value === "text";
      variable.querySelector("[data-own-text]").hidden = !isOwn;
    });
    document.querySelectorAll("[data-with]").forEach((part) => {
      const [name, value] = part.dataset.with.split(":");
      const chosen = part.closest("form").querySelector(`input[name=${name}]:checked, select[name=${name}]`);
      part.hidden = chosen?.value !== value;
    });
  };
  document.addEventListener("change", fold);
  fold();
})();
