// A row with `data-sh-href` opens by click; its own links and buttons keep working. Boxes are ticked one by one,
// all at once, or from the last one to the one clicked with Shift.

const OWN = "a, button, input, select, textarea, label, summary, [data-sh-own]";

function openRow(row, elsewhere) {
  if (elsewhere) window.open(row.dataset.shHref, "_blank", "noopener");
  else location.assign(row.dataset.shHref);
}

function boxesLike(box) {
  return [...box.closest("table").querySelectorAll(`tbody input[type="checkbox"][name="${box.name}"]`)];
}

/** Tick a row's box, if it has one. */
export function tick(row) {
  const box = row?.querySelector('input[type="checkbox"][name]');
  if (!box || box.checked) return;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

let last = null;

function tickRange(event) {
  const box = event.target.closest('tbody input[type="checkbox"][name]');
  if (!box) return;
  const all = boxesLike(box);
  const from = event.shiftKey ? all.indexOf(last) : -1;
  const to = all.indexOf(box);
  if (from >= 0) for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  last = box;
}

export function startTables() {
  document.addEventListener("click", tickRange);
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
