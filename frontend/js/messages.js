// Sentences come translated from the page: <template id="sh-texts" data-key="…">.
const texts = document.getElementById("sh-texts");

/** The sentence of that name in the page's language, with `%s` replaced. */
export function text(name, value = "") {
  return (texts?.dataset[name] ?? "").replace("%s", value);
}

/** Shows a passing message; errors stay until closed. */
export function toast(level, sentence) {
  const stack = document.getElementById("sh-toasts");
  if (!stack || !sentence) return;
  const box = document.createElement("div");
  box.className = `alert alert-${level}`;
  const words = document.createElement("span");
  words.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close float-end";
  close.setAttribute("aria-label", text("close"));
  close.addEventListener("click", () => box.remove());
  box.append(close, words);
  stack.append(box);
  if (level !== "danger") window.setTimeout(() => box.remove(), 8000);
}
