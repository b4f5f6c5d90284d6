// htmx: the thin line at the top while something is under way, and what to say when it fails.
import htmx from "htmx.org/dist/htmx.esm.js";

import { text, toast } from "./messages.js";

let under = 0;

function busy(step) {
  under = Math.max(0, under + step);
  document.documentElement.classList.toggle("sh-busy", under > 0);
}

function sentenceOf(xhr) {
  try {
    return JSON.parse(xhr.responseText).error?.message ?? "";
  } catch {
    return "";
  }
}

export function startHtmx() {
  window.htmx = htmx;
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.matches("[data-sh-quiet]") || busy(1));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.matches("[data-sh-quiet]") || busy(-1));
  document.addEventListener("htmx:sendError", () => toast("danger", text("offline")));
  document.addEventListener("htmx:timeout", () => toast("danger", text("offline")));
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    if (![400, 401, 422].includes(xhr.status)) toast("danger", sentenceOf(xhr) || text("failed"));
  });
  document.addEventListener("sh-toast", ({ detail }) => toast(detail.level || "info", detail.text));
}
