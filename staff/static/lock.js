// Tells the server that somebody is at the desk, and keeps what was being typed through a lock, in this page only.
"use strict";

const ONCE_A_MINUTE = 60_000;
let toldAt = Date.now();

const csrf = () => document.querySelector('header input[name="csrf"]');

function atWork() {
  if (!csrf() || document.getElementById("locked") || Date.now() - toldAt < ONCE_A_MINUTE) return;
  toldAt = Date.now();
  fetch("/staff/active", { method: "POST", body: new URLSearchParams({ csrf: csrf().value }), redirect: "manual" }).catch(() => {});
}
for (const sign of ["keydown", "pointerdown", "wheel"]) document.addEventListener(sign, atWork, { passive: true });

// A session that has ended takes the names off the page, but not what was being typed.
const ALWAYS = new Set(["radio", "checkbox", "date", "time", "datetime-local"]);
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail, template = document.getElementById("signed-out");
  if (xhr.status !== 401 || !xhr.getResponseHeader("HX-Redirect") || !template) return;
  const typed = [...fields()].filter((field) => !ALWAYS.has(field.type) && field.tagName !== "SELECT" && field.value !== field.defaultValue);
  if (!typed.length) return;
  event.preventDefault();
  // What else was asked meanwhile would be told to leave the page, and nobody could say no for an element that is gone.
  for (const asking of document.querySelectorAll("[hx-get]")) htmx.trigger(asking, "htmx:abort");
  const card = template.content.cloneNode(true);
  card.querySelector("textarea").value = typed.map((field) => field.value).join("\n");
  document.title = card.querySelector("h1").textContent;
  document.querySelector("header")?.remove();
  document.querySelector("aside")?.remove();
  document.getElementById("main").replaceChildren(card);
});

const kept = new Map();
const fields = () => document.querySelectorAll("#main form[action] :is(textarea, select, input:not([type='hidden'], [type='password']))");
const nameOf = (field) => [field.form.getAttribute("action"), field.name, field.type === "radio" ? field.value : ""].join(" ");

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "main" || document.getElementById("locked")) return;
  for (const field of fields()) kept.set(nameOf(field), "checked" in field ? [field.value, field.checked] : [field.value]);
});
document.addEventListener("htmx:afterSwap", () => {
  if (document.getElementById("locked") || !kept.size) return;
  for (const field of fields()) {
    const [value, checked] = kept.get(nameOf(field)) ?? [field.value, field.checked];
    field.value = value;
    if (checked !== undefined) field.checked = checked;
  }
  kept.clear();
});
