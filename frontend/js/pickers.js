// `select[data-sh-pick]`: a list to search in. With `data-sh-source` its options come from that address
// ({ results: [{ id, text }] } for ?q=…).
import TomSelect from "tom-select/dist/esm/tom-select.js";
import RemoveButton from "tom-select/dist/esm/plugins/remove_button/plugin.js";

import { text } from "./messages.js";

TomSelect.define("remove_button", RemoveButton);

async function ask(source, query, done) {
  const address = new URL(source, location.href);
  address.searchParams.set("q", query);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    done((await answer.json()).results ?? []);
  } catch {
    done();
  }
}

function note(name) {
  return () => {
    const box = document.createElement("div");
    box.className = "no-results";
    box.textContent = text(name);
    return box;
  };
}

export function startPickers(root) {
  for (const select of root.querySelectorAll("select[data-sh-pick]:not(.tomselected)")) {
    const { shSource: source } = select.dataset;
    new TomSelect(select, {
      maxOptions: 200,
      plugins: select.multiple ? { remove_button: { title: text("remove") } } : {},
      render: { no_results: note("nothing"), loading: note("loading") },
      ...(source && {
        valueField: "id",
        labelField: "text",
        searchField: ["text"],
        load: (query, done) => ask(source, query, done),
      }),
    });
    select.setAttribute("aria-hidden", "true");
  }
}
