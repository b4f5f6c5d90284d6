// `.sh-upload` around a file input: drop onto it, see name and size, and learn at once that a file is too large.
import { text } from "./messages.js";

const STEPS = ["B", "KB", "MB", "GB"];

function size(bytes) {
  const step = Math.min(STEPS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${(bytes / 1024 ** step).toFixed(step ? 1 : 0)} ${STEPS[step]}`;
}

function show(box, input) {
  const list = box.querySelector("[data-sh-slot=files]");
  const limit = Number(input.dataset.shMaxBytes || 0);
  const large = [...input.files].find((file) => limit && file.size > limit);
  input.setCustomValidity(large ? text("large", `${large.name} (${size(large.size)} > ${size(limit)})`) : "");
  if (large) input.reportValidity();
  list?.replaceChildren(
    ...[...input.files].map((file) => {
      const line = document.createElement("li");
      line.textContent = `${file.name} · ${size(file.size)}`;
      return line;
    }),
  );
}

export function startUploads(root) {
  for (const box of root.querySelectorAll(".sh-upload:not([data-sh-ready])")) {
    const input = box.querySelector("input[type=file]");
    if (!input) continue;
    box.dataset.shReady = "1";
    input.addEventListener("change", () => show(box, input));
    for (const name of ["dragenter", "dragover"]) {
      box.addEventListener(name, (event) => {
        event.preventDefault();
        box.classList.add("sh-drop");
      });
    }
    for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("sh-drop"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
