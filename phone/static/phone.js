"use strict";

// The people, their phones and their texts; calls.js has the calls. The server keeps the threads; the browser keeps which phones are open and what has been read.

const ASK_EVERY_MS = 700;
const ASK_WHEN_HIDDEN_MS = 4000;

const one = (selector, root = document) => root.querySelector(selector);
const copyOf = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

let state = { version: "", people: [] };
let open = remembered("open", null);
const read = remembered("read", {});

function remembered(name, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(`phone.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function remember() {
  try {
    sessionStorage.setItem("phone.open", JSON.stringify(open));
    sessionStorage.setItem("phone.read", JSON.stringify(read));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

async function post(path, given) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error || "That did not work.");
  return said;
}

// Who is here

function drawPeople() {
  const list = one("#people");
  for (const person of state.people) {
    const button = one(`[data-phone="${CSS.escape(person.phone)}"]`, list) || newPerson(list, person);
    const unread = countUnread(person);
    one(".name", button).textContent = person.name;
    one(".about", button).textContent = callNote(person) || about(person);
    button.classList.toggle("on-the-line", callNote(person) !== "");
    one(".face", button).textContent = initials(person.name);
    button.setAttribute("aria-pressed", open.includes(person.phone));
    const badge = one(".badge", button);
    badge.hidden = unread === 0;
    one(".count", badge).textContent = unread;
  }
}

function newPerson(list, person) {
  const item = copyOf("person");
  const button = one("button", item);
  button.dataset.phone = person.phone;
  button.addEventListener("click", () => choose(person.phone));
  list.append(item);
  return button;
}

const about = (person) => [person.shown, person.role].filter((part) => part && part !== person.name).join(" · ");

function initials(name) {
  const letters = name.split(/\s+/).map((word) => word[0]).filter((letter) => /\p{L}/u.test(letter));
  return letters.slice(0, 2).join("").toUpperCase() || "#";
}

const arrived = (person) => person.thread.filter((text) => !text.mine && !isLost(text));

function countUnread(person) {
  const texts = arrived(person);
  return texts.length - (texts.findIndex((text) => text.sid === read[person.phone]) + 1);
}

// A second choice of somebody already in view closes nothing: it brings their phone to the front.
function choose(phone) {
  const inView = open.includes(phone) && isNarrow() && open.at(-1) !== phone;
  open = open.filter((other) => other !== phone);
  const stays = inView || !one(`.phone[data-phone="${CSS.escape(phone)}"]`);
  if (stays) open.push(phone);
  while (open.length > 3) open.shift();
  draw();
  if (stays) focusOn(one(`.phone[data-phone="${CSS.escape(phone)}"]`));
}

const isNarrow = () => matchMedia("(max-width: 760px)").matches;

// Their phones

function drawPhones() {
  const room = one("#phones");
  for (const section of room.querySelectorAll(".phone")) {
    if (!open.includes(section.dataset.phone)) section.remove();
  }
  open.forEach((phone, place) => {
    const person = state.people.find((other) => other.phone === phone);
    if (!person) return;
    const section = one(`.phone[data-phone="${CSS.escape(phone)}"]`, room) || newPhone(person);
    if (room.querySelectorAll(".phone")[place] !== section) room.append(section);
    drawPhone(section, person);
  });
  one(".nobody", room).hidden = open.length > 0;
}

function newPhone(person) {
  const section = copyOf("phone");
  section.dataset.phone = person.phone;
  section.setAttribute("aria-label", `Phone of ${person.name}`);
  one(".thread", section).setAttribute("aria-label", `Texts of ${person.name}`);
  one("textarea", section).setAttribute("aria-label", `Text from ${person.name}`);
  one(".close", section).setAttribute("aria-label", `Close the phone of ${person.name}`);
  one(".close", section).addEventListener("click", () => {
    open = open.filter((phone) => phone !== person.phone);
    draw();
  });
  prepareSwitch(one(".landline input", section), (on) =>
    post(`/line/people/${encodeURIComponent(person.phone)}`, { landline: on }));
  prepareWriter(section, person.phone);
  prepareCalls(section, person);
  return section;
}

function drawPhone(section, person) {
  one(".name", section).textContent = person.name;
  one(".about", section).textContent = about(person);
  drawSwitch(one(".landline input", section), person.landline);
  one(".state", section).hidden = !person.opted_out;
  drawCalls(section, person);
  const thread = one(".thread", section);
  const wasAtEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
  let grew = false;
  for (const text of person.thread) {
    let item = one(`[data-sid="${text.sid}"]`, thread);
    if (!item) {
      drawDay(thread, text);
      item = newText(text);
      thread.append(item);
      grew = true;
    }
    drawNote(item, text);
  }
  if (grew && wasAtEnd) thread.scrollTop = thread.scrollHeight;
  const last = arrived(person).at(-1);
  const inSight = thread.offsetParent !== null && !document.hidden;
  if (last && inSight) read[person.phone] = last.sid;
}

function drawDay(thread, text) {
  const day = new Date(text.at).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  if (thread.dataset.day === day) return;
  thread.dataset.day = day;
  const item = document.createElement("p");
  item.className = "day";
  item.textContent = day;
  thread.append(item);
}

function newText(text) {
  const item = document.createElement("div");
  item.dataset.sid = text.sid;
  for (const path of text.pictures) {
    const picture = document.createElement("img");
    picture.src = path;
    picture.alt = "Sample photo";
    picture.width = 640;
    picture.height = 480;
    item.append(picture);
  }
  const words = document.createElement("p");
  words.className = "words";
  words.append(...withLinks([text.body, ...text.links].filter(Boolean).join("\n")));
  if (words.textContent) item.append(words);
  const note = document.createElement("p");
  note.className = "note";
  item.append(note);
  return item;
}

function withLinks(body) {
  return body.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/).map((part) => {
    if (!/^https?:\/\//.test(part)) return document.createTextNode(part);
    const link = document.createElement("a");
    link.href = part;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = part;
    return link;
  });
}

// What became of a text, in a few words

const BECAME = {
  waiting: "Sending",
  taken: "✓ Delivered",
  fallback: "The clinic did not answer; the fallback did",
  lost: "Lost: neither the clinic nor the fallback answered",
  accepted: "Arriving",
  queued: "Arriving",
  sent: "Arriving",
  delivered: "",
};

const isLost = (text) => text.state === "undelivered" || text.state === "failed";

function drawNote(item, text) {
  item.className = ["text", text.mine && "mine", text.carrier && "carrier", isLost(text) && "lost",
    ["fallback", "lost"].includes(text.state) && "uneasy"].filter(Boolean).join(" ");
  const time = new Date(text.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  const became = isLost(text) ? `Never arrived: ${reason(text.error)}` : BECAME[text.state];
  const parts = text.parts > 1 ? `${text.parts} parts` : "";
  one(".note", item).textContent = [time, text.carrier && "from the carrier", parts, became].filter(Boolean).join(" · ");
}

function reason(code) {
  if (code === 21610) return "opted out (21610)";
  if (code === 30006) return "landline (30006)";
  return `error ${code}`;
}

// Writing

function prepareWriter(section, phone) {
  const form = one(".writer", section);
  const box = one("textarea", form);
  const photo = one(".photo", form);
  photo.addEventListener("click", () => photo.setAttribute("aria-pressed", photo.getAttribute("aria-pressed") !== "true"));
  box.addEventListener("input", () => fit(box));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const photos = photo.getAttribute("aria-pressed") === "true" ? 1 : 0;
    const body = box.value;
    if (!body.trim() && !photos) return;
    box.value = "";
    photo.setAttribute("aria-pressed", "false");
    fit(box);
    const failed = await complain(form, () => post("/line/texts", { from: phone, body, photos }));
    if (failed) box.value = body;
    one(".thread", section).scrollTop = one(".thread", section).scrollHeight;
  });
}

function fit(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

// Runs what a form asks for and shows why it failed; true if it did.
async function complain(form, work) {
  const wrong = one(".wrong", form);
  try {
    await work();
    wrong.hidden = true;
    await refresh();
    return false;
  } catch (error) {
    wrong.textContent = error.message;
    wrong.hidden = false;
    return true;
  }
}

function prepareRail() {
  const form = one("#add-form");
  one("#add").addEventListener("toggle", () => {
    if (one("#add").open && !form.phone.value) form.phone.value = nextFreeNumber();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = await complain(form, async () => {
      const added = await post("/line/people", { name: form.name.value, phone: form.phone.value });
      open = [...open.filter((phone) => phone !== added.phone), added.phone].slice(-3);
    });
    if (failed) return;
    form.reset();
    one("#add").open = false;
  });
  for (const box of document.querySelectorAll("#faults input")) {
    prepareSwitch(box, (on) => post("/line/faults", { [box.name]: on }));
  }
}

function nextFreeNumber() {
  const taken = new Set(state.people.map((person) => person.phone));
  for (let last = 101; last < 200; last += 1) {
    if (!taken.has(`+16025550${last}`)) return `602-555-0${last}`;
  }
  return "";
}

// Switches: while one is being set, what the server said before must not flip it back.

function prepareSwitch(box, set) {
  box.addEventListener("change", async () => {
    box.dataset.busy = "yes";
    await set(box.checked).catch(() => {});
    delete box.dataset.busy;
    state.version = "";
    refresh().catch(() => {});
  });
}

function drawSwitch(box, on) {
  if (!box.dataset.busy) box.checked = on;
}

// Trouble

function drawTrouble() {
  for (const [name, left] of Object.entries(state.faults)) {
    const box = one(`#faults input[name="${name}"]`);
    if (box) drawSwitch(box, left !== 0);
  }
  const items = state.trouble.map((post) => {
    const item = document.createElement("li");
    const time = new Date(post.at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
    const unplayable = post.outcome.length > 3 && `cannot be played (${post.outcome})`;
    const why = { ct: "no connection", rt: "no answer in time" }[post.outcome] || unplayable || `answer ${post.outcome}`;
    item.textContent = `${time} ${post.path}: ${why}, attempt ${post.attempt}`;
    return item;
  });
  one("#trouble").replaceChildren(...items.reverse());
  one("#no-trouble").hidden = items.length > 0;
}

// Staying fresh

function draw() {
  openWhatRings();
  drawPhones();
  isFirstLook = false;
  drawPeople();
  drawTrouble();
  document.title = titled(state.people.reduce((sum, person) => sum + countUnread(person), 0));
  remember();
}

const titled = (unread) => (unread ? `(${unread}) Local phone` : "Local phone");

// One question at a time, so that an older answer never comes after a newer one.
let asking = Promise.resolve();

function refresh() {
  asking = asking.catch(() => {}).then(ask);
  return asking;
}

async function ask() {
  const answer = await fetch(`/line/state?after=${state.version}`);
  if (!answer.ok) throw new Error(answer.statusText);
  if (answer.status === 200) {
    const fresh = await answer.json();
    if (isAnotherProcess(fresh)) return location.reload();
    state = fresh;
    open = open || (isNarrow() ? [state.people[0]] : [state.people[0], state.people[2]]).filter(Boolean).map((person) => person.phone);
    draw();
  }
}

// A phone that was started anew has empty threads: what is drawn here is gone.
let born = "";

function isAnotherProcess(fresh) {
  const before = born;
  born = fresh.version.split("-")[0];
  return before !== "" && before !== born;
}

async function keepFresh() {
  try {
    await refresh();
    one("#offline").hidden = true;
  } catch {
    one("#offline").hidden = false;
  }
  setTimeout(keepFresh, document.hidden ? ASK_WHEN_HIDDEN_MS : ASK_EVERY_MS);
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });
document.addEventListener("DOMContentLoaded", () => {
  prepareRail();
  keepFresh();
});
