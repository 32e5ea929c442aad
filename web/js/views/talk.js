// What was said: turns, questions with their choices, instructions to approve, edits.
import { announce } from "../announce.js";
import { choicesOf, colourOf } from "../choices.js";
import { isOver } from "../conversation.js";
import { button, byId, h, patchChildren } from "../dom.js";
import { icon } from "../icons.js";
import { markChosen } from "./cells.js";
import { editCard, editSignature, progressOf } from "./edit_card.js";

const IDEAS = ["make it night", "make it more fun", "make it black and white"];
let lastTold = null;

/** Show the conversation, and go to its end whenever that is news. */
export function renderTalk(studio) {
  const { conversation } = studio;
  const log = byId("log");
  const newest = log.lastElementChild;
  const entries = conversation.timeline;
  const items = entries.map((entry, number) => {
    const isLast = number === entries.length - 1 && !conversation.pending;
    const isOpen = isLast && !studio.leftProposals?.has(entry.key);
    const signature = [editSignature(entry.edit), isOpen].join();
    return { key: entry.key, signature, build: () => exchange(studio, entry, isOpen) };
  });
  if (!entries.length && !conversation.pending)
    items.push({ key: "empty", signature: "", build: () => empty(studio) });
  if (conversation.pending) {
    items.push({
      key: "pending",
      signature: conversation.pending.text,
      build: () => pending(conversation.pending),
    });
  }
  patchChildren(log, items);
  patchProgress(studio, log);
  markChosen(log, conversation);
  if (log.lastElementChild !== newest) toEnd(log, !newest);
  tell(conversation, entries);
}

function exchange(studio, entry, isOpen) {
  const { turn, edit } = entry;
  return h(
    "article",
    { class: "exchange" },
    turn && h("p", { class: "said" }, h("span", { class: "unseen" }, "You: "), turn.text),
    turn && turn.reply.text && answer(turn),
    turn && isOpen && turn.reply.kind === "clarification" && choices(studio, turn),
    turn && turn.instruction && !turn.edit && proposal(studio, entry, isOpen),
    edit && editCard(edit, actions(studio)),
  );
}

function answer(turn) {
  const name = turn.reply.kind === "clarification" ? "DialogPaint asks: " : "DialogPaint: ";
  return h(
    "p",
    { class: `reply is-${turn.reply.kind}` },
    h("span", { class: "unseen" }, name),
    turn.reply.text,
  );
}

function choices(studio, turn) {
  const buttons = choicesOf(turn.reply.text).map((choice) => {
    const colour = colourOf(choice);
    const dot = colour && h("span", { class: `dot is-${colour}`, "aria-hidden": "true" });
    return button("chip", () => studio.say(choice), dot, choice);
  });
  return buttons.length ? chips("Possible answers", buttons) : null;
}

const chips = (name, buttons) =>
  h("div", { class: "choices", role: "group", "aria-label": name }, ...buttons);

/** An instruction that waits to be approved, perhaps in other words. */
function proposal(studio, { key, turn }, isOpen) {
  if (!isOpen) return h("p", { class: "proposed" }, "Proposed: ", h("q", {}, turn.instruction));
  const field = h("textarea", {
    id: "instruction",
    rows: 2,
    maxlength: 2000,
    required: true,
    value: turn.instruction,
  });
  const form = h(
    "form",
    { class: "proposal" },
    h("label", { for: "instruction" }, "The instruction; change it if you like"),
    field,
    h(
      "div",
      { class: "row" },
      h("button", { class: "button primary" }, "Run it"),
      button("quiet", () => leaveIt(studio, key), "Leave it"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    studio.run(field.value.trim(), turn.base_revision_id);
  });
  return form;
}

function leaveIt(studio, key) {
  (studio.leftProposals ??= new Set()).add(key);
  studio.render();
  byId("say").focus();
}

function actions(studio) {
  const { conversation } = studio;
  return {
    show: (image, url) => studio.api.show(image, url),
    look: (revisionId) => {
      studio.look(revisionId);
      byId("stage").scrollIntoView({ block: "nearest" });
    },
    choose: (revisionId) => {
      const canMove = !conversation.unfinished && revisionId !== conversation.head.id;
      return canMove ? studio.attempt(() => conversation.moveHead(revisionId)) : studio.look(revisionId);
    },
    cancel: (edit) => studio.attempt(() => conversation.cancel(edit)),
    rate: (edit, rating) => studio.attempt(() => conversation.rate(edit, rating)),
    retry: studio.retry,
  };
}

function pending({ text }) {
  const dots = [1, 2, 3].map(() => h("span"));
  const thinking = h(
    "p",
    { class: "reply is-thinking" },
    ...dots,
    h("span", { class: "unseen" }, "Thinking …"),
  );
  return h("article", { class: "exchange" }, h("p", { class: "said" }, text), thinking);
}

function empty(studio) {
  const ideas = IDEAS.map((idea) => button("chip", () => studio.say(idea), idea));
  const caption = studio.conversation.record.caption;
  return h(
    "div",
    { class: "empty" },
    icon("picture"),
    h("p", { class: "empty-title" }, "What shall change?"),
    caption && h("p", { class: "hint" }, `The picture shows ${caption}.`),
    chips("Ideas", ideas),
  );
}

function patchProgress({ api, conversation }, log) {
  for (const card of log.querySelectorAll("[data-edit]")) {
    const edit = conversation.edits.get(card.dataset.edit);
    const preview = conversation.previews.get(card.dataset.edit);
    if (edit && !isOver(edit)) card.querySelector(".progress").replaceWith(progressOf(edit));
    card.lastChild.hidden = !preview;
    if (preview) api.show(card.lastChild, preview);
  }
}

/** What scrolls is the conversation, or on a narrow page all of it; that one begins with the picture. */
function toEnd(log, isFirst) {
  const isNarrow = getComputedStyle(log).overflowY === "visible";
  if (isNarrow && isFirst) return;
  const scroller = isNarrow ? document.documentElement : log;
  const isCalm = isFirst || matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: isCalm ? "instant" : "smooth" });
}

/** Say the newest answer to screen readers, once, and nothing of what was there when the page was opened. */
function tell(conversation, entries) {
  const turn = entries.findLast((entry) => entry.turn)?.turn;
  const now = `${conversation.id} ${turn?.number ?? 0}`;
  if (lastTold === now) return;
  const isNews = lastTold?.startsWith(conversation.id) && turn;
  lastTold = now;
  if (isNews) announce(turn.reply.text || `The instruction is: ${turn.instruction}`);
}
