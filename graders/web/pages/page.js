// The page as a whole: its tabs, light and dark. Each tab has a file of its own.

import { $, connect, shown, stopAll } from "./common.js";
import { begin as speak } from "./speak.js";
import { begin as pieces } from "./pieces.js";
import { begin as graph } from "./graph.js";

const tabs = [...document.querySelectorAll('[role="tab"]')];

function choose(tab, focus = true) {
  for (const other of tabs) {
    const here = other === tab;
    other.setAttribute("aria-selected", String(here));
    other.tabIndex = here ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = !here;
  }
  if (focus) tab.focus();
  const panel = tab.getAttribute("aria-controls");
  history.replaceState(null, "", `#${panel}`);
  shown.get(panel)?.();
}

tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(tabs[(i + step + tabs.length) % tabs.length]);
  });
});

const dark = matchMedia("(prefers-color-scheme: dark)");
let picked = null; // what was picked here wins over what the system says
function paint() {
  document.documentElement.dataset.theme = picked ?? (dark.matches ? "dark" : "light");
  document.dispatchEvent(new Event("painted"));
}
dark.addEventListener("change", paint);
$("theme").addEventListener("click", () => {
  picked = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  paint();
});

// Escape stops whatever is at work, wherever the focus is
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stopAll();
});

paint();
speak();
pieces();
graph();
connect();
const wanted = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
if (wanted) choose(wanted, false);
