// Whom the list's buttons mean: those ticked on this page, or everybody who fits the filters.
(() => {
  const form = document.getElementById("people");
  if (!form) return;
  const everybody = form.querySelector("[data-tick-everybody]");
  const told = form.querySelector("[data-ticked]");
  if (!everybody) return;
  const boxes = [...form.querySelectorAll("input[name=chosen]")];
  const pages = [...form.querySelectorAll("[data-tick-page]")];
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    boxes.concat(pages).forEach((box) => { box.disabled = everybody.checked; });
    pages.forEach((box) => {
      box.checked = ticked === boxes.length;
      box.indeterminate = ticked > 0 && ticked < boxes.length;
    });
    told.textContent = everybody.checked ? "All of them are selected, not only this page." : ticked ? `${ticked} selected` : "";
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-page]")) boxes.forEach((box) => { box.checked = event.target.checked; });
    show();
  });
  addEventListener("pageshow", show);
})();
