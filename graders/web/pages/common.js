// What all tabs share: the line to the server, and small helpers.
//
// A question is {do, job, ...}; what comes back names both, so that answers to what was given up are dropped.

export const $ = (id) => document.getElementById(id);
export const LOST = "The connection is gone: is hero play --web still running?";

const MOST = 2_000_000; // characters of a question; the server hangs up on what is larger by far

let socket = null;
let jobs = 0;
let wait = 300;
const asked = new Map(); // do -> {job, hear}
const greeted = []; // who wants to know what the server says first
export const shown = new Map(); // panel -> called when it is shown

export function ask(what, fields, hear) {
  const job = ++jobs;
  asked.set(what, { job, hear });
  const text = JSON.stringify({ do: what, job, ...fields });
  if (text.length > MOST) end(what, "That is far too long.");
  else if (!send(text)) end(what, LOST);
}

// Before the first greeting there is nobody to ask: what is shown by then asks when it is greeted.
export function ready() {
  return socket?.readyState === WebSocket.OPEN;
}

export function stop(what) {
  send(JSON.stringify({ do: "stop", job: 0, what }));
}

export function onHello(hear) {
  greeted.push(hear);
}

export function onShown(panel, called) {
  shown.set(panel, called);
}

export function stopAll() {
  [...asked.keys()].forEach(stop);
}

function send(text) {
  if (!ready()) return false;
  socket.send(text);
  return true;
}

function end(what, error) {
  const entry = asked.get(what);
  asked.delete(what);
  entry?.hear({ kind: "end", do: what, error, stopped: false });
}

function hear(message) {
  if (message.kind === "hello") {
    greeted.forEach((told) => told(message));
    return;
  }
  const entry = asked.get(message.do);
  if (!entry || entry.job !== message.job) return;
  if (message.kind === "end") asked.delete(message.do);
  entry.hear(message);
}

export function connect() {
  socket = new WebSocket(new URL("socket", location.href).href.replace(/^http/, "ws"));
  socket.onopen = () => {
    wait = 300;
    $("lost").hidden = true;
  };
  socket.onmessage = (event) => hear(JSON.parse(event.data));
  socket.onclose = () => {
    $("lost").hidden = false;
    [...asked.keys()].forEach((what) => end(what, LOST));
    setTimeout(connect, wait);
    wait = Math.min(5000, wait * 2);
  };
}

// -- small helpers that the tabs share ---------------------------------------------------------------------

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== "") element.textContent = text; // never innerHTML: what is shown may hold anything
  return element;
}

export function complain(id, error) {
  $(id).textContent = error || "";
  $(id).hidden = !error;
}

export function percent(share) {
  const p = 100 * share;
  return p >= 10 ? p.toFixed(0) : p >= 0.95 ? p.toFixed(1) : p > 0 && p < 0.1 ? "<0.1" : p.toFixed(1);
}

export function number(value) {
  if (typeof value !== "number") return String(value);
  return String(Number(value.toPrecision(4)));
}
