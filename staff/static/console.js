// What the pages do by themselves beside refreshing: tell when they cannot, alarm in a crisis, move by keyboard.
"use strict";

const byId = (id) => document.getElementById(id);
const remembered = (name, otherwise) => localStorage.getItem(name) ?? otherwise;

for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failed, () => { byId("stale").hidden = false; });
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) byId("stale").hidden = true;
});
// A screen reader must not hear an unchanged summary again.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const same = event.detail.fragment.textContent.trim() === event.detail.target.textContent.trim();
  if (same) event.detail.shouldSwap = false;
});

// Who listens to a message is not interrupted by what came in meanwhile; it is shown with the next answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  const plays = [...event.detail.target.querySelectorAll("audio")].some((one) => !one.paused && !one.ended);
  if (plays && event.detail.target.id === "live") event.detail.shouldSwap = false;
});

// What was unfolded stays so when the page refreshes itself.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...event.detail.target.querySelectorAll("details[open][id]")].map((one) => one.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) byId(id)?.setAttribute("open", "");
});

// Who reads a row further down must not lose it because a row was added or went above.
let anchor = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "rows" || window.scrollY === 0) return;
  const seen = [...event.detail.target.querySelectorAll(".row h3 a")].find((one) => one.getBoundingClientRect().top >= 0);
  anchor = seen && { id: seen.id, top: seen.getBoundingClientRect().top };
});
function backToPlace({ id, top }) {
  const now = byId(id);
  if (now) window.scrollBy(0, now.getBoundingClientRect().top - top);
}
document.addEventListener("htmx:afterSwap", () => {
  if (!anchor) return;
  const place = anchor;
  anchor = null;
  backToPlace(place);
  // Rows above that are on the screen now are laid out in the next frame, and may be higher than was reckoned.
  requestAnimationFrame(() => { backToPlace(place); requestAnimationFrame(() => backToPlace(place)); });
});

// A form leaves the page only once the program answers: who has lost the network keeps the page with what was typed.
const REACHED_WITHIN_MS = 10_000;
const hasTyped = (form) => [...form.elements].some((field) => field.matches(TYPING) && field.value !== "" && field.type !== "hidden");
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || !hasTyped(form)) return;
  if (form.dataset.sending === "now") return delete form.dataset.sending;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "asks";
  const answered = await fetch(document.body.dataset.reach, {
    headers: { "HX-Request": "true" }, cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(REACHED_WITHIN_MS),
  }).catch(() => null);
  byId("unsent").hidden = Boolean(answered);
  if (!answered) {
    delete form.dataset.sending;
    return byId("unsent").scrollIntoView({ block: "nearest" });
  }
  form.dataset.sending = "now";
  form.requestSubmit(event.submitter);
});

// The alarm: until somebody acknowledges, the title tells, and sound and notification do where they were allowed.
const AGAIN_MS = 4000;
const ALARMING = /^\(!\d+\) /;
let audio = null;
let told = 0;

