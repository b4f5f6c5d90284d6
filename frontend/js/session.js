// A shared PC: nothing of the last person is shown again.

export function startSession() {
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
