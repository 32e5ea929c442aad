// An edit in the conversation: what was told, how far it is, what came of it.
import { isOver } from "../conversation.js";
import { button, h } from "../dom.js";
import { counted, instructionWords } from "../words.js";
import { cellGrid } from "./cells.js";

const QUESTIONS = { image_quality: "Is the picture good?", satisfaction: "Is it what you wanted?" };

/** What makes a card a different one. Progress is not in it: it is patched, so that buttons keep their focus. */
export const editSignature = (edit) => edit && [edit.id, edit.status, edit.rating ? 1 : 0].join();

/**
 * The card; `actions` are `cancel(edit)`, `retry(edit)`, `rate(edit, rating)`, `look(revisionId)`,
 * `choose(revisionId)` and `show(image, url)`.
 */
export function editCard(edit, actions) {
  return h(
    "div",
    { class: `edit is-${edit.status}` },
    h("p", { class: "edit-instruction" }, instructionWords(edit)),
    isOver(edit) ? end(edit, actions) : running(edit, actions),
  );
}

/** How far an unfinished edit is, in words and as a bar. */
export function progressOf(edit) {
  const { step, steps } = edit.progress;
  const place = edit.queue_position > 1 ? `, place ${edit.queue_position}` : "";
  const several = edit.cells.length > 1 ? ` · ${edit.cells.length} pictures` : "";
  const words = edit.status === "queued" ? `Waiting${place} …` : `Step ${step} of ${steps}${several}`;
  const bar = h("progress", { max: steps, value: step, "aria-label": "Steps done" });
  if (edit.status === "queued") bar.removeAttribute("value");
  return h("div", { class: "progress" }, h("span", {}, words), bar);
}

/** Where the picture is far up a narrow page, the card alone has to tell, and to stop. */
function running(edit, actions) {
  const preview = h("img", { class: "edit-preview if-narrow", alt: "", hidden: true });
  const stop = button("if-narrow", () => actions.cancel(edit), "Stop");
  return h("div", { class: "edit-running", "data-edit": edit.id }, progressOf(edit), stop, preview);
}

function end(edit, actions) {
  if (edit.status === "succeeded") return result(edit, actions);
  const hasFailed = edit.status === "failed";
  const why = hasFailed
    ? (edit.error?.detail ?? "The reason is unknown.")
    : "Stopped before it was finished.";
  return h(
    "div",
    { class: "edit-end" },
    h("p", { class: hasFailed ? "error" : "hint" }, why),
    button("", () => actions.retry(edit), hasFailed ? "Try again" : "Run it after all"),
  );
}

function result(edit, actions) {
  const pictures = edit.cells.length > 1 ? cellGrid(edit, actions) : onlyPicture(edit, actions);
  return h("div", { class: "edit-result" }, pictures, h("div", {}, facts(edit), rating(edit, actions)));
}

function onlyPicture(edit, actions) {
  const [cell] = edit.cells;
  const image = h("img", { alt: `The result of: ${edit.instruction}`, width: 96, height: 96 });
  actions.show(image, cell.url);
  const look = () => actions.look(cell.revision_id);
  return h("button", { class: "edit-picture", title: "Look at this picture", onclick: look }, image);
}

function facts(edit) {
  const { steps, sweep } = edit.parameters;
  const [first, last] = [edit.cells[0].seed, edit.cells.at(-1).seed];
  const seeds = edit.cells.length > 1 && !sweep ? `seeds ${first} to ${last}` : `seed ${first}`;
  const { encode_s: encode, denoise_s: denoise, decode_s: decode } = edit.timings;
  const seconds = ((encode ?? 0) + (denoise ?? 0) + (decode ?? 0)).toFixed(1);
  return h("p", { class: "hint" }, `${counted(steps, "step")} · ${seconds} s`, h("br"), seeds);
}

function rating(edit, actions) {
  if (edit.rating) {
    return h(
      "p",
      { class: "hint" },
      `You rated it ${edit.rating.image_quality} and ${edit.rating.satisfaction} of 5.`,
    );
  }
  const form = h(
    "form",
    { class: "rating" },
    ...Object.entries(QUESTIONS).map(([name, question]) => scale(`${name}-${edit.id}`, name, question)),
    h("button", { class: "button" }, "Send"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    actions.rate(
      edit,
      Object.fromEntries(Object.keys(QUESTIONS).map((name) => [name, Number(given.get(name))])),
    );
  });
  return h("details", {}, h("summary", {}, "Rate it"), form);
}

function scale(id, name, question) {
  const marks = [1, 2, 3, 4, 5].map((mark) => {
    const input = h("input", { type: "radio", name, value: mark, required: true, id: `${id}-${mark}` });
    return h("label", {}, input, h("span", {}, mark));
  });
  const legend = h("legend", {}, question, h("span", { class: "unseen" }, " 1 is bad, 5 is good"));
  return h("fieldset", {}, legend, h("div", { class: "marks" }, ...marks));
}
