// The studio: opens what the address names (`#conv_…`), and keeps its parts in step.
import { announce } from "./announce.js";
import { Api } from "./api.js";
import { Conversation } from "./conversation.js";
import { byId, isTouch } from "./dom.js";
import { readSettings } from "./settings.js";
import { find } from "./tree.js";
import { Composer } from "./views/composer.js";
import { askForKey } from "./views/dialogs.js";
import { renderHistory } from "./views/history.js";
import { Stage } from "./views/stage.js";
import { Start } from "./views/start.js";
import { Study } from "./views/study.js";
import { renderTalk } from "./views/talk.js";
import { instructionWords, problemWords } from "./words.js";

const CONVERSATION = /^#(conv_[\w-]+)$/;

/** What all parts share: the open conversation, what is looked at, and what can be done. */
const studio = {
  api: new Api(askForKey),
  settings: readSettings(),
  models: null,
  conversation: null,
  viewedId: null, // the revision on the stage
  compare: { isOn: false, beforeId: null }, // no id: its parent
  area: null, // a canvas that is white where the picture may change
  open: (id) => (location.hash = id),
  look,
  render: () => schedule(),
  attempt,
};

const start = new Start(studio);
const stage = new Stage(studio);
const composer = new Composer(studio);
const study = new Study(studio);
let isScheduled = false;
let opening = 0;
let failed = null; // the action whose failure is told now

addEventListener("hashchange", route);
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  (studio.conversation ? byId("say") : (study.title ?? byId("start-title"))).focus();
});
route();

async function route() {
  const turn = ++opening;
  const id = location.hash.match(CONVERSATION)?.[1];
  studio.conversation?.close();
  Object.assign(studio, { conversation: null, viewedId: null, area: null });
  studio.compare = { isOn: false, beforeId: null };
  const isStudy = study.route();
  if (!studio.models && !studio.api.invitation) readModels();
  byId("new-picture").hidden = !id;
  byId("studies-link").hidden = Boolean(id);
  byId("start").hidden = Boolean(id) || isStudy;
  byId("work").hidden = true;
  if (isStudy) return tell("");
  if (!id) return showStart();
  tell("");
  try {
    const opened = await Conversation.open(studio.api, id);
    if (turn === opening) enter(opened);
    else opened.close();
  } catch (problem) {
    if (turn === opening) leave(problem);
  }
  return undefined;
}

function showStart() {
  byId("link-state").hidden = true;
  document.title = "DialogPaint";
  start.show();
}

function enter(conversation) {
  studio.conversation = conversation;
  studio.viewedId = conversation.head.id;
  conversation.addEventListener("change", schedule);
  conversation.addEventListener("edit-over", ({ detail }) => editOver(detail));
  tell("");
  byId("work").hidden = false;
  byId("log").replaceChildren();
  composer.enter();
  render();
  if (!isTouch()) byId("say").focus();
}

function leave(problem) {
  const isGone = problem.status === 404;
  byId("new-picture").hidden = isGone;
  byId("studies-link").hidden = !isGone;
  byId("start").hidden = !isGone;
  if (isGone) history.replaceState(null, "", location.pathname);
  tell(isGone ? "This conversation does not exist any more." : problemWords(problem), isGone ? null : route);
  if (isGone) showStart();
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    if (studio.conversation) render();
  });
}

function render() {
  const { conversation } = studio;
  followHead(conversation);
  document.title = `${conversation.record.caption ?? "A picture"} · DialogPaint`;
  byId("link-state").hidden = conversation.isLive;
  byId("link-state").textContent = "Connection lost; trying again …";
  stage.render();
  renderHistory(studio);
  renderTalk(studio);
  composer.render();
}

/** The stage shows the head, unless one looks at another revision. */
function followHead(conversation) {
  const headId = conversation.head.id;
  if (studio.headId !== headId || !find(conversation.revisions, studio.viewedId)) look(headId);
  studio.headId = headId;
}

function look(revisionId) {
  if (studio.viewedId !== revisionId) studio.area = null;
  studio.viewedId = revisionId;
  studio.compare.beforeId = null;
  schedule();
}

function editOver(edit) {
  const several = edit.cells.length > 1 ? ` ${edit.cells.length} pictures to choose from.` : "";
  if (edit.status === "succeeded") announce(`Finished: ${instructionWords(edit)}.${several}`);
  if (edit.status === "failed") announce(`The edit failed: ${edit.error?.detail ?? "the reason is unknown"}`);
  if (edit.status === "canceled") announce("The edit was stopped.");
}

/** Do something that may fail, and tell how; returns whether it went well. */
async function attempt(action) {
  try {
    await action();
    if (failed === action) tell("");
    return true;
  } catch (problem) {
    tell(problemWords(problem), () => attempt(action));
    failed = action;
    return false;
  }
}

/** Show a sentence above everything, with a way on where there is one. */
function tell(sentence, again = null) {
  failed = null;
  const notice = byId("notice");
  notice.hidden = !sentence;
  notice.replaceChildren(sentence);
  if (!again) return;
  const button = Object.assign(document.createElement("button"), {
    className: "button",
    textContent: "Try again",
  });
  button.addEventListener("click", again);
  notice.append(" ", button);
}

async function readModels() {
  studio.models = await studio.api.get("/v1/models").catch(() => null);
  start.renderModels();
  composer.render();
}
