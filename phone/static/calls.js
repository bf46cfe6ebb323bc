"use strict";

// The calling phones. The clinic's time is not the clock's: a call waits until somebody does something, and silence is
// a button. Only keys end by themselves, a while after the last one.

const PAUSE_AFTER_KEYS_MS = 2500;

// Which side of each phone is shown, which lines of which call have been spoken, and what waits to be sent.
const view = {};
const spoken = {};
const pauses = {};
let isFirstLook = true;

const currentCall = (person) =>
  person.calls.find((call) => call.rings_here) || [...person.calls].reverse().find((call) => call.open) || person.calls.at(-1);
const isLive = (call) => Boolean(call && call.open);

// Who is on the line

function callNote(person) {
  const call = currentCall(person);
  if (!isLive(call)) return "";
  return call.rings_here ? "Ringing" : "In a call";
}

// A ringing phone comes to the front, and to its calls, when it begins to ring.
function openWhatRings() {
  for (const person of state.people) {
    const call = person.calls.find((other) => other.rings_here);
    if (!call || spoken[call.sid] !== undefined) continue;
    spoken[call.sid] = 0;
    view[person.phone] = "calls";
    if (!open.includes(person.phone)) open = [...open, person.phone].slice(-3);
  }
}

function focusOn(section) {
  const box = view[section.dataset.phone] === "calls" ? one(".go", section) : one(".writer textarea", section);
  if (box.offsetParent) box.focus();
}

// Drawing

function prepareCalls(section, person) {
  one(".views", section).setAttribute("aria-label", `Shown on the phone of ${person.name}`);
  one(".heard", section).setAttribute("aria-label", `Call of ${person.name}`);
  one(".speak input", section).setAttribute("aria-label", `${person.name} says`);
  one(".keypad", section).setAttribute("aria-label", `Keypad of ${person.name}`);
  for (const button of section.querySelectorAll(".view")) {
    button.addEventListener("click", () => {
      view[person.phone] = button.dataset.view;
      draw();
    });
  }
  prepareActs(section, person.phone);
}

function drawCalls(section, person) {
  const shown = view[person.phone] || "texts";
  const call = currentCall(person);
  for (const button of section.querySelectorAll(".view")) {
    button.setAttribute("aria-pressed", button.dataset.view === shown);
  }
  const live = one(".live", section);
  live.hidden = !isLive(call);
  live.textContent = callNote(person) && ` · ${callNote(person).toLowerCase()}`;
  one(".texts", section).hidden = shown !== "texts";
  one(".calls", section).hidden = shown !== "calls";
  drawControls(section, call);
  drawHeard(section, call);
  const select = one(".habit select", section);
  if (document.activeElement !== select) select.value = person.habit;
}

function drawControls(section, call) {
  one(".call-state", section).textContent = stateOf(call);
  one(".call-state", section).hidden = !call;
  one(".no-call", section).hidden = Boolean(call);
  one(".idle", section).hidden = isLive(call);
  one(".ringing-in", section).hidden = !call?.rings_here;
  one(".in-call", section).hidden = !isLive(call) || call.rings_here;
  const records = call?.waits?.kind === "record";
  one(".leave", section).hidden = !records;
  one(".speak", section).hidden = records;
  one(".keypad", section).hidden = records;
  one(".mute", section).setAttribute("aria-pressed", muted);
}

function stateOf(call) {
  if (!call) return "";
  const lasted = `${Math.floor(call.seconds / 60)}:${String(call.seconds % 60).padStart(2, "0")}`;
  if (call.rings_here) return `${call.with} is calling`;
  if (!call.open) return `Call ended · ${ENDED[call.status]}${call.seconds ? ` · ${lasted}` : ""}`;
  if (call.connected) return "Connected: what you say is heard at the other end";
  if (call.waits?.kind === "record") return "The clinic is recording";
  if (call.waits?.kind === "queue") return "Waiting until somebody comes";
  if (call.waits?.kind === "dial") return "The clinic is ringing somebody";
  if (call.waits?.digits) return `Keyed in: ${call.waits.digits}`;
  return call.waits ? `The clinic listens for ${listensFor(call.waits)}` : "The clinic is answering";
}

const ENDED = {
  completed: "completed",
  busy: "busy or declined",
  failed: "could not be reached",
  "no-answer": "not answered",
  canceled: "given up before it was answered",
};

function listensFor(waits) {
  if (waits.keys && waits.speech) return "keys or words";
  return waits.speech ? "words" : "keys";
}

const SAID_BY = { clinic: "Clinic", me: "You", other: "Other end", line: "" };

