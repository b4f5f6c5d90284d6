// Amounts while they are typed: what the stages of a contract come to, and what is left of a stage that is chosen.
const UNITS = { yuan: 1, ten_thousand: 10_000 };

function number(text) {
  const typed = String(text ?? "").trim();
  return typed === "" || Number.isNaN(Number(typed)) ? null : Number(typed);
}

function unitOf(form) {
  return UNITS[form.elements.unit?.value] ?? 1;
}

const yuan = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function count(form) {
  const amount = number(form.elements.amount?.value);
  let together = 0;
  for (const row of form.querySelectorAll("[data-sh-stage]")) {
    const percent = number(row.querySelector('input[name$="-percent"]').value);
    const known = amount !== null && percent !== null;
    row.querySelector("[data-sh-slot=share]").textContent = known
      ? yuan.format((amount * unitOf(form) * percent) / 100)
      : "—";
    together += percent ?? 0;
  }
  const slot = form.querySelector("[data-sh-slot=percent]");
  const rounded = Math.round(together * 100) / 100;
  if (slot.textContent !== String(rounded)) slot.textContent = String(rounded);
}

// An amount that somebody typed stays; one that was only proposed follows the choice and the unit.
function propose(select) {
  const form = select.form;
  const presets = new Map(select.dataset.shPresets.split(";").map((pair) => pair.split("=")));
  const field = form.elements[select.dataset.shPresetInto];
  let proposed = field.value;
  const show = () => {
    if (field.value !== "" && field.value !== proposed) return;
    const amount = number(presets.get(select.value));
    proposed = amount === null ? "" : String(amount / unitOf(form));
    field.value = proposed;
  };
  select.addEventListener("change", show);
  form.elements.unit?.addEventListener("change", show);
}

export function startMoney() {
  for (const form of document.querySelectorAll("form[data-sh-stages]")) {
    form.addEventListener("input", () => count(form));
    form.addEventListener("change", () => count(form));
    count(form);
  }
  for (const select of document.querySelectorAll("select[data-sh-presets]")) propose(select);
}
