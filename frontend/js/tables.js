// A row with `data-sh-href` opens by click; its own links and buttons keep working.

const OWN = "a, button, input, select, textarea, label, summary, [data-sh-own]";

function openRow(row, elsewhere) {
  if (elsewhere) window.open(row.dataset.shHref, "_blank", "noopener");
  else location.assign(row.dataset.shHref);
}

export function startTables() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-sh-href]");
    if (!row || event.target.closest(OWN) || String(window.getSelection())) return;
    openRow(row, event.ctrlKey || event.metaKey);
  });
  document.addEventListener("auxclick", (event) => {
    const row = event.target.closest("[data-sh-href]");
    if (row && event.button === 1 && !event.target.closest(OWN)) openRow(row, true);
  });
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-sh-all]");
    if (!all) return;
    for (const box of all.closest("table").querySelectorAll(`input[name="${all.dataset.shAll}"]`)) {
      box.checked = all.checked;
    }
  });
}