function drawHeard(section, call) {
  const log = one(".heard", section);
  if (log.dataset.sid !== (call?.sid || "")) {
    log.replaceChildren();
    log.dataset.sid = call?.sid || "";
    log.dataset.count = call ? call.count - call.lines.length : 0;
  }
  if (!call) return;
  const fresh = call.lines.slice(call.lines.length - Math.min(call.count - log.dataset.count, call.lines.length));
  log.append(...fresh.map(newLine));
  log.dataset.count = call.count;
  if (fresh.length) log.dataset.unseen = "yes";
  if (log.dataset.unseen && log.offsetParent) {
    log.scrollTop = log.scrollHeight;
    delete log.dataset.unseen;
  }
  speakNew(section, call);
}

function newLine(line) {
  const item = document.createElement("p");
  item.className = `line by-${line.who}`;
  if (line.language) item.lang = line.language;
  const who = document.createElement("span");
  who.className = "by";
  who.textContent = SAID_BY[line.who];
  if (who.textContent) item.append(who, " ");
  item.append(wordsOf(line));
  return item;
}

function wordsOf(line) {
  if (line.kind === "key") return `pressed ${line.text}`;
  if (line.kind === "record") return line.text ? `left a message: ${line.text}` : "left a message";
  if (line.kind === "play") return `plays ${line.text}`;
  return line.text;
}

// What was said before this page was opened is not said again.
function speakNew(section, call) {
  const before = spoken[call.sid] ?? (isFirstLook ? call.count : 0);
  spoken[call.sid] = call.count;
  const fresh = call.count > before ? call.lines.slice(-(call.count - before)) : [];
  if (one(".calls", section).hidden) return;
  for (const line of fresh) {
    if (line.who === "clinic" || line.who === "other") speak(line);
  }
}

// Doing

function prepareActs(section, phone) {
  const calls = one(".calls", section);
  const call = () => currentCall(state.people.find((person) => person.phone === phone));
  const act = (name, given = {}) => {
    hush();
    clearTimeout(pauses[phone]);
    return complain(calls, () => post(`/line/calls/${call().sid}/${name}`, given));
  };
  for (const button of calls.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => act(button.dataset.act));
  }
  for (const button of calls.querySelectorAll(".key")) {
    button.addEventListener("click", () => press(phone, button.dataset.key, call, act));
  }
  one(".silence", calls).addEventListener("click", () => act("silence"));
  one(".mute", calls).addEventListener("click", () => {
    setMuted(!muted);
    draw();
  });
  one(".speak", calls).addEventListener("submit", (event) => {
    event.preventDefault();
    const box = one(".speak input", calls);
    const text = box.value.trim();
    box.value = "";
    if (text) act("say", { text });
  });
  prepareCalling(calls, phone);
  const leave = prepareMessage(calls, act);
  // Most messages end so: what was written is left, and the call is over.
  one(".hang-up", calls).addEventListener("click", () => (leave.isWritten() ? leave.andHangUp() : act("hang-up")));
}

function prepareCalling(calls, phone) {
  const form = one(".idle", calls);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hush();
    const from = one(".withheld", form).checked ? "anonymous" : phone;
    complain(calls, () => post("/line/calls", { from, phone }));
  });
  one(".habit select", form).addEventListener("change", (event) =>
    complain(calls, () => post(`/line/people/${encodeURIComponent(phone)}`, { habit: event.target.value })));
}

// The clinic waits for more keys for a while; then the pause ends what was keyed in.
async function press(phone, key, call, act) {
  await act("press", { keys: key, more: true });
  const sid = call()?.sid;
  if (!call()?.waits?.digits) return;
  pauses[phone] = setTimeout(() => {
    if (call()?.sid === sid && call().waits?.digits) act("silence");
  }, PAUSE_AFTER_KEYS_MS);
}

function prepareMessage(calls, act) {
  const form = one(".leave", calls);
  const box = one("textarea", form);
  const microphone = one(".microphone", form);
  let stop = null;
  const leave = async (sound) => {
    const said = box.value.trim();
    const seconds = Math.max(3, Math.round(said.split(/\s+/).length / 2.5));
    const failed = await act("record", { said, seconds, ...sound });
    if (!failed) box.value = "";
  };
  const show = () => {
    microphone.setAttribute("aria-pressed", Boolean(stop));
    microphone.textContent = stop ? "Stop and leave it" : "Use the microphone";
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!stop) leave({});
  });
  microphone.addEventListener("click", async () => {
    hush();
    const finish = stop;
    if (finish) {
      stop = null;
      show();
      await complain(calls, async () => leave({ ...(await finish()), content_type: "audio/wav" }));
      return;
    }
    await complain(calls, async () => { stop = await openMicrophone(); });
    show();
  });
  return {
    isWritten: () => form.offsetParent !== null && box.value.trim() !== "",
    andHangUp: () => leave({ hangs_up: true }),
  };
}
