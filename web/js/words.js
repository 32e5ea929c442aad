// How things are called and told on the page.

const AGO = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [7, "day"],
  [52, "week"],
];

/** `3 minutes ago`, from an RFC 3339 time. */
export function ago(moment) {
  let value = Math.max(0, (Date.now() - new Date(moment)) / 1000);
  if (value < 45) return "just now";
  for (const [size, unit] of AGO) {
    if (value < size) return told(Math.round(value), unit);
    value /= size;
  }
  return new Date(moment).toLocaleDateString();
}

/** `1 turn`, `2 turns`. */
export const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A sentence for an error, and what to do about it. */
export function problemWords(problem) {
  if (problem.retryAfter) return `${problem.message} Try again in ${counted(problem.retryAfter, "second")}.`;
  return problem.message;
}

/** What an edit was told, including what it first repeats from the original picture. */
export function instructionWords(edit) {
  const before = edit.prior_instructions ?? [];
  return before.length ? `${before.join(", then ")}, then ${edit.instruction}` : edit.instruction;
}

/** `Original` or `Picture 2`, by the order in which revisions were made. */
export function revisionName(revisions, id) {
  const place = revisions.findIndex((revision) => revision.id === id);
  return place <= 0 ? "Original" : `Picture ${place}`;
}

function told(number, unit) {
  return `${counted(number, unit)} ago`;
}
