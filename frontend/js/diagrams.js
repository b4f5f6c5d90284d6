// A procedure's diagram that is wider than its box begins where the case stands.

export function startDiagrams() {
  for (const box of document.querySelectorAll(".sh-diagram")) {
    const now = box.querySelector(".sh-node-now");
    if (!now || box.scrollWidth <= box.clientWidth) continue;
    const [step, frame] = [now.getBoundingClientRect(), box.getBoundingClientRect()];
    box.scrollLeft += step.left + step.width / 2 - (frame.left + frame.width / 2);
  }
}
