// Tab 2: the text as one types it, cut by the learner's tokenizer, GPT-2's and GPT-4's.

import { $, ask, complain, make, onHello, onShown, ready } from "./common.js";

const cards = new Map();
let typing = 0;
let asked = false;

export function begin() {
  for (const name of ["yours", "GPT-2", "GPT-4"]) {
    const section = make("section", "card");
    const title = make("h2");
    title.append(make("b", "", name === "yours" ? "Lesson 08" : name), make("span"));
    const list = make("div", "pieces");
    section.append(title, list);
    $("cuts").append(section);
    cards.set(name, { count: title.lastChild, list });
  }
  $("text").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(cut, 90);
  });
  onHello((hello) => {
    $("pieces-whose").textContent = hello.whose.tokenizer;
    if (!$("pieces").hidden) cut();
  });
  onShown("pieces", () => asked || !ready() || cut());
}

function cut() {
  asked = true;
  ask("pieces", { text: $("text").value }, (message) => {
    if (message.whose) $("pieces-whose").textContent = message.whose;
    if (message.kind === "known") {
      complain("pieces-error", "");
      message.of.forEach(({ name, size, pieces }) => show(name, size, pieces));
    } else if (message.kind === "training") {
      $("pieces-status").textContent = "It is learning its merges from 10,000 characters of Shakespeare …";
    } else if (message.kind === "pieces") {
      $("pieces-status").textContent = "";
      show("yours", message.size, message.pieces);
      complain("pieces-error", message.note);
    } else if (message.kind === "end") {
      $("pieces-status").textContent = message.stopped ? "Stopped." : "";
      if (message.error) {
        complain("pieces-error", message.error);
        show("yours", 0, []);
      }
    }
  });
}

function show(name, size, pieces) {
  const { count, list } = cards.get(name);
  const s = pieces.length === 1 ? "" : "s";
  count.textContent = size ? `${pieces.length} token${s} · a vocabulary of ${size.toLocaleString("en")}` : "";
  const elements = [];
  pieces.forEach(([id, text], i) => {
    const piece = make("span", `piece p${i % 5}`);
    piece.append(make("b", "", text), make("small", "", String(id)));
    elements.push(piece);
    if (text.endsWith("⏎")) elements.push(make("span", "break"));
  });
  list.replaceChildren(...elements);
}