function unseen() {
  return [...document.querySelectorAll("[data-unseen]")].reduce((most, one) => Math.max(most, Number(one.dataset.unseen)), 0);
}
function beep() {
  if (!audio || audio.state !== "running") return;
  for (const [place, pitch] of [[0, 880], [0.22, 660], [0.44, 880]]) {
    const tone = audio.createOscillator(), loudness = audio.createGain(), at = audio.currentTime + place;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.21);
  }
}
function tellOfAlarm() {
  const count = unseen();
  const plain = document.title.replace(ALARMING, "");
  const title = count ? `(!${count}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
  if (count > told && soundIsOn() && "Notification" in window && Notification.permission === "granted") notify();
  told = count;
}
// Fixed words: whoever sees the screen of a phone reads nothing of a patient. Phones let no page notify by itself.
async function notify() {
  const words = ["Somebody waits for a call", { body: "Open the console and acknowledge.", tag: "alarm", icon: "/staff/static/icon-192.png" }];
  const worker = "serviceWorker" in navigator && await navigator.serviceWorker.register(document.body.dataset.worker).catch(() => null);
  if (worker) await worker.showNotification(...words).catch(() => {});
  else new Notification(...words);
}
const soundIsOn = () => remembered("sound", "off") === "on";
function showSound() {
  const button = byId("sound");
  if (!button) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(soundIsOn()));
  button.textContent = soundIsOn() ? "Sound on" : "Sound off";
}
function allowSound() {
  // Browsers give no sound before somebody has touched the page.
  audio ??= new AudioContext();
  return audio.resume();
}
document.addEventListener("htmx:afterSettle", tellOfAlarm);
setInterval(() => { tellOfAlarm(); if (unseen() && soundIsOn()) beep(); }, AGAIN_MS);
for (const sign of ["pointerdown", "keydown"]) {
  document.addEventListener(sign, () => { if (soundIsOn()) allowSound(); }, { once: true });
}
byId("sound")?.addEventListener("click", async () => {
  localStorage.setItem("sound", soundIsOn() ? "off" : "on");
  showSound();
  if (!soundIsOn()) return;
  await allowSound();
  beep();
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
});
showSound();
tellOfAlarm();

// Where the browser offers to install the console, a button on one's own page takes the offer.
let offer = null;
window.addEventListener("beforeinstallprompt", (event) => {
  if (!byId("install")) return;
  event.preventDefault();
  offer = event;
  byId("install").hidden = false;
});
window.addEventListener("appinstalled", () => { if (byId("install")) byId("install").hidden = true; });
byId("install")?.addEventListener("click", () => {
  offer.prompt();
  byId("install").hidden = true;  // an offer can be taken once
});

// Keys. They can be switched off, for those whose voice or tremor types letters.
const keysAreOn = () => remembered("keys", "on") === "on";
const people = () => [...document.querySelectorAll(".row h3 a")];
const row = () => document.activeElement?.closest(".row");

function step(by) {
  const all = people();
  const here = all.indexOf(row()?.querySelector("h3 a"));
  all[here < 0 ? 0 : Math.min(Math.max(here + by, 0), all.length - 1)]?.focus();
}
function wrapUp() {
  const to = row()?.querySelector("h3 a");
  if (to) location.assign(`${to.href}#log`);
  else document.querySelector("input[name='disposition']")?.focus();
}
function search() {
  if (byId("q")) byId("q").focus();
  else if (location.hash !== "#search") location.assign("/staff/#search");
}
const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  c: () => (row() ?? document).querySelector(row() ? "[id^='claim-']" : "#claim")?.click(),
  d: wrapUp,
  p: () => (byId("call-now") ?? byId("call"))?.focus(),
  n: () => byId("body")?.focus(),
  x: () => byId("next-one")?.click(),
  b: () => document.querySelector(".back a")?.click(),
  "/": search,
  "?": () => byId("keys")?.showModal(),
};
const TYPING = "input:not([type='radio'], [type='checkbox']), textarea, select, dialog[open] *";
document.addEventListener("keydown", (event) => {
  const free = !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches(TYPING) && !byId("locked");
  if (!free || !keysAreOn() || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});
if (byId("show-keys")) {
  byId("show-keys").hidden = false;
  byId("show-keys").addEventListener("click", () => byId("keys").showModal());
  byId("keys-on").checked = keysAreOn();
  byId("keys-on").addEventListener("change", (event) => localStorage.setItem("keys", event.target.checked ? "on" : "off"));
}
// A call that has ended opens its own wrap-up: the result is chosen and its length stands there. Nothing that was chosen
// or typed is touched, and nobody who types is moved.
function openWrapUp() {
  const ended = byId("ended-call"), form = byId("wrap-up");
  if (!ended || !form || form.dataset.leg === ended.dataset.leg) return;
  document.querySelector("[data-said='ringing']")?.remove();
  byId("end-spoken")?.setAttribute("open", "");
  form.dataset.leg = ended.dataset.leg;
  byId("talked").textContent = ended.querySelector("span").textContent;
  const chosen = form.querySelector("input[name='disposition']:checked") ?? form.querySelector("input[value='reached']");
  chosen.checked = true;
  if (!document.activeElement?.matches(TYPING)) chosen.focus();
}
document.addEventListener("htmx:afterSettle", openWrapUp);

// These are no ids: the browser would move the focus to those after us.
if (location.hash === "#log") wrapUp();
if (location.hash === "#search") search();
if (location.hash === "#more-fields") byId("more-fields")?.setAttribute("open", "");

document.addEventListener("change", (event) => {
  const field = event.target.dataset?.fills && byId(event.target.dataset.fills);
  if (!field || !event.target.value) return;
  field.value = event.target.value;
  event.target.value = "";  // what stands in the field counts, also when it is emptied again
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
