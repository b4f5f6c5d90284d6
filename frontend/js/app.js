// Everything a page may use. Each module looks for its own data attributes; pages work without any of it.
import "bootstrap/js/dist/collapse";
import "bootstrap/js/dist/dropdown";
import "bootstrap/js/dist/tab";

import { startConfirm } from "./confirm.js";
import { startDiagrams } from "./diagrams.js";
import { startForms } from "./forms.js";
import { startHtmx } from "./exchange.js";
import { startKeyboard } from "./keyboard.js";
import { startMentions } from "./mentions.js";
import { startMoney } from "./money.js";
import { startPickers } from "./pickers.js";
import { startSession } from "./session.js";
import { startShell } from "./shell.js";
import { startTables } from "./tables.js";
import { startUploads } from "./uploads.js";

startShell();
startSession();
startConfirm();
startForms();
startHtmx();
startTables();
startKeyboard();
startDiagrams();
startMentions();
startMoney();
startPickers(document);
startUploads(document);

document.addEventListener("htmx:load", (event) => {
  startPickers(event.detail.elt);
  startUploads(event.detail.elt);
});
