// What is said to screen readers when something happens that nobody's focus is on.
import { byId } from "./dom.js";

/** Say one sentence politely; the same sentence twice is said twice. */
export function announce(sentence) {
  const region = byId("live");
  region.replaceChildren();
  setTimeout(() => region.replaceChildren(sentence), 60);
}
