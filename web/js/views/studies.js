// All studies of whoever runs them: where people vote, and what came of it.
import { h } from "../dom.js";
import { ago, counted } from "../words.js";

const HOW = "A study is begun with the command line, the Python client or the API.";

/** Read and list them; `isWanted()` says whether the page still is about them. */
export async function showStudies(studio, element, isWanted) {
  const studies = await studio.api.all("/v1/studies");
  if (!isWanted()) return;
  document.title = "Studies · DialogPaint";
  element.replaceChildren(
    h("div", { class: "study-head" }, h("h1", { tabindex: -1 }, "Studies"), h("p", { class: "hint" }, HOW)),
    studies.length ? h("ul", { class: "study-list" }, ...studies.map(item)) : h("p", {}, "There are none yet."),
  );
}

function item(study) {
  const told = `${counted(study.vote_count, "vote")} on ${counted(study.pair_count, "pair")} · ${ago(study.created_at)}`;
  return h(
    "li",
    {},
    h("div", {}, h("b", {}, study.title), h("p", {}, study.question), h("p", { class: "hint" }, told)),
    h(
      "div",
      { class: "row" },
      h("a", { class: "button", href: `#${study.id}/results`, "aria-label": `Results: ${study.title}` }, "Results"),
      h("a", { class: "button quiet", href: `#${study.id}`, "aria-label": `Vote: ${study.title}` }, "Vote"),
    ),
  );
}
