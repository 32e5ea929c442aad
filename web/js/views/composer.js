// Where one says what shall change, and under "More" how it is carried out.
import { newKey } from "../api.js";
import { button, byId, h, isTouch } from "../dom.js";
import { icon } from "../icons.js";
import { editToVary, rangeOf } from "../range.js";
import { parametersOf } from "../settings.js";
import { problemWords, revisionName } from "../words.js";
import { maskOf } from "./area.js";
import { More, change, switchOf, toggle } from "./more.js";

const DRAFT = "dialogpaint.draft.";

export class Composer {
  #studio;
  #field = h("textarea", {
    id: "say",
    rows: 1,
    maxlength: 2000,
    placeholder: "Say what shall change",
    "aria-label": "Say what shall change",
    "aria-describedby": "composer-hint",
  });
  #send = h("button", { class: "button primary icon-only", id: "send", "aria-label": "Send" }, icon("send"));
  #hint = h("p", { class: "hint", id: "composer-hint" });
  #error = h("div", { class: "composer-error", role: "alert", hidden: true });
  #approve;
  #more;
  #tried = null; // {words, key} of what was sent and not answered
  #isSending = false;

  constructor(studio) {
    this.#studio = studio;
    this.#more = new More(studio);
    this.#approve = toggle("approve", (isOn) => change(studio, { approve: isOn }));
    Object.assign(studio, {
      say: (text) => this.#say(text),
      run: (instruction, baseId) => this.#run({ instruction, base_revision_id: baseId }),
      retry: (edit) => this.#retry(edit),
      tryRange: () => this.#tryRange(),
    });
    this.#build(byId("composer"));
  }

  /** Begin with another conversation. */
  enter() {
    const { conversation, settings } = this.#studio;
    settings.fromOriginal = false;
    this.#field.value = sessionStorage.getItem(DRAFT + conversation.id) ?? "";
    this.#more.enter(conversation);
    this.#tell(null);
    this.#grow();
  }

  /** Show what can be said now. */
  render() {
    const { conversation, settings, area } = this.#studio;
    if (!conversation) return;
    const working = conversation.unfinished;
    this.#send.disabled = this.#isSending || Boolean(working) || !this.#field.value.trim();
    this.#approve.checked = settings.approve && !settings.fromOriginal;
    this.#approve.disabled = settings.fromOriginal;
    this.#hint.textContent = hintFor(conversation, settings, area, working);
    this.#more.render(conversation);
  }

  #build(form) {
    form.append(
      this.#error,
      h("div", { class: "say-row" }, this.#field, this.#send),
      this.#hint,
      h(
        "div",
        { class: "composer-foot" },
        switchOf(this.#approve, "Show me the instruction first"),
        this.#more.element,
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(this.#field.value.trim());
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit(this.#send.disabled ? null : this.#send);
    });
    this.#field.addEventListener("input", () => this.#typed());
  }

  #typed() {
    sessionStorage.setItem(DRAFT + this.#studio.conversation.id, this.#field.value);
    this.#grow();
    this.render();
  }

  #grow() {
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`;
  }

  /** Say something; what was typed comes back if it can't be sent. */
  async #say(text) {
    const { conversation, settings, area } = this.#studio;
    if (!text || this.#isSending || conversation.unfinished) return;
    const isShown = settings.approve && !settings.fromOriginal;
    const said = {
      text,
      parameters: this.#parameters(),
      base: settings.fromOriginal ? "root" : "head",
      run: !isShown && !area,
    };
    this.#put("");
    await this.#trying(
      said,
      async (key) => {
        const turn = await conversation.say(said, key);
        const { instruction, base_revision_id } = turn;
        if (area && instruction && !isShown) await this.#run({ instruction, base_revision_id });
      },
      text,
    );
  }

  /** Run an instruction as it is, within the marked area if there is one. */
  async #run(wanted) {
    const { api, area, conversation } = this.#studio;
    const asked = { parameters: this.#parameters(), ...wanted };
    this.#isSending = false;
    return this.#trying({ ...asked, area: Boolean(area) }, async (key) => {
      if (area) asked.mask_image_id ??= (await api.upload(await maskOf(area))).id;
      await conversation.run(asked, key);
      this.#studio.area = null;
    });
  }

  /** Run an edit that came to nothing again, exactly as it was. */
  #retry(edit) {
    const { conversation } = this.#studio;
    return this.#trying({ again: edit.id }, (key) => conversation.runAgain(edit, key));
  }

  /** Make the last edit again with three by three scales, to choose from. */
  async #tryRange() {
    const { conversation, models, settings } = this.#studio;
    if (this.#isSending || conversation.unfinished) return;
    const wanted = rangeOf(editToVary(conversation), conversation, settings.parameters);
    const parameters = parametersOf(wanted, conversation, models);
    await this.#trying({ range: wanted }, (key) => conversation.run({ ...wanted, parameters }, key));
  }

  /** Send with one idempotency key for as long as the same thing is tried; tell of what went wrong, with a way on. */
  async #trying(wanted, send, text = "") {
    const words = JSON.stringify([this.#studio.conversation.id, wanted]);
    if (this.#tried?.words !== words) this.#tried = { words, key: newKey() };
    this.#isSending = true;
    this.#tell(null);
    this.render();
    try {
      await send(this.#tried.key);
      this.#tried = null;
      if (!isTouch()) this.#field.focus();
    } catch (problem) {
      if (text) this.#put(text);
      const again = () => (text ? this.#say(this.#field.value.trim()) : this.#trying(wanted, send));
      this.#tell(problemWords(problem), again);
    } finally {
      this.#isSending = false;
      this.#studio.render();
    }
  }

  #parameters() {
    const { settings, conversation, models } = this.#studio;
    return parametersOf(settings, conversation, models);
  }

  #put(text) {
    this.#field.value = text;
    sessionStorage.setItem(DRAFT + this.#studio.conversation.id, text);
    this.#grow();
  }

  #tell(sentence, again) {
    this.#error.hidden = !sentence;
    this.#error.replaceChildren();
    if (sentence) this.#error.append(h("p", {}, sentence), button("", again, "Try again"));
  }
}

function hintFor(conversation, settings, area, working) {
  if (working) return "Painting. Write on, and send when it is finished.";
  if (settings.fromOriginal) return "Starts from the original, with everything agreed so far.";
  const isRoot = conversation.head.id === conversation.record.root_revision_id;
  const from = isRoot
    ? "the original"
    : revisionName(conversation.revisions, conversation.head.id).toLowerCase();
  const { count } = settings.parameters;
  const several = count > 1 ? ` Makes ${count} pictures.` : "";
  return area ? `Changes only the marked area of ${from}.${several}` : `Starts from ${from}.${several} Enter sends.`;
}
