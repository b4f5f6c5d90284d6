// Shortcuts: / search, j and k through rows (with Shift: ticking them), Enter or o opens, g and a letter goes to a page, ? shows this list.
// They can be switched off.

import { tick } from "./tables.js";

const OFF = "sh-keys-off";
const WITHIN = 1500;

let going = 0;

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable], .ts-wrapper, dialog") !== null;
}

function rows() {
  return [...document.querySelectorAll("main [data-sh-href]")].filter((row) => row.offsetParent !== null);
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("sh-at"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))] ?? all[0];
  for (const row of all) row.classList.toggle("sh-at", row === next);
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** The present row and the next one are ticked. */
function tickOn(by) {
  tick(document.querySelector("main [data-sh-href].sh-at"));
  step(by);
  tick(document.querySelector("main [data-sh-href].sh-at"));
}

/** After g: to the page that the list of shortcuts names by this letter. */
function go(letter) {
  const link = Date.now() - going < WITHIN && document.querySelector(`[data-sh-go="${CSS.escape(letter)}"]`);
  going = 0;
  if (link) location.assign(link.href);
  return Boolean(link);
}

const keys = {
  "/": () => document.getElementById("sh-q")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  J: () => tickOn(1),
  K: () => tickOn(-1),
  o: () => document.querySelector("[data-sh-href].sh-at a")?.click(),
  g: () => {
    going = Date.now();
  },
  "?": () => document.getElementById("sh-keys")?.showModal?.(),
};

export function startKeyboard() {
  const box = document.getElementById("sh-keys-on");
  const off = () => localStorage.getItem(OFF) === "1";
  if (box) {
    box.checked = !off();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "" : "1"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (!off() && going && go(event.key)) return event.preventDefault();
    const act = keys[event.key];
    if (!act || (off() && event.key !== "?")) return;
    event.preventDefault();
    act();
  });
}
