// A form goes out once; leaving typed text behind asks first. (What was typed survives the end of a session on the
// server's side.)

const dirty = new Set();
const LONG_ENOUGH = 20_000;

function isPost(form) {
  return (form.getAttribute("method") || "get").toLowerCase() === "post" || form.hasAttribute("hx-post");
}

function release(form) {
  delete form.dataset.shSent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented && !form.matches("[hx-post], [data-hx-post]")) return;
  if (!isPost(form) || "shAgain" in form.dataset) return;
  if (form.dataset.shSent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.shSent = "1";
  window.setTimeout(release, LONG_ENOUGH, form);
  event.submitter?.setAttribute("aria-busy", "true");
  dirty.delete(form);
}

// What belongs to one answer only is hidden until that answer is chosen; never with text or an error in it.
function showWhen(part) {
  const [name, wanted] = part.dataset.shWhen.split("=");
  const control = part.closest("form").elements[name];
  const kept = part.querySelector(".sh-error") || [...part.querySelectorAll("input, textarea")].some((own) => own.value);
  const show = () => (part.hidden = !kept && control.value !== wanted);
  control.addEventListener("change", show);
  show();
}

export function startForms() {
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form");
    if (form) release(form);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-sh-guard]");
    if (form) dirty.add(form);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-sh-submit]")) event.target.form.requestSubmit();
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sh-sent]")) release(form);
  });
  for (const part of document.querySelectorAll("[data-sh-when]")) showWhen(part);
  document.querySelector(".sh-errors")?.focus();
}
