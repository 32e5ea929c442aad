// All studies of whoever runs them: where people vote, and what came of it.
import { button, h } from "../dom.js";
import { icon } from "../icons.js";
import { ago, counted } from "../words.js";
import { askWhetherToDelete } from "./dialogs.js";

const HOW =
  "People see two pictures without knowing what made them, and say which one is better. " +
  "To begin a study, compare two pictures of a conversation and choose “Ask people”.";
const GONE = "Its votes are deleted with it. This can't be undone.";

/** Read and list them; `isWanted()` says whether the page still is about them. */
export async function showStudies(studio, element, isWanted) {
  const studies = await studio.api.all("/v1/studies");
  if (!isWanted()) return;
  document.title = "Studies · DialogPaint";
  const again = () => studio.attempt(() => showStudies(studio, element, isWanted));
  const items = studies.map((study) => item(studio, study, again));
  element.replaceChildren(
    h("div", { class: "study-head" }, h("h1", { tabindex: -1 }, "Studies"), h("p", { class: "hint" }, HOW)),
    items.length ? h("ul", { class: "study-list" }, ...items) : h("p", {}, "There are none yet."),
  );
}

function item(studio, study, again) {
  const told = `${counted(study.vote_count, "vote")} on ${counted(study.pair_count, "pair")} · ${ago(study.created_at)}`;
  const remove = button("icon-only quiet", () => deleteIt(studio, study, again), icon("close"));
  remove.setAttribute("aria-label", `Delete: ${study.title}`);
  return h(
    "li",
    {},
    h("div", { class: "study-what" }, h("b", {}, study.title), h("p", {}, study.question), h("p", { class: "hint" }, told)),
    h(
      "div",
      { class: "row" },
      h("a", { class: "button", href: `#${study.id}/results`, "aria-label": `Results: ${study.title}` }, "Results"),
      h("a", { class: "button quiet", href: `#${study.id}`, "aria-label": `Vote: ${study.title}` }, "Vote"),
      remove,
    ),
  );
}

async function deleteIt(studio, study, again) {
  if (!(await askWhetherToDelete(`Delete the study “${study.title}”?`, GONE))) return;
  await studio.attempt(() => studio.api.remove(study.urls.self));
  await again();
  document.querySelector("#study h1")?.focus();
}
