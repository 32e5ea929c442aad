// Several pictures of one edit side by side, to choose from: variations, or a sweep with its two axes.
import { h } from "../dom.js";
import { pathTo } from "../tree.js";

const WORDS = "follow the words";
const PICTURE = "keep the picture";
const TO_CHOOSE = "Pictures to choose from";

/** The pictures of an edit that has several; `actions` are `choose(revisionId)` and `show(image, url)`. */
export function cellGrid(edit, actions) {
  const { sweep } = edit.parameters;
  return sweep ? sweepGrid(edit.cells, sweep, actions) : variationsGrid(edit.cells, actions);
}

/** Mark the picture of each edit that led to the present one. */
export function markChosen(log, { revisions, head }) {
  const path = pathTo(revisions, head.id);
  for (const cell of log.querySelectorAll("[data-revision]")) {
    cell.setAttribute("aria-pressed", path.includes(cell.dataset.revision));
  }
}

function sweepGrid(cells, sweep, actions) {
  const columns = sweep.image_guidance_scale.length;
  const pictures = cells.map((cell, number) => {
    const name = `${WORDS} ${cell.text_guidance_scale}, ${PICTURE} ${cell.image_guidance_scale}`;
    const [row, column] = [Math.floor(number / columns), number % columns];
    return placed(picture(cell, name, actions), row + 3, column + 3);
  });
  const name = `${TO_CHOOSE}: down they ${WORDS} more, to the right they ${PICTURE} more`;
  return grid("cells is-sweep", name, columns, [...axes(sweep), ...pictures]);
}

function variationsGrid(cells, actions) {
  const pictures = cells.map((cell, number) =>
    picture(cell, `Variation ${number + 1}, seed ${cell.seed}`, actions),
  );
  return grid("cells", TO_CHOOSE, cells.length <= 4 ? 2 : 3, pictures);
}

function grid(kind, name, columns, children) {
  const element = h("div", { class: kind, role: "group", "aria-label": name }, ...children);
  element.style.setProperty("--columns", columns);
  return element;
}

function picture(cell, name, actions) {
  const image = h("img", { alt: "" });
  actions.show(image, cell.url);
  const choose = () => actions.choose(cell.revision_id);
  const told = { "aria-label": name, title: name, "data-revision": cell.revision_id };
  return h("button", { class: "cell", type: "button", "aria-pressed": "false", onclick: choose, ...told }, image);
}

/** Names and numbers along the edges; the pictures' own names have them, too. */
function axes({ text_guidance_scale: rows, image_guidance_scale: columns }) {
  const edge = (kind, text, row, column) =>
    placed(h("span", { class: kind, "aria-hidden": "true" }, text), row, column);
  return [
    edge("axis is-across", `${PICTURE} →`, 1, "3 / -1"),
    edge("axis is-down", `← ${WORDS}`, `3 / span ${rows.length}`, 1),
    ...columns.map((scale, number) => edge("scale", scale, 2, number + 3)),
    ...rows.map((scale, number) => edge("scale", scale, number + 3, 2)),
  ];
}

function placed(element, row, column) {
  element.style.gridRow = row;
  element.style.gridColumn = column;
  return element;
}
