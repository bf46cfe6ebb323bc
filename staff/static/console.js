// Says when the page cannot refresh itself, and keeps a screen reader from hearing an unchanged summary again.
"use strict";

const stale = () => document.getElementById("stale");

for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, () => { stale().hidden = false; });
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) stale().hidden = true;
});
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const same = event.detail.fragment.textContent.trim() === event.detail.target.textContent.trim();
  if (same) event.detail.shouldSwap = false;
});
