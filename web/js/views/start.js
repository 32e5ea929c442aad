// The way in: a picture of one's own, a sample, or a conversation of earlier.
import { button, byId, h, isTouch } from "../dom.js";
import { icon } from "../icons.js";
import { problemWords } from "../words.js";
import { showRecent } from "./recent.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const ARCHIVE = /\.zip$/i; // browsers differ in what type they give it
const NO_PICTURE = "That is no PNG, JPEG or WebP picture; choose another file.";
const HELPS = "optional, helps to be understood";

export class Start {
  #studio;
  #picture = null; // {file, url, image once it is stored}

  constructor(studio) {
    this.#studio = studio;
    addEventListener("paste", (event) => this.#take(event.clipboardData?.files));
    addEventListener("dragover", (event) => this.#dragged(event, true));
    addEventListener("dragleave", (event) => event.relatedTarget ?? this.#dragged(event, false));
    addEventListener("drop", (event) => {
      this.#dragged(event, false);
      this.#take(event.dataTransfer?.files);
    });
  }

  /** Show it afresh. */
  show() {
    this.#picture = null;
    this.#renderOwn();
    this.#readSamples();
    showRecent(this.#studio);
    if (!isTouch()) byId("start-title").focus({ preventScroll: true });
  }

  /** Say what the served models are good for. */
  renderModels() {
    const editing = this.#studio.models?.editing;
    const isMini = editing?.name.startsWith("mini-");
    byId("samples-hint").textContent = isMini
      ? "The small models served here know drawn scenes like these; of a photograph they change the style alone."
      : "";
    byId("samples-hint").hidden = !isMini;
  }

  get #isShown() {
    return !byId("start").hidden;
  }

  #dragged(event, isOver) {
    if (!this.#isShown || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    byId("own").classList.toggle("is-over", isOver);
  }

  #take(files) {
    const file = [...(files ?? [])][0];
    if (!file || !this.#isShown) return;
    if (TYPES.includes(file.type)) {
      this.#picture = { file, url: URL.createObjectURL(file) };
      this.#renderOwn();
      byId("caption").focus();
    } else if (ARCHIVE.test(file.name)) {
      this.#import(file);
    } else {
      this.#renderOwn(NO_PICTURE);
    }
  }

  async #import(file) {
    byId("own").setAttribute("aria-busy", "true");
    try {
      this.#studio.open((await this.#studio.api.importArchive(file)).id);
    } catch (problem) {
      this.#renderOwn(problemWords(problem));
    } finally {
      byId("own").removeAttribute("aria-busy");
    }
  }

  #renderOwn(wrong = "") {
    byId("own").replaceChildren(this.#picture ? this.#chosen() : this.#dropZone(), this.#error(wrong));
  }

  #error(words) {
    return h("p", { class: "error", id: "own-error", role: "alert", hidden: !words }, words);
  }

  #dropZone() {
    const input = h("input", { type: "file", id: "file", accept: [...TYPES, ".zip"].join(), class: "unseen" });
    input.addEventListener("change", () => this.#take(input.files));
    return h(
      "label",
      { class: "drop", for: "file" },
      input,
      icon("picture"),
      h("span", { class: "drop-title" }, isTouch() ? "Choose a picture" : "Drop, paste or choose a picture"),
      h("span", { class: "hint" }, "PNG, JPEG or WebP, up to 4096 pixels a side; or an exported conversation"),
    );
  }

  #chosen() {
    const picture = this.#picture;
    const refuse = () => this.#picture === picture && this.#refuse();
    const caption = h("input", {
      id: "caption",
      type: "text",
      maxlength: 500,
      autocomplete: "off",
      placeholder: "a house and a tree",
    });
    const form = h(
      "form",
      { class: "chosen" },
      h("img", { src: picture.url, alt: "The picture you chose", onerror: refuse }),
      h(
        "div",
        { class: "chosen-fields" },
        h("label", { for: "caption" }, "What does it show? ", h("span", { class: "hint" }, HELPS)),
        caption,
        h(
          "div",
          { class: "row" },
          h("button", { class: "button primary", id: "begin" }, "Start"),
          button("quiet", () => this.#refuse(""), "Another picture"),
        ),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#beginWithOwn(caption.value.trim());
    });
    return form;
  }

  /** Ask for another file. */
  #refuse(why = NO_PICTURE) {
    this.#picture = null;
    this.#renderOwn(why);
    byId("file").focus();
  }

  async #beginWithOwn(caption) {
    this.#setBusy(byId("begin"), true);
    try {
      this.#picture.image ??= await this.#studio.api.upload(this.#picture.file);
      await this.#begin({ image_id: this.#picture.image.id, ...(caption && { caption }) });
    } catch (problem) {
      byId("own-error").textContent = problemWords(problem);
      byId("own-error").hidden = false;
    } finally {
      this.#setBusy(byId("begin"), false);
    }
  }

  async #begin(wanted) {
    const made = await this.#studio.api.post("/v1/conversations", wanted);
    this.#studio.open(made.id);
  }

  #setBusy(control, isBusy) {
    control.disabled = isBusy;
    control.classList.toggle("is-busy", isBusy);
  }

  #readSamples() {
    return this.#studio.attempt(async () => {
      const { items } = await this.#studio.api.get("/v1/samples");
      byId("samples").replaceChildren(...items.map((sample) => this.#sample(sample)));
    });
  }

  #sample(sample) {
    const image = h("img", { alt: "", width: 128, height: 128 });
    this.#studio.api.show(image, sample.url);
    const choice = h("button", { class: "sample" }, image, h("span", {}, sample.caption));
    choice.addEventListener("click", async () => {
      this.#setBusy(choice, true);
      await this.#studio.attempt(() => this.#begin({ image_id: sample.image_id }));
      this.#setBusy(choice, false);
    });
    return h("li", {}, choice);
  }
}
