// Two pictures over each other, and a line between them that pointer and arrow keys move.
import { h } from "../dom.js";

export class Slider {
  #api;
  #after = h("img", { class: "after", draggable: "false" });
  #before = h("img", { class: "before", alt: "", draggable: "false" });
  #range = h("input", {
    class: "slider-range",
    type: "range",
    min: 0,
    max: 100,
    value: 50,
    "aria-label": "Before and after",
  });
  #names = [h("span", { class: "slider-name at-left" }), h("span", { class: "slider-name at-right" })];

  constructor(api) {
    this.#api = api;
    const line = h("span", { class: "slider-line", "aria-hidden": "true" });
    this.element = h(
      "div",
      { class: "slider" },
      this.#after,
      this.#before,
      line,
      ...this.#names,
      this.#range,
    );
    this.#range.addEventListener("input", () => this.#move());
    this.#after.addEventListener("load", () => {
      this.element.style.setProperty("--ratio", this.#after.naturalWidth / this.#after.naturalHeight);
    });
    this.#move();
  }

  /** Show one picture `{url, alt}`, or with `before` `{url, name}` and `name` two of them. */
  show({ url, alt, name }, before = null) {
    this.#api.show(this.#after, url);
    this.#after.alt = alt;
    this.element.classList.toggle("is-split", Boolean(before));
    this.#range.hidden = !before;
    if (!before) return;
    this.#api.show(this.#before, before.url);
    this.#names[0].textContent = before.name;
    this.#names[1].textContent = name;
  }

  #move() {
    this.element.style.setProperty("--split", `${this.#range.value}%`);
    this.#range.setAttribute("aria-valuetext", `${this.#range.value} % before`);
  }
}
