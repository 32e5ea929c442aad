// A range of both guidance scales around those of the last edit: what to ask for.
import { NUMBERS } from "./settings.js";
import { pathTo } from "./tree.js";

const FACTORS = { text_guidance_scale: 1.5, image_guidance_scale: 1.25 }; // from one value to the next
const NEAR_ZERO = 0.5; // a range of factors can't begin at 0
const MOST_INSTRUCTIONS = 3; // that one request can hold

/** The edit that a range can be tried of: the last that succeeded, if one request can hold its instructions. */
export function editToVary({ timeline }) {
  const edit = timeline.findLast((entry) => entry.edit?.status === "succeeded")?.edit;
  return edit && instructionsOf(edit).length <= MOST_INSTRUCTIONS ? edit : null;
}

/** The axes of three by three pictures around what is typed, else around what the chosen picture was made with. */
export function axesAround(edit, conversation, typed) {
  const madeWith = chosenCell(edit, conversation);
  const axes = Object.entries(FACTORS).map(([name, factor]) => {
    return [name, around(typed[name] ?? madeWith[name], NUMBERS[name], factor)];
  });
  return Object.fromEntries(axes);
}

/** The same edit from the same base with these scales; what was not typed is as it was. */
export function rangeOf(edit, conversation, typed) {
  const { seed } = chosenCell(edit, conversation);
  const { steps, quality } = edit.parameters;
  const { count, text_guidance_scale, image_guidance_scale, ...others } = typed;
  return {
    instruction: instructionsOf(edit).join("; "),
    base_revision_id: edit.base_revision_id,
    mask_image_id: edit.mask_image_id,
    parameters: { seed, steps, quality, ...others, sweep: axesAround(edit, conversation, typed) },
  };
}

function chosenCell({ cells }, { revisions, head }) {
  const path = pathTo(revisions, head.id);
  return cells.find((cell) => path.includes(cell.revision_id)) ?? cells[0];
}

function around(value, { min, max }, factor) {
  const middle = Math.min(Math.max(value, (min || NEAR_ZERO) * factor), max / factor);
  return [rounded(middle / factor), middle, rounded(middle * factor)];
}

const rounded = (value) => Number(value.toPrecision(2));

const instructionsOf = (edit) => [...edit.prior_instructions, edit.instruction];
