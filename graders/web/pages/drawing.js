// A graph as inline SVG: time runs from left to right, each node as far left of the root as its longest way there.

import { number } from "./common.js";

const WIDTH = 128, HEIGHT = 46, GAP_X = 66, GAP_Y = 16, MARGIN = 12, R = 17;
const OUT = 2 * R - 4; // how far the circle of an operation stands out of its box
const NS = "http://www.w3.org/2000/svg";

function svg(tag, attributes, text) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Where the nodes stand: {x, y} each. A node that an edge passes by has a lane there, so that lines go round.
function layout(nodes) {
  const steps = nodes.map(() => 0);
  for (let i = nodes.length - 1; i >= 0; i--) {
    for (const child of nodes[i].children) steps[child] = Math.max(steps[child], steps[i] + 1);
  }
  const deepest = Math.max(...steps);
  const columns = Array.from({ length: deepest + 1 }, () => []);
  const items = []; // {size, near: [items]}
  const place = (column, size) => {
    const item = { size, near: [], y: columns[column].length * (HEIGHT + GAP_Y) };
    columns[column].push(item);
    items.push(item);
    return item;
  };
  const boxes = nodes.map((_, i) => place(steps[i], HEIGHT));
  const lanes = new Map();
  nodes.forEach((node, parent) => {
    for (const child of new Set(node.children)) {
      const way = [];
      for (let k = steps[child] - 1; k > steps[parent]; k--) way.push([k, place(k, 8)]);
      lanes.set(`${child}-${parent}`, way);
      const chain = [boxes[child], ...way.map(([, item]) => item), boxes[parent]];
      for (let i = 1; i < chain.length; i++) {
        chain[i - 1].near.push(chain[i]);
        chain[i].near.push(chain[i - 1]);
      }
    }
  });
  for (let sweep = 0; sweep < 60; sweep++) {
    const middle = mean(items.map((item) => item.y));
    const pulled = (y) => middle + 0.85 * (y - middle); // a branch that hangs on one line only stays near
    for (const column of columns) {
      const wish = new Map(column.map((item) => [item, pulled(mean(item.near.map((n) => n.y)) ?? item.y)]));
      column.sort((a, b) => wish.get(a) - wish.get(b));
      let floor = -Infinity;
      for (const item of column) {
        item.y = Math.max(wish.get(item), floor + item.size / 2);
        floor = item.y + item.size / 2 + GAP_Y;
      }
      const drift = mean(column.map((item) => item.y - wish.get(item)));
      for (const item of column) item.y -= drift;
    }
  }
  const top = Math.min(...items.map((item) => item.y - item.size / 2)) - MARGIN;
  const bottom = Math.max(...items.map((item) => item.y + item.size / 2)) + MARGIN;
  const x = (column) => MARGIN + (deepest - column) * (WIDTH + GAP_X);
  return {
    width: 2 * MARGIN + (deepest + 1) * WIDTH + deepest * GAP_X,
    height: bottom - top,
    box: (i) => ({ x: x(steps[i]), y: boxes[i].y - top }),
    way: (child, parent) => lanes.get(`${child}-${parent}`).map(([k, item]) => ({ x: x(k), y: item.y - top })),
  };
}

function mean(numbers) {
  return numbers.length ? numbers.reduce((a, b) => a + b) / numbers.length : null;
}

export function draw(holder, nodes, grads, now, begun) {
  const { width, height, box, way } = layout(nodes);
  const left = holder.scrollLeft;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  picture.append(svg("title", {}, `A graph of ${nodes.length} nodes`));
  const fed = new Set(now < 0 ? [] : nodes[now].children);
  nodes.forEach((node, parent) => {
    for (const child of new Set(node.children)) {
      let { x, y } = box(child);
      let path = `M${x + WIDTH} ${y}`;
      x += WIDTH;
      const end = { x: box(parent).x - OUT, y: box(parent).y };
      for (const stop of [...way(child, parent), end]) {
        const half = (x + stop.x) / 2;
        path += ` C${half} ${y} ${half} ${stop.y} ${stop.x} ${stop.y}`;
        ({ x, y } = stop);
        if (stop !== end) path += ` H${(x += WIDTH)}`;
      }
      picture.append(svg("path", { d: path, class: `edge${parent === now ? " now" : ""}` }));
    }
  });
  nodes.forEach((node, i) => picture.append(one(node, i, box(i), grads[i], now, fed, begun, nodes.length)));
  holder.replaceChildren(picture);
  holder.scrollLeft = now < 0 ? width : left; // backward() begins at the right
  const from = now < 0 ? 0 : Math.min(...nodes[now].children.map((child) => box(child).x)) - MARGIN;
  if (now >= 0 && (from < left || box(now).x + WIDTH > left + holder.clientWidth)) holder.scrollLeft = from;
}

function one(node, i, { x, y }, grad, now, fed, begun, count) {
  const told = begun || grad ? number(grad) : "0";
  const sign = typeof grad === "number" && grad !== 0 ? (grad > 0 ? " up" : " down") : "";
  const group = svg("g", { class: `${i === now ? "now" : ""}${fed.has(i) ? " fed" : ""}${sign}` });
  const name = node.name || (i === count - 1 ? "out" : node.children.length ? `n${i}` : "constant");
  group.append(svg("title", {}, `${name}: data ${number(node.data)}, grad ${told}`));
  if (node.op) {
    group.append(svg("circle", { class: "op", cx: x - OUT + R, cy: y, r: R }));
  }
  group.append(svg("rect", { class: "box", x, y: y - HEIGHT / 2, width: WIDTH, height: HEIGHT, rx: 8 }));
  if (node.op) {
    const size = node.op.length > 3 ? "10px" : "13px";
    const op = svg("text", { x: x - OUT / 2, y: y + 4, "text-anchor": "middle" }, node.op);
    op.style.fontSize = size;
    group.append(op);
  }
  group.append(svg("text", { x: x + 14, y: y - 5, class: node.name ? "" : "soft" }, name));
  group.append(svg("text", { x: x + WIDTH - 10, y: y - 5, "text-anchor": "end" }, number(node.data)));
  group.append(svg("text", { x: x + 14, y: y + 15, class: "soft" }, "grad"));
  group.append(svg("text", { x: x + WIDTH - 10, y: y + 15, "text-anchor": "end", class: "grad" }, told));
  return group;
}
