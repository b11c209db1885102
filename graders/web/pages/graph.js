// Tab 3: an expression, its graph, and backward() step by step.

import { $, ask, complain, make, number, onHello, onShown, ready } from "./common.js";
import { draw } from "./drawing.js";

let graph = null; // what the server told: nodes, steps, start, grads, values, nudged
let at = 0; // steps that have been taken
let asked = false;
const values = new Map(); // what was typed for a name stays while the expression changes

export function begin() {
  $("graph-form").addEventListener("submit", (event) => {
    event.preventDefault();
    build();
  });
  $("first").addEventListener("click", () => go(0));
  $("back").addEventListener("click", () => go(at - 1));
  $("next").addEventListener("click", () => go(at + 1));
  $("last").addEventListener("click", () => go(Infinity));
  $("drawn").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(at + step);
  });
  onHello((hello) => {
    $("graph-whose").textContent = hello.whose.engine;
    if (!$("graph").hidden && !asked) build();
  });
  onShown("graph", () => asked || !ready() || build());
}

function build() {
  asked = true;
  for (const field of $("values").querySelectorAll("input")) {
    if (field.value.trim() !== "") values.set(field.dataset.name, Number(field.value));
    else values.delete(field.dataset.name);
  }
  const given = Object.fromEntries(values);
  ask("graph", { text: $("expression").value, values: given }, (message) => {
    if (message.kind === "graph") {
      graph = message;
      at = 0;
      complain("graph-error", "");
      $("graph-whose").textContent = message.whose;
      fields(message.values);
      $("drawn").hidden = false;
      show();
    } else if (message.kind === "end" && (message.error || message.stopped)) {
      complain("graph-error", message.error || "Stopped.");
      $("drawn").hidden = true;
    }
  });
}

function fields(given) {
  const names = Object.keys(given);
  const there = [...$("values").querySelectorAll("input")].map((field) => field.dataset.name);
  if (names.join() === there.join()) return; // leave the focus where it is
  const labels = names.map((name) => {
    const label = make("label");
    const field = make("input");
    field.type = "number";
    field.step = "any";
    field.value = given[name];
    field.dataset.name = name;
    field.id = `value-${name}`;
    label.htmlFor = field.id;
    label.append(make("span", "", `${name} =`), field);
    return label;
  });
  $("values").replaceChildren(...labels);
}

function go(step) {
  if (!graph) return;
  at = Math.max(0, Math.min(graph.steps.length, step));
  show();
}

function show() {
  const { nodes, steps, start } = graph;
  const step = at ? steps[at - 1] : null;
  const grads = step ? step.grads : start.map((g) => g ?? 0);
  draw($("picture"), nodes, grads, step?.node ?? -1, at > 0 || steps.length === 0);
  $("step").textContent = `step ${at} of ${steps.length}`;
  $("back").disabled = $("first").disabled = at === 0;
  $("next").disabled = $("last").disabled = at === steps.length;
  const begun = "Forward is done: every node has its data. backward() sets the last node's grad to 1;\n"
    + "each step then hands one node's grad on to what it was made from.";
  $("explained").textContent = step ? step.lines.join("\n") : begun;
  const rows = Object.entries(graph.values).map(([name, value]) => {
    const node = nodes.findIndex((n) => n.name === name);
    const tr = make("tr");
    const found = node < 0 ? "not in the graph" : number(grads[node]);
    const slope = graph.nudged[name];
    const measured = slope === null ? "not to be had" : number(slope);
    tr.append(make("td", "", name), make("td", "", number(value)), make("td", "", found));
    const last = make("td", "", measured);
    if (at === steps.length && node >= 0 && slope !== null) last.append(agree(grads[node], slope));
    tr.append(last);
    return tr;
  });
  $("slopes").tBodies[0].replaceChildren(...rows);
  $("slopes").hidden = rows.length === 0;
}

function agree(grad, slope) {
  const good = typeof grad === "number" && Math.abs(grad - slope) <= 1e-4 * Math.max(1, Math.abs(slope));
  return make("span", "", good ? " ✓ agrees" : " ✗ differs");
}
