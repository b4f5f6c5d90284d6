// `data-sh-confirm="sentence"` on a form or on its submit button: a dialog repeats what was filled in and asks once.

let pending = null;

function shownValue(field) {
  if (field.type === "file") return [...field.files].map((file) => file.name).join("、");
  if (field.tagName === "SELECT") return [...field.selectedOptions].map((option) => option.text.trim()).join("、");
  return field.value;
}

function labelOf(field) {
  const group = field.closest("fieldset")?.querySelector("legend");
  const searched = field.tomselect && document.querySelector(`label[for="${field.tomselect.control_input.id}"]`);
  const label = group ?? searched ?? field.labels?.[0];
  return label?.dataset.shName ?? label?.textContent.replace(/\s+/g, " ").trim();
}

/** Label and value of each visible field that holds something; ticked boxes of one group are joined. */
function summary(form) {
  const rows = new Map();
  for (const field of form.elements) {
    if (!field.name || ["hidden", "submit", "button", "password", "fieldset"].includes(field.type)) continue;
    const choice = field.type === "checkbox" || field.type === "radio";
    if (choice && !field.checked) continue;
    const label = labelOf(field);
    const value = choice ? field.labels?.[0]?.textContent.trim() : shownValue(field);
    if (!label || !value || label === value) continue;
    rows.set(label, rows.has(label) ? `${rows.get(label)}、${value}` : value);
  }
  return rows;
}

function fill(dialog, form, source, submitter) {
  dialog.querySelector("[data-sh-slot=title]").textContent =
    source.dataset.shConfirmTitle || submitter?.textContent.trim() || dialog.dataset.title;
  dialog.querySelector("[data-sh-slot=text]").textContent = source.dataset.shConfirm;
  const list = dialog.querySelector("[data-sh-slot=summary]");
  list.replaceChildren();
  for (const [label, value] of summary(form)) {
    const name = document.createElement("dt");
    const words = document.createElement("dd");
    name.textContent = label;
    words.textContent = value.length > 300 ? `${value.slice(0, 300)}…` : value;
    list.append(name, words);
  }
  list.hidden = !list.children.length;
  const go = dialog.querySelector("[data-sh-slot=go]");
  const danger = "shDanger" in source.dataset || submitter?.classList.contains("btn-outline-danger");
  go.className = `btn ${danger ? "btn-danger" : "btn-primary"}`;
  go.textContent = source.dataset.shConfirmGo || go.dataset.text;
}

export function startConfirm() {
  const dialog = document.getElementById("sh-confirm");
  if (!dialog?.showModal) return;

  document.addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      const source = submitter?.dataset.shConfirm ? submitter : form;
      if (!source.dataset.shConfirm || pending === form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      fill(dialog, form, source, submitter);
      dialog.returnValue = "";
      dialog.showModal();
      dialog.onclose = () => {
        if (dialog.returnValue !== "go") return submitter?.focus();
        pending = form;
        form.requestSubmit(submitter);
        pending = null;
      };
    },
    true,
  );
}
