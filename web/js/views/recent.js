// Conversations of earlier on the way in, a few at a time.
import { button, byId, h } from "../dom.js";
import { icon } from "../icons.js";
import { ago, counted } from "../words.js";
import { askWhetherToDelete } from "./dialogs.js";

const AT_ONCE = 6;
const GONE = "Its turns and all its pictures are deleted. This can't be undone.";

/** Show the latest; where there are none, or they can't be read, there is nothing to go on with. */
export async function showRecent(studio) {
  const page = await read(studio).catch(() => ({ items: [], next_cursor: null }));
  byId("recent").replaceChildren();
  append(studio, page);
  byId("recent-section").hidden = !page.items.length;
}

function read({ api }, cursor = null) {
  const next = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
  return api.get(`/v1/conversations?limit=${AT_ONCE}${next}`);
}

function append(studio, { items, next_cursor: cursor }) {
  const made = items.map((conversation) => item(studio, conversation));
  byId("recent").append(...made);
  const more = () => studio.attempt(() => readMore(studio, cursor));
  byId("recent-more").replaceChildren(...(cursor ? [button("", more, "Show earlier ones")] : []));
  return made;
}

async function readMore(studio, cursor) {
  const [first] = append(studio, await read(studio, cursor));
  first?.querySelector("a").focus();
}

function item(studio, conversation) {
  const name = conversation.title ?? conversation.caption ?? "A picture without a description";
  const image = h("img", { alt: "", width: 56, height: 56 });
  studio.api.show(image, conversation.urls.root_image);
  const told = `${counted(conversation.turn_count, "turn")} · ${ago(conversation.updated_at)}`;
  const words = h("span", {}, h("span", { class: "name" }, name), h("span", { class: "hint" }, told));
  const remove = button("icon-only quiet", () => deleteIt(studio, conversation), icon("close"));
  remove.setAttribute("aria-label", `Delete: ${name}`);
  return h("li", {}, h("a", { href: `#${conversation.id}` }, image, words), remove);
}

async function deleteIt(studio, conversation) {
  if (!(await askWhetherToDelete("Delete this conversation?", GONE))) return;
  await studio.attempt(() => studio.api.remove(conversation.urls.self));
  await showRecent(studio);
  byId("start-title").focus();
}
