// What is under "More": how edits are carried out, and what the picture shows.
import { button, h, setText } from "../dom.js";
import { axesAround, editToVary } from "../range.js";
import { NUMBERS, SEED, keepSettings } from "../settings.js";

const ORIGINAL = "repeats everything agreed so far on it, so that quality does not wear off";
const COUNTS = [1, 2, 4];
const NO_RANGE = "nine pictures with more and less guidance, of the last edit";
const QUICK = "sooner done, with a picture near the exact one";

export class More {
  #studio;
  #original;
  #quick;
  #caption = h("input", { type: "text", id: "caption-now", maxlength: 500, autocomplete: "off" });
  #numbers = {};
  #counts = COUNTS.map((count) => h("input", { type: "radio", name: "count", value: count, id: `count-${count}` }));
  #range = button("", () => this.#tryRange(), "Try a range");
  #rangeHint = h("span", { class: "hint", id: "range-hint" });

  constructor(studio) {
    this.#studio = studio;
    this.#original = toggle("from-original", (isOn) => change(studio, { fromOriginal: isOn }));
    this.#quick = toggle("quick", (isOn) => this.#set("quality", isOn ? "fast" : "exact"));
    this.#range.setAttribute("aria-describedby", this.#rangeHint.id);
    this.#caption.addEventListener("change", () => this.#describe());
    this.element = h("details", { class: "more" }, h("summary", {}, "More"), this.#panel());
    this.element.addEventListener("keydown", (event) => this.#closeByKey(event));
    addEventListener("click", (event) => {
      if (!this.element.contains(event.target)) this.element.open = false;
    });
  }

  /** Begin with another conversation. */
  enter(conversation) {
    this.#caption.value = conversation.record.caption ?? "";
  }

  /** Show the settings; what is left empty shows what it will be. */
  render(conversation) {
    const { settings, models } = this.#studio;
    const defaults = { ...models?.editing?.defaults, ...given(conversation.record.defaults) };
    this.#original.checked = settings.fromOriginal;
    this.#quick.checked = (settings.parameters.quality ?? defaults.quality) === "fast";
    const count = settings.parameters.count ?? defaults.count ?? 1;
    for (const input of this.#counts) input.checked = Number(input.value) === count;
    this.#renderRange(conversation, settings);
    for (const [name, input] of Object.entries(this.#numbers)) {
      input.placeholder = defaults[name] ?? (name === "seed" ? "chosen for you" : "default");
    }
  }

  #panel() {
    const numbers = Object.entries(NUMBERS).map(([name, limits]) => {
      return this.#number(name, { type: "number", step: "any", ...limits });
    });
    const seed = this.#number("seed", { type: "text", inputmode: "numeric", autocomplete: "off", ...SEED });
    const original = ["Start from the original ", h("span", { class: "hint" }, ORIGINAL)];
    const quick = ["Quick ", h("span", { class: "hint" }, QUICK)];
    const caption = h("label", { for: "caption-now" }, "What the picture shows");
    return h(
      "div",
      { class: "more-panel" },
      h("div", { class: "numbers" }, ...numbers, seed),
      h("div", { class: "several" }, this.#variations(), h("div", {}, this.#range, this.#rangeHint)),
      switchOf(this.#original, h("span", {}, ...original)),
      switchOf(this.#quick, h("span", {}, ...quick)),
      h("div", { class: "caption-field" }, caption, this.#caption),
    );
  }

  #variations() {
    const marks = this.#counts.map((input) => {
      input.addEventListener("change", () => this.#set("count", Number(input.value)));
      return h("label", {}, input, h("span", {}, input.value));
    });
    const hint = h("span", { class: "hint" }, "pictures to choose from");
    return h("fieldset", {}, h("legend", {}, "Variations"), h("div", { class: "marks" }, ...marks), hint);
  }

  #renderRange(conversation, settings) {
    const edit = editToVary(conversation);
    this.#range.disabled = !edit || Boolean(conversation.unfinished);
    setText(this.#rangeHint, edit ? rangeWords(edit, conversation, settings) : NO_RANGE);
  }

  async #tryRange() {
    this.element.open = false;
    await this.#studio.tryRange();
  }

  #number(name, { label, hint, ...limits }) {
    const input = h("input", { id: name, ...limits, value: this.#studio.settings.parameters[name] ?? "" });
    input.addEventListener("change", () => this.#setNumber(name, input));
    this.#numbers[name] = input;
    const parts = [h("label", { for: name }, label), input, h("span", { class: "hint" }, hint)];
    return h("div", { class: "number-field" }, ...parts);
  }

  #setNumber(name, input) {
    const parameters = { ...this.#studio.settings.parameters };
    if (input.value === "" || !input.checkValidity()) {
      delete parameters[name];
      input.reportValidity();
    } else {
      parameters[name] = name === "seed" ? input.value : Number(input.value);
    }
    change(this.#studio, { parameters });
  }

  #set(name, value) {
    change(this.#studio, { parameters: { ...this.#studio.settings.parameters, [name]: value } });
  }

  #describe() {
    const { attempt, conversation } = this.#studio;
    return attempt(() => conversation.describe(this.#caption.value.trim()));
  }

  #closeByKey(event) {
    if (event.key !== "Escape" || !this.element.open) return;
    this.element.open = false;
    this.element.firstChild.focus();
  }
}

/** Change some settings and keep them. */
export function change(studio, changes) {
  Object.assign(studio.settings, changes);
  keepSettings(studio.settings);
  studio.render();
}

/** A switch without its words. */
export function toggle(id, onToggle) {
  const input = h("input", { type: "checkbox", role: "switch", id });
  input.addEventListener("change", () => onToggle(input.checked));
  return input;
}

/** A switch with its words. */
export function switchOf(input, words) {
  return h("label", { class: "switch", for: input.id }, input, h("span", { class: "track" }), words);
}

function rangeWords(edit, conversation, { parameters }) {
  const { text_guidance_scale: text, image_guidance_scale: image } = axesAround(edit, conversation, parameters);
  return `nine of the last edit: text ${text[0]} to ${text[2]}, image ${image[0]} to ${image[2]}`;
}

const given = (parameters) =>
  Object.fromEntries(Object.entries(parameters ?? {}).filter(([, value]) => value !== null));
