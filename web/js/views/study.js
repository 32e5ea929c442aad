// A user study: `#study_…` asks a person pair by pair, `#study_…/results` shows what came of it.
import { byId, h } from "../dom.js";
import { problemWords } from "../words.js";
import { Asking } from "./asking.js";
import { showResults } from "./results.js";

const ADDRESS = /^#(study_[\w-]+)(\/results)?$/;

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

  /** Show the study that the address names, or nothing; returns whether there is one. */
  route() {
    const [, id, results] = location.hash.match(ADDRESS) ?? [];
    const turn = ++this.#turn;
    this.#asking = null;
    this.#element.replaceChildren();
    this.#element.hidden = !id;
    document.body.classList.toggle("in-study", Boolean(id) && !results);
    if (id) this.#open(turn, id, Boolean(results));
    return Boolean(id);
  }

  /** Where the page begins for who skips its bar. */
  get title() {
    return this.#element.querySelector("h1");
  }

  async #open(turn, id, wantsResults) {
    try {
      if (wantsResults) await showResults(this.#studio, this.#element, id, () => turn === this.#turn);
      else await this.#ask(turn, id);
    } catch (problem) {
      if (turn === this.#turn) this.#element.replaceChildren(gone(problem, () => this.route()));
    }
  }

  async #ask(turn, id) {
    const asking = new Asking(this.#studio, this.#element, id);
    const next = await asking.read();
    if (turn !== this.#turn) return;
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
