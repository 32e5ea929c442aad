// The questions that stop everything else: for a key, and whether to delete.
import { byId } from "../dom.js";

/** Ask for an API key; resolves with what was entered. It can't be dismissed: without a key nothing works. */
export function askForKey(why) {
  const dialog = byId("key-dialog");
  byId("key-why").textContent = why;
  byId("key").value = "";
  const block = (event) => event.preventDefault();
  dialog.addEventListener("cancel", block);
  dialog.showModal();
  return new Promise((resolve) => {
    byId("key-form").onsubmit = (event) => {
      event.preventDefault();
      dialog.removeEventListener("cancel", block);
      dialog.close();
      resolve(byId("key").value.trim());
    };
  });
}

/** Ask whether to delete: `question`, and `what` goes with it; resolves with the answer. */
export function askWhetherToDelete(question, what) {
  const dialog = byId("delete-dialog");
  byId("delete-title").textContent = question;
  byId("delete-what").textContent = what;
  dialog.showModal();
  return new Promise((resolve) => {
    const answer = (isYes) => (event) => {
      event.preventDefault();
      dialog.close();
      resolve(isYes);
    };
    byId("delete-form").onsubmit = answer(true);
    byId("delete-no").onclick = answer(false);
    dialog.oncancel = answer(false);
  });
}
