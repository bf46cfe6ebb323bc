"use strict";

// Sound: the browser speaks what is said on a call, and records a message as a telephone would.

const RATE = 8000;
const LONGEST_MESSAGE_MS = 110000;
const SHORTEST_MESSAGE_MS = 500;

let muted = remembered("muted", false);

function setMuted(on) {
  muted = on;
  if (on) hush();
  try {
    sessionStorage.setItem("phone.muted", JSON.stringify(on));
  } catch {
    // It holds until the page is closed.
  }
}

function speak(line) {
  if (muted || !window.speechSynthesis || line.kind !== "say") return;
  const utterance = new SpeechSynthesisUtterance(line.text);
  utterance.lang = line.language || "en-US";
  speechSynthesis.speak(utterance);
}

function hush() {
  if (window.speechSynthesis) speechSynthesis.cancel();
}

// Starts the microphone; the promise is kept with a function that stops it and gives {audio, seconds}.
async function openMicrophone() {
  if (!navigator.mediaDevices || !window.MediaRecorder) throw new Error("This browser has no microphone to offer.");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => {
    throw new Error("The microphone was not allowed.");
  });
  const recorder = new MediaRecorder(stream);
  const parts = [];
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  const stopped = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
  const started = new Promise((done) => recorder.addEventListener("start", done, { once: true }));
  recorder.start();
  await started;
  // What is shorter than this holds no sound that could be decoded.
  const longEnough = new Promise((done) => setTimeout(done, SHORTEST_MESSAGE_MS));
  const limit = setTimeout(() => recorder.stop(), LONGEST_MESSAGE_MS);
  return async () => {
    clearTimeout(limit);
    await longEnough;
    if (recorder.state !== "inactive") recorder.stop();
    await stopped;
    for (const track of stream.getTracks()) track.stop();
    return asWav(new Blob(parts));
  };
}

// 8 kHz, mono, 16 bit: what a recording from the telephone network sounds like.
async function asWav(blob) {
  const context = new OfflineAudioContext(1, RATE, RATE);
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  const samples = sound.getChannelData(0);
  const wav = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const write = (at, text) => [...text].forEach((letter, place) => wav.setUint8(at + place, letter.charCodeAt(0)));
  write(0, "RIFF");
  wav.setUint32(4, 36 + samples.length * 2, true);
  write(8, "WAVEfmt ");
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true);
  wav.setUint16(22, 1, true);
  wav.setUint32(24, RATE, true);
  wav.setUint32(28, RATE * 2, true);
  wav.setUint16(32, 2, true);
  wav.setUint16(34, 16, true);
  write(36, "data");
  wav.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, place) => wav.setInt16(44 + place * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return { audio: asBase64(new Uint8Array(wav.buffer)), seconds: Math.max(1, Math.round(samples.length / RATE)) };
}

function asBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
