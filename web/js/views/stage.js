// The picture: as it is, as it was, and as it becomes.
import { isOver } from "../conversation.js";
import { button, byId, h, setText } from "../dom.js";
import { icon } from "../icons.js";
import { compareTarget, find } from "../tree.js";
import { revisionName } from "../words.js";
import { Area } from "./area.js";
import { askPeople } from "./ask.js";
import { progressOf } from "./edit_card.js";
import { Slider } from "./slider.js";

export class Stage {
  #studio;
  #slider;
  #area;
  #title = h("h2", { class: "stage-title", id: "stage-title" });
  #busy = h("div", { class: "stage-busy", hidden: true });
  #preview = h("img", { class: "preview", alt: "" });
  #before = h("select", { id: "before" });
  #pick;
  #buttons;

  constructor(studio) {
    this.#studio = studio;
    this.#slider = new Slider(studio.api);
    this.#area = new Area(studio);
    this.#slider.element.append(this.#preview, this.#area.element, this.#busy);
    this.#buttons = {
      undo: this.#button("undo", "Undo", () => this.#moveHead("undoTo")),
      redo: this.#button("redo", "Redo", () => this.#moveHead("redoTo")),
      compare: this.#button("compare", "Compare", () => this.#toggleCompare()),
      area: this.#button("area", "Area", () => this.#area.toggle()),
      download: this.#button("download", "Save", () => this.#download()),
    };
    this.#buttons.branch = button("primary", () => this.#branch(), icon("branch"), "Continue from here");
    this.#pick = h(
      "p",
      { class: "pick", hidden: true },
      h("label", { for: "before" }, "Compare with"),
      this.#before,
      button("", () => this.#askPeople(), "Ask people"),
    );
    this.#before.addEventListener("change", () => {
      studio.compare.beforeId = this.#before.value;
      studio.render();
    });
    const { undo, redo, compare, area, download, branch } = this.#buttons;
    byId("stage").append(
      h("div", { class: "stage-head" }, this.#title, this.#pick, branch),
      h("div", { class: "room" }, this.#slider.element),
      h(
        "div",
        { class: "tools", role: "group", "aria-label": "Picture" },
        undo,
        redo,
        compare,
        area,
        download,
      ),
      this.#area.panel,
    );
  }

  /** Show what the studio is looking at. */
  render() {
    const { conversation, viewedId, compare } = this.#studio;
    const revision = find(conversation.revisions, viewedId);
    const working = conversation.unfinished;
    const name = revisionName(conversation.revisions, viewedId);
    setText(this.#title, revision.instruction ? `${name}: ${revision.instruction}` : name);
    this.#slider.show(
      { url: urlOf(revision), alt: this.#describe(revision), name },
      this.#beforeOf(compare, working),
    );
    this.#renderTools(conversation, revision, working);
    this.#renderCompare(conversation, revision, compare);
    this.#renderBusy(conversation, working);
    this.#area.render();
  }

  #beforeOf(compare, working) {
    const { revisions } = this.#studio.conversation;
    const before = find(revisions, compareTarget(revisions, this.#studio.viewedId, compare.beforeId));
    return (
      compare.isOn && !working && before && { url: urlOf(before), name: revisionName(revisions, before.id) }
    );
  }

  #describe(revision) {
    const shows = this.#studio.conversation.record.caption ?? "The picture";
    return revision.instruction ? `${shows}, after: ${revision.instruction}` : shows;
  }

  #renderTools(conversation, revision, working) {
    const { undo, redo, compare, area, branch } = this.#buttons;
    const isAtHead = revision.id === conversation.head.id;
    undo.disabled = Boolean(working) || !conversation.undoTo;
    redo.disabled = Boolean(working) || !conversation.redoTo;
    compare.disabled = Boolean(working) || conversation.revisions.length < 2;
    compare.setAttribute("aria-pressed", this.#studio.compare.isOn);
    area.disabled = Boolean(working) || !isAtHead;
    branch.hidden = isAtHead;
    branch.disabled = Boolean(working);
  }

  #renderCompare(conversation, revision, compare) {
    this.#pick.hidden = !compare.isOn;
    if (!compare.isOn) return;
    const others = conversation.revisions.filter((other) => other.id !== revision.id);
    const name = (other) => revisionName(conversation.revisions, other.id);
    const options = others.map((other) => h("option", { value: other.id }, name(other)));
    if (this.#before.options.length !== options.length || this.#before.dataset.of !== revision.id) {
      this.#before.replaceChildren(...options);
      this.#before.dataset.of = revision.id;
    }
    this.#before.value = compareTarget(conversation.revisions, revision.id, compare.beforeId);
  }

  #renderBusy(conversation, working) {
    const preview = working && conversation.previews.get(working.id);
    this.#busy.hidden = !working;
    this.#preview.hidden = !preview;
    if (preview) this.#studio.api.show(this.#preview, preview);
    if (!working || isOver(working)) return this.#busy.replaceChildren();
    if (this.#busy.dataset.of !== working.id || !this.#busy.childElementCount) {
      this.#busy.dataset.of = working.id;
      this.#busy.replaceChildren(progressOf(working), this.#stop(working));
    } else {
      this.#busy.firstChild.replaceWith(progressOf(working));
    }
    return undefined;
  }

  #stop(edit) {
    const stop = button(
      "",
      async () => {
        stop.disabled = true;
        await this.#studio.attempt(() => this.#studio.conversation.cancel(edit));
        stop.disabled = false;
        byId("say").focus();
      },
      "Stop",
    );
    stop.id = "stop";
    return stop;
  }

  #button(name, label, action) {
    const tool = button("tool", action, icon(name), h("span", {}, label));
    tool.id = name;
    return tool;
  }

  #moveHead(to) {
    const { conversation } = this.#studio;
    return this.#studio.attempt(() => conversation.moveHead(conversation[to]));
  }

  async #branch() {
    await this.#studio.attempt(() => this.#studio.conversation.moveHead(this.#studio.viewedId));
    byId("say").focus();
  }

  #toggleCompare() {
    const { compare } = this.#studio;
    compare.isOn = !compare.isOn;
    this.#studio.area = null;
    this.#studio.render();
  }

  #askPeople() {
    const { conversation, viewedId } = this.#studio;
    const [before, after] = [this.#before.value, viewedId].map((id) => find(conversation.revisions, id));
    if (before) askPeople(this.#studio, before, after);
  }

  #download() {
    const { api, conversation, viewedId } = this.#studio;
    const revision = find(conversation.revisions, viewedId);
    return this.#studio.attempt(async () => {
      const link = h("a", { href: URL.createObjectURL(await api.bytes(urlOf(revision))) });
      link.download = `${revisionName(conversation.revisions, viewedId).toLowerCase().replace(" ", "-")}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
    });
  }
}

const urlOf = (revision) => `/v1/images/${revision.image_id}`;
