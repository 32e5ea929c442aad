// The tree of revisions: where each one is drawn, and where undo and redo lead.

/** Place every revision: `column` is its depth, `row` its branch; a first child stays in its parent's row. */
export function layOut(revisions) {
  const places = new Map();
  const children = childrenOf(revisions);
  let rows = 0;
  const put = (revision, column, row) => {
    places.set(revision.id, { column, row });
    (children.get(revision.id) ?? []).forEach((child, number) =>
      put(child, column + 1, number ? rows++ : row),
    );
  };
  for (const root of children.get(null) ?? []) put(root, 0, rows++);
  return places;
}

/** The revision that undo leads to: the parent of the head; null at the root. */
export function undoTarget(revisions, headId) {
  return find(revisions, headId)?.parent_id ?? null;
}

/** Where redo leads: to the child last left by an undo, else to the first of the newest edit; null at a leaf. */
export function redoTarget(revisions, headId, left = []) {
  const children = childrenOf(revisions).get(headId) ?? [];
  const lastLeft = left.findLast((id) => children.some((child) => child.id === id));
  const first = children.find((child) => child.edit_id === children.at(-1).edit_id);
  return lastLeft ?? first?.id ?? null;
}

/** The neighbour that an arrow key leads to: parent, first child, or the revision above or below; null if none. */
export function neighbour(revisions, id, key) {
  const places = layOut(revisions);
  if (key === "ArrowLeft") return undoTarget(revisions, id);
  if (key === "ArrowRight") return childrenOf(revisions).get(id)?.[0].id ?? null;
  if (key === "Home") return revisions[0].id;
  if (key === "End") return revisions.at(-1).id;
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (!step) return null;
  const here = places.get(id);
  const candidates = [...places].filter(([, place]) => Math.sign(place.row - here.row) === step);
  const distance = ([, place]) => Math.abs(place.row - here.row) * 100 + Math.abs(place.column - here.column);
  return candidates.sort((one, other) => distance(one) - distance(other))[0]?.[0] ?? null;
}

/** The revisions to draw: of several pictures of one edit those that lead on or are in `kept`, else the first. */
export function withoutLeftOvers(revisions, kept) {
  const parents = new Set(revisions.map((revision) => revision.parent_id));
  const isDrawn = ({ id }) => parents.has(id) || kept.includes(id);
  const firsts = new Map(revisions.toReversed().map((revision) => [revision.edit_id, revision]));
  for (const revision of revisions.filter(isDrawn)) firsts.delete(revision.edit_id);
  return revisions.filter((revision) => isDrawn(revision) || firsts.get(revision.edit_id) === revision);
}

/** The ids from the root to a revision, both included. */
export function pathTo(revisions, id) {
  const here = find(revisions, id);
  return here ? [...pathTo(revisions, here.parent_id), id] : [];
}

/** What a revision is compared with: the chosen one, else its parent, else the newest other one; null if alone. */
export function compareTarget(revisions, id, chosenId) {
  const others = revisions.filter((revision) => revision.id !== id);
  const has = (wanted) => others.some((revision) => revision.id === wanted);
  return [chosenId, undoTarget(revisions, id)].find(has) ?? others.at(-1)?.id ?? null;
}

/** One revision by its id. */
export const find = (revisions, id) => revisions.find((revision) => revision.id === id) ?? null;

function childrenOf(revisions) {
  const children = new Map();
  for (const revision of revisions) {
    const parent = revision.parent_id ?? null;
    children.set(parent, [...(children.get(parent) ?? []), revision]);
  }
  return children;
}
