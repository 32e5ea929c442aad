// “Ask people”: a study of the two pictures that are compared, begun in the studio.
import { newKey } from "../api.js";
import { button, byId, h } from "../dom.js";
import { askedOfBoth } from "../tree.js";
import { problemWords, revisionName } from "../words.js";

const QUESTION = "Which picture is better?";
const HOW = "People see both pictures, but not what you call them here, and say which one is better.";
const MOST_TITLE = 200;

/** Ask how the study shall be called and what its pictures are, and make it; then its results are shown. */
export function askPeople(studio, before, after) {
  const dialog = byId("ask-dialog");
  const form = new Form(studio, [before, after], () => dialog.close());
  dialog.replaceChildren(form.element);
  dialog.showModal();
}

class Form {
  #studio;
  #close;
  #variants; // [{revision, label}], label the field of its name
  #asked; // {source, instruction} of both pictures
  #title;
  #question = field("ask-question", QUESTION, { required: true, maxlength: MOST_TITLE });
  #instruction;
  #error = h("p", { class: "error", role: "alert", hidden: true });
  #go = h("button", { class: "button primary" }, "Make the study");
  #key = newKey();

  constructor(studio, revisions, close) {
    const { conversation } = studio;
    this.#studio = studio;
    this.#close = close;
    this.#asked = askedOfBoth(conversation.revisions, ...revisions.map((revision) => revision.id));
    this.#variants = revisions.map((revision, place) => {
      const name = revisionName(conversation.revisions, revision.id);
      return { revision, label: field(`ask-label-${place}`, name, { required: true, maxlength: 100 }) };
    });
    const title = (conversation.record.caption ?? "Two pictures").slice(0, MOST_TITLE);
    this.#title = field("ask-name", title, { required: true, maxlength: MOST_TITLE });
    this.#instruction = field("ask-instruction", this.#asked.instruction ?? "", { maxlength: 2000 });
    this.element = this.#build();
  }

  #build() {
    const form = h(
      "form",
      {},
      h("h2", { id: "ask-title" }, "Ask people"),
      h("p", { class: "hint" }, HOW),
      h("div", { class: "ask-two" }, ...this.#variants.map((variant, place) => this.#picture(variant, place))),
      labelled("Title; people see it", this.#title),
      labelled("Question", this.#question),
      labelled("What was asked for (may be empty)", this.#instruction),
      this.#error,
      h("div", { class: "row end" }, button("", () => this.#close(), "Not now"), this.#go),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make();
    });
    return form;
  }

  #picture({ revision, label }, place) {
    const image = h("img", { alt: "", width: 128, height: 128 });
    this.#studio.api.show(image, `/v1/images/${revision.image_id}`);
    return h("div", {}, image, labelled(place ? "Second picture" : "First picture", label));
  }

  async #make() {
    this.#go.disabled = true;
    try {
      const study = await this.#studio.api.post("/v1/studies", this.#wanted(), this.#key);
      this.#close();
      location.hash = `${study.id}/results`;
    } catch (problem) {
      this.#error.textContent = problemWords(problem);
      this.#error.hidden = false;
      if (problem.status) this.#key = newKey(); // what was answered is over; what was not may have happened
    } finally {
      this.#go.disabled = false;
    }
  }

  #wanted() {
    const [a, b] = this.#variants.map(({ revision, label }) => {
      return { image_id: revision.image_id, label: label.value.trim() };
    });
    const { source } = this.#asked;
    const instruction = this.#instruction.value.trim();
    const pair = { a, b, ...(instruction && { instruction }), ...(source && { source_image_id: source.image_id }) };
    return { title: this.#title.value.trim(), question: this.#question.value.trim(), pairs: [pair] };
  }
}

const field = (id, value, limits) => h("input", { type: "text", id, value, autocomplete: "off", ...limits });

const labelled = (words, input) => h("div", { class: "ask-field" }, h("label", { for: input.id }, words), input);
