// `textarea[data-sh-mention=address]`: typing @ offers the people whom that address finds; choosing one writes the name
// and chooses the person in the list named by `data-sh-into` too, which is what is sent. Without scripts the list serves.

const WORD = /@([^\s@,.;:，。；：、]{0,30})$/;
const QUIET = 150;

let box = null;
let found = [];
let at = 0;
let asked = 0;
let timer = 0;

function typed(area) {
  return area.value.slice(0, area.selectionStart).match(WORD);
}

function close(area) {
  window.clearTimeout(timer);
  asked += 1;
  box?.remove();
  box = null;
  found = [];
  area.removeAttribute("aria-activedescendant");
  area.removeAttribute("aria-controls");
}

function mark(area, index) {
  at = (index + found.length) % found.length;
  [...box.children].forEach((line, place) => line.setAttribute("aria-selected", String(place === at)));
  area.setAttribute("aria-activedescendant", box.children[at].id);
  box.children[at].scrollIntoView({ block: "nearest" });
}

function show(area, people) {
  box?.remove();
  found = people;
  if (!people.length) return close(area);
  box = document.createElement("ul");
  box.id = "sh-mention-list";
  box.className = "sh-mention-list";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", document.querySelector(`label[for="${area.dataset.shInto}"]`)?.dataset.shName ?? "@");
  people.forEach((person, index) => {
    const line = document.createElement("li");
    line.id = `sh-mention-${index}`;
    line.setAttribute("role", "option");
    line.textContent = person.text;
    line.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(area, person);
    });
    box.append(line);
  });
  area.after(box);
  area.setAttribute("aria-controls", box.id);
  mark(area, 0);
}

function choose(area, person) {
  const word = typed(area);
  if (word) area.setRangeText(`@${person.name} `, area.selectionStart - word[0].length, area.selectionStart, "end");
  const select = document.getElementById(area.dataset.shInto);
  const picker = select?.tomselect;
  if (picker) {
    picker.addOption({ id: String(person.id), text: person.text, value: String(person.id) });
    picker.addItem(String(person.id));
  } else {
    const option = [...(select?.options ?? [])].find((one) => one.value === String(person.id));
    if (option) option.selected = true;
  }
  close(area);
  area.focus();
}

async function ask(area) {
  const word = typed(area);
  if (!word) return close(area);
  const turn = (asked += 1);
  const address = new URL(area.dataset.shMention, location.href);
  address.searchParams.set("q", word[1]);
  const audience = area.form.querySelector("[data-sh-audience]:checked, [data-sh-audience] input:checked");
  if (audience) address.searchParams.set("audience", audience.value);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const { results } = await answer.json();
    if (turn === asked) show(area, results ?? []);
  } catch {
    close(area);
  }
}

function onKey(event) {
  const area = event.target;
  if (!box || !area.matches?.("textarea[data-sh-mention]") || event.isComposing) return;
  if (event.key === "ArrowDown") mark(area, at + 1);
  else if (event.key === "ArrowUp") mark(area, at - 1);
  else if (event.key === "Enter" || event.key === "Tab") choose(area, found[at]);
  else if (event.key === "Escape") close(area);
  else return;
  event.preventDefault();
}

export function startMentions() {
  document.addEventListener("input", ({ target: area }) => {
    if (!area.matches?.("textarea[data-sh-mention]")) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, QUIET, area);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", ({ target: area }) => {
    if (box && area.matches?.("textarea[data-sh-mention]")) close(area);
  });
}
