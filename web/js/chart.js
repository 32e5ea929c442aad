// Estimates drawn as dots with their intervals: one line of SVG each, as wide as there is room.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 28;

/** A scale from its lowest to its highest value, with what to write at some of them. */
export const SHARE = { from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1], middle: 0.5, words: percent };
export const MARKS = { from: 1, to: 5, ticks: [1, 2, 3, 4, 5], middle: 3, words: (value) => value.toFixed(1) };

/** The dot and the interval of one estimate; what it says is written beside it. */
export function dot({ value, low, high }, scale) {
  const svg = make("svg", { class: "chart-row", width: "100%", height: HEIGHT, "aria-hidden": "true" });
  const middle = HEIGHT / 2;
  for (const tick of scale.ticks) {
    const kind = tick === scale.middle ? "chart-middle" : "chart-tick";
    svg.append(make("line", { class: kind, x1: at(tick, scale), x2: at(tick, scale), y1: 0, y2: HEIGHT }));
  }
  if (low !== null) {
    const span = { x1: at(low, scale), x2: at(high, scale), y1: middle, y2: middle };
    svg.append(make("line", { class: "chart-interval", ...span }));
  }
  if (value !== null) svg.append(make("circle", { class: "chart-dot", cx: at(value, scale), cy: middle, r: 6 }));
  return svg;
}

/** The numbers along the bottom. */
export function axis(scale) {
  const svg = make("svg", { class: "chart-axis", width: "100%", height: 20, "aria-hidden": "true" });
  for (const tick of scale.ticks) {
    const anchor = tick === scale.from ? "start" : tick === scale.to ? "end" : "middle";
    const text = make("text", { x: at(tick, scale), y: 15, "text-anchor": anchor });
    text.append(scale === SHARE ? percent(tick) : String(tick));
    svg.append(text);
  }
  return svg;
}

/** `70 % (40–89 %)`: an estimate in words. */
export function inWords({ value, low, high }, scale) {
  if (value === null) return "nothing yet";
  if (low === null) return scale.words(value);
  return `${scale.words(value)} (${scale.words(low).replace("\u00a0%", "")}–${scale.words(high)})`;
}

function percent(value) {
  return `${Math.round(100 * value)}\u00a0%`;
}

const at = (value, { from, to }) => `${(100 * (value - from)) / (to - from)}%`;

function make(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
