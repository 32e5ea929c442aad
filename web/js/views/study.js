// User studies: `#study_…` asks a person pair by pair (`?invitation=…` behind it is for those without a key),
// `#study_…/results` shows what came of it, `#studies` lists all.
import { byId, h } from "../dom.js";
import { problemWords } from "../words.js";
import { Asking } from "./asking.js";
import { showResults } from "./results.js";
import { showStudies } from "./studies.js";

const ADDRESS = /^#(?:(studies)|(study_[\w-]+)(?:(\/results)|\?invitation=([\w.-]+))?)$/;

export class Study {
  #studio;
  #asking = null;
  #turn = 0;
  #element = h("div", { class: "study", id: "study", hidden: true });

  constructor(studio) {
    this.#studio = studio;
    byId("main").append(this.#element);
    addEventListener("keydown", (event) => this.#asking?.key(event));
  }

  /** Show what the address names, or nothing; returns whether it names something of studies. */
  route() {
    const turn = ++this.#turn;
    const [found, list, id, results, invitation] = location.hash.match(ADDRESS) ?? [];
    this.#studio.api.invitation = invitation ?? null;
    this.#asking = null;
    this.#element.replaceChildren();
    this.#element.hidden = !found;
    document.body.classList.toggle("in-study", Boolean(id) && !results);
    const isWanted = () => turn === this.#turn;
    if (list) this.#open(isWanted, () => showStudies(this.#studio, this.#element, isWanted));
    else if (results) this.#open(isWanted, () => showResults(this.#studio, this.#element, id, isWanted));
    else if (id) this.#open(isWanted, () => this.#ask(id, isWanted));
    return Boolean(found);
  }

  /** Where the page begins for who skips its bar. */
  get title() {
    return this.#element.querySelector("h1");
  }

  async #open(isWanted, show) {
    try {
      await show();
    } catch (problem) {
      if (isWanted()) this.#element.replaceChildren(gone(problem, () => this.route()));
    }
  }

  async #ask(id, isWanted) {
    const asking = new Asking(this.#studio, this.#element, id);
    const next = await asking.read();
    if (!isWanted()) return;
    this.#asking = asking;
    asking.show(next);
  }
}

function gone(problem, again) {
  const isGone = problem.status === 404;
  const button = h("button", { class: "button", type: "button", onclick: again }, "Try again");
  return h(
    "div",
    { class: "study-end" },
    h("h1", { tabindex: -1 }, isGone ? "There is no such study" : "The study can't be shown now"),
    h("p", {}, isGone ? "It was deleted, or its address is not complete." : problemWords(problem)),
    !isGone && button,
  );
}
