// The attention of every head: small maps to choose from, and the chosen one large, with the text it looks at.

import { $, make } from "./common.js";

let maps = null; // {data, L, H, T, texts}
let head = [0, 0];

export function clearHeads() {
  maps = null;
  $("heads").replaceChildren();
  $("head-large").hidden = true;
}

export function drawHeads({ shape, data }, texts) {
  const [L, H, T] = shape;
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const focused = $("heads").contains(document.activeElement);
  maps = { data: bytes, L, H, T, texts: texts.slice(-T) };
  if (head[0] >= L || head[1] >= H) head = [0, 0];
  const rows = [];
  for (let l = 0; l < L; l++) {
    const row = make("div", "layer");
    row.append(make("span", "", `Layer ${l + 1}`));
    for (let h = 0; h < H; h++) {
      const button = make("button");
      button.type = "button";
      button.setAttribute("aria-label", `Layer ${l + 1}, head ${h + 1}`);
      const canvas = make("canvas");
      paint(canvas, l, h, 0);
      button.append(canvas);
      button.addEventListener("click", () => {
        head = [l, h];
        enlarge();
      });
      row.append(button);
    }
    rows.push(row);
  }
  $("heads").replaceChildren(...rows);
  enlarge();
  if (focused) pressed()?.focus();
}

function pressed() {
  return $("heads").querySelector('[aria-pressed="true"]');
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function paint(canvas, l, h, mark) {
  const { data, H, T } = maps;
  canvas.width = canvas.height = T;
  const context = canvas.getContext("2d");
  const image = context.createImageData(T, T);
  const blue = color("--blue-rgb").split(",").map(Number);
  const orange = color("--orange-rgb").split(",").map(Number);
  const from = (l * H + h) * T * T;
  for (let i = 0; i < T * T; i++) {
    const rgb = mark && i >= T * (T - 1) ? orange : blue; // the row that chose the token
    image.data.set(rgb, 4 * i);
    image.data[4 * i + 3] = data[from + i];
  }
  context.putImageData(image, 0, 0);
}

function enlarge() {
  if (!maps) return;
  const [l, h] = head;
  const { data, H, T, texts } = maps;
  [...$("heads").querySelectorAll("button")].forEach((button, i) =>
    button.setAttribute("aria-pressed", String(i === l * H + h)),
  );
  $("head-large").hidden = false;
  $("head-title").textContent = `Layer ${l + 1}, head ${h + 1}: what it looked at before this token`;
  const from = ((l * H + h) * T + T - 1) * T;
  const strip = texts.map((text, i) => {
    const share = (data[from + i] / 255) ** 2;
    const span = make("span", "", text === "\n" ? "⏎\n" : text);
    span.style.backgroundColor = `rgba(var(--orange-rgb), ${(0.9 * Math.sqrt(share)).toFixed(3)})`;
    span.title = `${(100 * share).toFixed(1)} %`;
    return span;
  });
  $("head-strip").replaceChildren(...strip);
  paint($("head-map"), l, h, 1);
  const most = texts.map((text, i) => [data[from + i], text]).sort((a, b) => b[0] - a[0]);
  const told = most.slice(0, 3).map(([v, text]) => `${JSON.stringify(text)} ${(100 * (v / 255) ** 2).toFixed(0)} %`);
  $("head-map").setAttribute("aria-label", `Attention map; the last row looks most at ${told.join(", ")}`);
}

document.addEventListener("painted", () => {
  if (!maps) return;
  [...$("heads").querySelectorAll("canvas")].forEach((c, i) => paint(c, Math.floor(i / maps.H), i % maps.H, 0));
  enlarge();
});
