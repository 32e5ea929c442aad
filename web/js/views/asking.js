// One person in a study: two pictures without labels, a choice by pointer or by the keys 1, 2 and 0.
import { announce } from "../announce.js";
import { newKey } from "../api.js";
import { button, h } from "../dom.js";
import { counted } from "../words.js";

const STORE = "dialogpaint.participant.";
const KEYS = { 1: "left", 2: "right", 0: "same" };

export class Asking {
  #studio;
  #element;
  #path;
  #participant;
  #shown = null; // what is asked now
  #before = null; // what was asked before
  #isBusy = true; // while pictures come or a vote is sent

  constructor(studio, element, id) {
    this.#studio = studio;
    this.#element = element;
    this.#path = `/v1/studies/${id}`;
    this.#participant = participantOf(id);
  }

  /** What to ask next. */
  read() {
    return this.#studio.api.get(`${this.#path}/next?participant=${this.#participant}`);
  }

  /** Ask a question, or give thanks after the last one. */
  async show(next) {
    this.#shown = next;
    this.#isBusy = true;
    document.title = `${next.title} · DialogPaint`;
    if (!next.pair) return this.#thank(next);
    const images = ["left", "right"].map((side) => h("img", { alt: `The ${side} picture` }));
    const seen = images.map((image, place) => this.#seen(image, next.pair[place ? "right_url" : "left_url"]));
    this.#element.replaceChildren(
      this.#head(next),
      h(
        "div",
        { class: "study-pair", role: "group", "aria-label": "Two pictures" },
        this.#choice("left", images[0], "1", "Left is better"),
        this.#choice("right", images[1], "2", "Right is better"),
      ),
      h("div", { class: "study-more" }, this.#choice("same", "No difference", "0"), this.#back()),
    );
    this.title.focus({ preventScroll: true });
    await Promise.all(seen);
    if (this.#shown === next) this.#setBusy(false);
    return undefined;
  }

  get title() {
    return this.#element.querySelector("h1");
  }

  /** Take a choice from the keyboard. */
  key(event) {
    const isTyping = event.target.closest?.("input, textarea, dialog");
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping) return;
    const choice = KEYS[event.key];
    if (!choice) return;
    event.preventDefault();
    this.#vote(choice);
  }

  #head({ title, question, voted, total, pair }) {
    const place = Math.min(voted + 1, total);
    return h(
      "div",
      { class: "study-head" },
      h("p", { class: "hint" }, title),
      h("h1", { tabindex: -1 }, question),
      pair.instruction && h("p", { class: "study-told" }, "Asked for: ", h("q", {}, pair.instruction)),
      pair.source_url && this.#source(pair.source_url),
      h(
        "div",
        { class: "study-progress" },
        h("span", {}, `${place} of ${total}`),
        h("progress", { max: total, value: voted, "aria-label": "Pairs judged" }),
      ),
    );
  }

  #source(url) {
    const image = h("img", { alt: "The picture before", width: 96, height: 96 });
    this.#studio.api.show(image, url);
    return h("figure", { class: "study-source" }, image, h("figcaption", { class: "hint" }, "before"));
  }

  /** Wait until a picture can be seen; one that can't be is no reason to wait for ever. */
  async #seen(image, url) {
    await this.#studio.api.show(image, url);
    await image.decode().catch(() => {});
  }

  #choice(choice, content, key, words = null) {
    const tag = h("kbd", { "aria-hidden": "true" }, key);
    const parts = words ? [content, h("span", { class: "study-words" }, tag, words)] : [tag, content];
    const kind = words ? "study-choice" : "button";
    return h(
      "button",
      { class: kind, type: "button", disabled: true, onclick: () => this.#vote(choice), "aria-keyshortcuts": key },
      ...parts,
    );
  }

  #back() {
    if (!this.#before) return null;
    const again = () => this.show(this.#before);
    return button("quiet", again, "Change my last answer");
  }

  #setBusy(isBusy) {
    this.#isBusy = isBusy;
    const choices = this.#element.querySelectorAll("[aria-keyshortcuts]");
    for (const choice of choices) choice.disabled = isBusy;
  }

  async #vote(choice) {
    if (this.#isBusy || !this.#shown.pair) return;
    const asked = this.#shown;
    const body = { pair: asked.pair.number, choice, participant: this.#participant };
    this.#setBusy(true);
    const isDone = await this.#studio.attempt(async () => {
      const next = await this.#studio.api.post(`${this.#path}/votes`, body);
      if (this.#shown !== asked) return;
      this.#before = { ...asked, voted: Math.max(0, next.voted - 1) };
      announce(`${next.voted} of ${next.total} judged.`);
      await this.show(next);
    });
    if (!isDone && this.#shown === asked) this.#setBusy(false);
  }

  #thank({ title, total }) {
    this.#element.replaceChildren(
      h(
        "div",
        { class: "study-end" },
        h("p", { class: "hint" }, title),
        h("h1", { tabindex: -1 }, "Thank you"),
        h("p", {}, `You have judged ${counted(total, "pair")}; that is all. You can close this page.`),
        h("p", { class: "hint" }, "No name and no address was kept with your answers."),
        this.#back(),
      ),
    );
    this.title.focus({ preventScroll: true });
  }
}

/** Who this browser is in a study: a random token that says nothing about anybody. */
function participantOf(id) {
  const kept = localStorage.getItem(STORE + id) ?? newKey();
  localStorage.setItem(STORE + id, kept);
  return kept;
}
