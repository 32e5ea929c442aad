// Marking where the picture may change: with the pointer, or by halves from the keyboard.
import { button, h } from "../dom.js";

const PARTS = {
  Left: [0, 0, 0.5, 1],
  Right: [0.5, 0, 0.5, 1],
  Top: [0, 0, 1, 0.5],
  Bottom: [0, 0.5, 1, 0.5],
  Middle: [0.25, 0.25, 0.5, 0.5],
};
const BRUSH = 0.12; // of the longer side
const SIDE = 512; // the mask's longer side in pixels; the worker scales it to the picture

export class Area {
  #studio;
  #isOpen = false;
  #isMarked = false;
  #last = null;

  constructor(studio) {
    this.#studio = studio;
    this.element = h("canvas", { class: "area", hidden: true, "aria-hidden": "true" });
    this.element.addEventListener("pointerdown", (event) => this.#begin(event));
    this.element.addEventListener("pointermove", (event) => this.#last && this.#stroke(event));
    for (const end of ["pointerup", "pointercancel"])
      this.element.addEventListener(end, () => this.#finish());
    const parts = Object.keys(PARTS).map((name) => button("chip", () => this.#fill(name), name));
    this.panel = h(
      "div",
      { class: "area-panel", role: "group", "aria-label": "Area that may change", hidden: true },
      h("p", { class: "hint" }, "Only what you mark may change. Paint on the picture, or choose a part."),
      h(
        "div",
        { class: "row" },
        ...parts,
        button("chip quiet", () => this.#clear(), "Clear"),
      ),
    );
  }

  /** Begin to mark, or put the marking away. */
  toggle() {
    this.#isOpen = !this.#isOpen;
    this.#studio.compare.isOn = false;
    this.#clear();
  }

  /** Show the marking while there is one; the studio drops it when another picture is looked at. */
  render() {
    const isPossible = !this.#studio.compare.isOn && !this.#studio.conversation.unfinished;
    if (this.#isMarked && !this.#studio.area) this.#wipe(false);
    const isShown = this.#isOpen && isPossible;
    this.element.hidden = !isShown;
    this.panel.hidden = !isShown;
    document.getElementById("area").setAttribute("aria-pressed", isShown);
  }

  #begin(event) {
    this.element.setPointerCapture(event.pointerId);
    this.#last = this.#at(event);
    this.#stroke(event);
  }

  #stroke(event) {
    const to = this.#at(event);
    const pen = this.#pen();
    pen.lineCap = "round";
    pen.lineWidth = BRUSH * SIDE;
    pen.beginPath();
    pen.moveTo(this.#last.x, this.#last.y);
    pen.lineTo(to.x, to.y + 0.01);
    pen.stroke();
    this.#last = to;
  }

  #finish() {
    if (!this.#last) return;
    this.#last = null;
    this.#marked();
  }

  #fill(name) {
    const [x, y, width, height] = PARTS[name];
    const { width: w, height: tall } = this.element;
    this.#pen().fillRect(x * w, y * tall, width * w, height * tall);
    this.#marked();
  }

  #marked() {
    this.#isMarked = true;
    this.#studio.area = this.element;
    this.#studio.render();
  }

  #clear() {
    this.#wipe(this.#isOpen);
    this.#studio.area = null;
    this.#studio.render();
  }

  #wipe(isOpen) {
    const ratio = Number(this.element.parentElement.style.getPropertyValue("--ratio")) || 1;
    this.element.width = Math.round(SIDE * Math.min(1, ratio)); // setting the size wipes it
    this.element.height = Math.round(SIDE / Math.max(1, ratio));
    this.#isMarked = false;
    this.#isOpen = isOpen;
  }

  #pen() {
    const pen = this.element.getContext("2d");
    pen.fillStyle = pen.strokeStyle = "#fff";
    return pen;
  }

  #at(event) {
    const box = this.element.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.element.width,
      y: ((event.clientY - box.top) / box.height) * this.element.height,
    };
  }
}

/** The marking as a PNG: white where the picture may change, black elsewhere. */
export function maskOf(canvas) {
  const mask = h("canvas", { width: canvas.width, height: canvas.height });
  const pen = mask.getContext("2d");
  pen.fillRect(0, 0, mask.width, mask.height);
  pen.drawImage(canvas, 0, 0);
  return new Promise((resolve) => mask.toBlob(resolve, "image/png"));
}
