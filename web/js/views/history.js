// The tree of revisions as thumbnails: one tab stop, arrow keys within.
import { byId, h, patchChildren } from "../dom.js";
import { find, layOut, neighbour, pathTo, withoutLeftOvers } from "../tree.js";
import { revisionName } from "../words.js";
import { renderExport } from "./export.js";

const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/** Draw the tree: the head is marked, the revision on the stage is selected. */
export function renderHistory(studio) {
  const { revisions: all, head } = studio.conversation;
  const revisions = drawn(studio);
  const places = layOut(revisions);
  const tree = byId("tree");
  patchChildren(
    tree,
    revisions.map((revision) => ({ key: revision.id, signature: "", build: () => item(studio, revision) })),
  );
  tree.onkeydown = (event) => move(studio, event);
  for (const element of tree.children) {
    const { key } = element.dataset;
    place(element, places.get(key), places.get(find(revisions, key).parent_id));
    const isViewed = key === studio.viewedId;
    const name = revisionName(all, key);
    const instruction = find(revisions, key).instruction;
    const told = [name, instruction, key === head.id && "the present picture"];
    element.setAttribute("aria-label", told.filter(Boolean).join(", "));
    element.setAttribute("aria-selected", isViewed);
    element.setAttribute("aria-level", places.get(key).column + 1);
    element.classList.toggle("is-head", key === head.id);
    element.lastChild.textContent = name.replace("Picture ", "");
    if (isViewed && element.tabIndex !== 0) element.scrollIntoView({ block: "nearest", inline: "nearest" });
    element.tabIndex = isViewed ? 0 : -1;
  }
  renderExport(studio);
}

function drawn({ conversation, viewedId }) {
  const { revisions, head, redoTo } = conversation;
  return withoutLeftOvers(revisions, [...pathTo(revisions, head.id), viewedId, redoTo]);
}

function item(studio, revision) {
  const image = h("img", { alt: "", width: 64, height: 64 });
  studio.api.show(image, `/v1/images/${revision.image_id}`);
  const choose = () => studio.look(revision.id);
  const chooseByKey = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  };
  return h(
    "div",
    {
      class: "revision",
      role: "treeitem",
      title: revision.instruction ?? "Original",
      onclick: choose,
      onkeydown: chooseByKey,
    },
    h("span", { class: "stem", "aria-hidden": "true" }),
    image,
    h("span", { class: "number", "aria-hidden": "true" }),
  );
}

function place(element, here, parent) {
  element.style.gridColumn = here.column + 1;
  element.style.gridRow = here.row + 1;
  element.classList.toggle("is-root", !parent);
  const rowsUp = parent ? here.row - parent.row : 0;
  element.style.setProperty("--rows-up", rowsUp);
  element.firstChild.toggleAttribute("data-straight", rowsUp === 0);
}

function move(studio, event) {
  if (!KEYS.has(event.key)) return;
  event.preventDefault();
  const to = neighbour(drawn(studio), studio.viewedId, event.key);
  if (!to) return;
  studio.look(to);
  [...byId("tree").children].find((element) => element.dataset.key === to)?.focus();
}
