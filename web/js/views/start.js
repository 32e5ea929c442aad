// The way in: a picture of one's own, a sample, or a conversation of earlier.
import { button, byId, h, isTouch } from "../dom.js";
import { icon } from "../icons.js";
import { ago, counted, problemWords } from "../words.js";
import { askWhetherToDelete } from "./dialogs.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const ARCHIVE = /\.zip$/i; // browsers differ in what type they give it
const RECENT = 6;
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
    this.#readRecent();
    if (!isTouch()) byId("start-title").focus({ preventScroll: true });
  }

  /** Say what the served models are good for. */
  renderModels() {
    const editing = this.#studio.models?.editing;
    const isMini = editing?.name.startsWith("mini-");
    byId("samples-hint").textContent = isMini
      ? "The small models served here know drawn scenes like these; photographs are beyond them."
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
      this.#renderOwn("That is no PNG, JPEG or WebP picture; choose another file.");
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
    const caption = h("input", {
      id: "caption",
      type: "text",
      maxlength: 500,
      autocomplete: "off",
      placeholder: "a house and a tree",
    });
    const again = () => {
      this.#picture = null;
      this.#renderOwn();
      byId("file").focus();
    };
    const form = h(
      "form",
      { class: "chosen" },
      h("img", { src: this.#picture.url, alt: "The picture you chose" }),
      h(
        "div",
        { class: "chosen-fields" },
        h("label", { for: "caption" }, "What does it show? ", h("span", { class: "hint" }, HELPS)),
        caption,
        h(
          "div",
          { class: "row" },
          h("button", { class: "button primary", id: "begin" }, "Start"),
          button("quiet", again, "Another picture"),
        ),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#beginWithOwn(caption.value.trim());
    });
    return form;
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

  async #readRecent() {
    const page = await this.#studio.api.get(`/v1/conversations?limit=${RECENT}`).catch(() => ({ items: [] }));
    byId("recent").replaceChildren(...page.items.map((conversation) => this.#conversation(conversation)));
    byId("recent-section").hidden = !page.items.length;
  }

  #conversation(conversation) {
    const name = conversation.title ?? conversation.caption ?? "A picture without a description";
    const image = h("img", { alt: "", width: 56, height: 56 });
    this.#studio.api.show(image, conversation.urls.root_image);
    const told = `${counted(conversation.turn_count, "turn")} · ${ago(conversation.updated_at)}`;
    const words = h("span", {}, h("span", { class: "name" }, name), h("span", { class: "hint" }, told));
    const remove = button("icon-only quiet", () => this.#delete(conversation), icon("close"));
    remove.setAttribute("aria-label", `Delete: ${name}`);
    return h("li", {}, h("a", { href: `#${conversation.id}` }, image, words), remove);
  }

  async #delete(conversation) {
    if (!(await askWhetherToDelete())) return;
    await this.#studio.attempt(() => this.#studio.api.remove(conversation.urls.self));
    await this.#readRecent();
    byId("start-title").focus();
  }
}
