// Tab 1: a prompt goes out, tokens come in one by one; a chosen one tells what else it could have been.

import { $, ask, complain, make, onHello, percent, stop } from "./common.js";
import { clearHeads, drawHeads } from "./heads.js";

const SHOWN = 3; // alternatives below a token
let ids = []; // of the prompt and of what was written
let texts = []; // the same, as text
let written = []; // {element, rows, at}: at counts in ids
let chosen = -1;
let running = false;
let looking = 0;
let usedModel = null;
let greeted = false;

export function begin() {
  $("speak-form").addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  $("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      write();
    }
  });
  for (const halt of halts()) halt.addEventListener("click", () => stop("speak"));
  for (const name of ["temperature", "top-p"]) {
    const show = () => ($(`${name}-is`).textContent = Number($(name).value).toFixed(2));
    $(name).addEventListener("input", show);
    show();
  }
  $("below").addEventListener("change", () => $("written").classList.toggle("below", $("below").checked));
  $("written").addEventListener("click", (event) => {
    const token = event.target.closest(".token");
    if (token) choose(written.findIndex((entry) => entry.element === token));
  });
  $("written").addEventListener("keydown", (event) => {
    const to = { ArrowRight: chosen + 1, ArrowLeft: chosen - 1, Home: 0, End: written.length - 1 }[event.key];
    if (to === undefined || !written.length) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(written.length - 1, to)));
  });
  onHello((hello) => {
    if (!running) $("speak-whose").textContent = hello.whose.gpt;
    if (hello.prompt && !greeted) $("prompt").value = hello.prompt;
    greeted = true;
    const before = $("model").value;
    $("model").replaceChildren(...hello.models.map((name) => new Option(name, name)));
    if (hello.models.includes(before)) $("model").value = before;
  });
}

function optional(id) {
  const text = $(id).value.trim();
  return text === "" ? null : Number(text);
}

function write() {
  if (!$("speak-form").reportValidity()) return;
  complain("speak-error", "");
  reset();
  working(true);
  $("speak-status").textContent = "Writing …";
  $("writing").classList.add("begun");
  if (matchMedia("(max-width: 860px)").matches) $("writing").scrollIntoView();
  usedModel = $("model").value;
  const knobs = {
    prompt: $("prompt").value,
    temperature: Number($("temperature").value),
    top_k: optional("top-k"),
    top_p: Number($("top-p").value),
    tokens: Number($("tokens").value),
    seed: optional("seed"),
    model: usedModel,
  };
  let seed = "";
  ask("speak", knobs, (message) => {
    if (message.kind === "start") {
      ids = message.ids;
      texts = message.prompt.length ? [...message.prompt] : ["\n"];
      seed = `seed ${message.seed}`;
      $("speak-whose").textContent = `${message.whose} ${message.size.toLocaleString("en")} parameters.`;
      if (message.prompt.length) $("written").append(make("span", "given", message.prompt.join("")));
    } else if (message.kind === "token") {
      add(message);
    } else if (message.kind === "end") {
      working(false);
      complain("speak-error", message.error);
      const how = message.stopped ? "Stopped after" : "Wrote";
      const s = written.length === 1 ? "" : "s";
      $("speak-status").textContent = seed ? `${how} ${written.length} token${s}; ${seed}.` : message.stopped ? "Stopped." : "";
    }
  });
}

function reset() {
  ids = [];
  texts = [];
  written = [];
  chosen = -1;
  $("written").replaceChildren();
  $("written").removeAttribute("aria-activedescendant");
  $("chosen").hidden = true;
  $("speak-empty").hidden = true;
  clearHeads();
}

function halts() {
  return document.querySelectorAll(".halt"); // on a narrow screen, one stands above what is written
}

function working(is) {
  running = is;
  for (const halt of halts()) halt.disabled = !is;
  $("written").setAttribute("aria-busy", String(is));
}

export function visible(text) {
  return { " ": "␣", "\n": "⏎", "\t": "⇥" }[text] ?? text;
}

function add({ id, text, rows }) {
  const own = rows.find((row) => row[0] === text)?.[1] ?? 0;
  const element = make("span", "token");
  element.id = `token-${written.length}`;
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  element.setAttribute("aria-label", `${named(text)}, ${percent(own)} percent`);
  const glyph = make("i");
  const hidden = visible(text) !== text;
  glyph.append(make("span", hidden ? "real" : "", text));
  if (hidden) glyph.append(make("span", "mark", visible(text)));
  // the less likely it was, the deeper the shade
  glyph.style.backgroundColor = `rgba(var(--orange-rgb), ${(0.55 * (1 - own) ** 2).toFixed(3)})`;
  const list = make("ol");
  for (const [other, p] of rows.slice(0, SHOWN)) {
    const line = make("li", other === text ? "taken" : "");
    line.append(make("span", "", visible(other)), make("span", "", percent(p)));
    list.append(line);
  }
  element.append(glyph, list);
  const box = $("written");
  const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 8;
  box.append(element);
  if (text === "\n") box.append(make("span", "break"));
  if (atEnd) box.scrollTop = box.scrollHeight;
  written.push({ element, rows, text, at: ids.length });
  ids.push(id);
  texts.push(text);
}

function named(text) {
  return { " ": "space", "\n": "line end", "\t": "tab" }[text] ?? text;
}

// -- the chosen token --------------------------------------------------------------------------------------

function choose(which) {
  if (which < 0 || which >= written.length) return;
  written[chosen]?.element.classList.remove("chosen");
  written[chosen]?.element.setAttribute("aria-selected", "false");
  chosen = which;
  const { element, rows, text, at } = written[which];
  element.classList.add("chosen");
  element.setAttribute("aria-selected", "true");
  $("written").setAttribute("aria-activedescendant", element.id);
  element.scrollIntoView({ block: "nearest" });
  $("chosen").hidden = false;
  $("chosen-title").textContent = `Token ${which + 1}: ${visible(text)}`;
  $("rows").tBodies[0].replaceChildren(...rows.map((row) => line(row, text)));
  const turn = ++looking;
  setTimeout(() => turn === looking && look(at), 120);
}

function line([text, own, drawn], taken) {
  const tr = make("tr", text === taken ? "taken" : "");
  tr.append(make("td", "", visible(text) + (text === taken ? " ✓" : "")));
  for (const share of [own, drawn]) {
    const bar = make("div", "bar");
    const fill = make("span");
    fill.style.width = `${(100 * share).toFixed(1)}%`;
    const room = make("div");
    room.append(fill);
    bar.append(make("b", "", `${percent(share)} %`), room);
    const td = make("td");
    td.append(bar);
    tr.append(td);
  }
  return tr;
}

function look(at) {
  $("look-note").textContent = "Looking …";
  const context = ids.slice(0, at);
  ask("look", { ids: context, model: usedModel }, (message) => {
    if (message.kind === "maps") {
      $("look-note").textContent = "Each square is one head's map of attention over the text before the token.";
      drawHeads(message, texts.slice(0, at));
    } else if (message.kind === "end" && message.error) {
      $("look-note").textContent = message.error;
      clearHeads();
    }
  });
}
