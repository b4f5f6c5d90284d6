// Menus, the navigation drawer, closable messages.

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.sh-menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

function startMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.sh-menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.sh-menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.sh-menu")));
}

function startDrawer() {
  const side = document.getElementById("navigation");
  const burger = document.querySelector(".sh-burger");
  if (!side || !burger) return;
  const set = (open) => {
    side.classList.toggle("sh-open", open);
    burger.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("a[href], button").focus();
  };
  const close = () => {
    if (!side.classList.contains("sh-open")) return;
    set(false);
    burger.focus();
  };
  burger.setAttribute("role", "button");
  burger.setAttribute("aria-expanded", "false");
  burger.addEventListener("click", (event) => {
    event.preventDefault();
    set(!side.classList.contains("sh-open"));
  });
  side.querySelector(".sh-side-close a")?.addEventListener("click", (event) => {
    event.preventDefault();
    close();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  document.addEventListener("click", (event) => {
    if (!side.contains(event.target) && !burger.contains(event.target)) set(false);
  });
}

/** Filters beside a list stand open on a wide screen and are folded away on a narrow one. */
function startFolds() {
  const wide = window.matchMedia("(min-width: 992px)");
  const set = () => document.querySelectorAll("[data-sh-fold]").forEach((fold) => (fold.open = wide.matches));
  set();
  wide.addEventListener("change", set);
}

export function startShell() {
  startFolds();
  startMenus();
  startDrawer();
  document.addEventListener("click", (event) => {
    event.target.closest("[data-sh-dismiss]")?.closest(".alert")?.remove();
    if (event.target.closest("[data-sh-print]")) window.print();
  });
}
