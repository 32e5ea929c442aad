// A way to take the whole conversation along: a button below the tree that saves its archive.
import { byId, button, h } from "../dom.js";

/** Put the button there, once. */
export function renderExport(studio) {
  if (byId("export")) return;
  const save = button("quiet", () => studio.attempt(() => saveArchive(studio)), "Export conversation");
  save.id = "export";
  byId("history-title").parentElement.append(save);
}

async function saveArchive({ api, conversation }) {
  const { id, urls } = conversation.record;
  const link = h("a", { href: URL.createObjectURL(await api.bytes(urls.export)), download: `${id}.zip` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
