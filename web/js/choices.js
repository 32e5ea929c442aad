// The answers that a question offers, read from its words: the API gives the question alone.

const COLOURS = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"];
const MAX_CHOICES = 12;
const MAX_WORDS = 6;

/**
 * The choices of a question, in its order; empty if it offers none.
 * "Which time of day: day, sunset or night?" → day, sunset, night; "Shall I …?" → yes, no.
 */
export function choicesOf(question) {
  const asked = lastQuestion(question);
  if (!asked) return [];
  const listed = listIn(asked);
  if (listed.length > 1) return listed.slice(0, MAX_CHOICES);
  if (/^(shall|should|do|did|is|are|may|can|would)\b/i.test(asked)) return ["yes", "no"];
  return /^(which|what) colou?r\b/i.test(asked) ? COLOURS : [];
}

/** The colour that a choice names, for a dot beside it; null if it names none. */
export function colourOf(choice) {
  return COLOURS.find((colour) => choice.toLowerCase() === colour) ?? null;
}

function lastQuestion(text) {
  const sentences = text.match(/[^.!?]+[.!?]*/g) ?? [];
  const last = sentences.at(-1)?.trim() ?? "";
  return last.endsWith("?") ? last.slice(0, -1).trim() : null;
}

function listIn(question) {
  const [, list] = question.match(/(?::|,? (?:for example|such as|like|perhaps|maybe))\s+(.+)$/i) ?? [];
  if (list) return items(list).filter((item) => words(item) <= MAX_WORDS);
  return / or /.test(question) ? alternatives(question) : [];
}

/** "a, b or c" in pieces. */
function items(list) {
  return list
    .split(/,\s*(?:or\s+)?|\s+or\s+/)
    .map((item) => item.replace(/^(perhaps|maybe|for example)\s+/i, "").trim())
    .filter(Boolean);
}

/** "…make it bigger or smaller", "…the house or the tree": the last words before the `or` mirror those after. */
function alternatives(question) {
  const asksFirst = /^(what|which|where|how)\b[^,]*,/i;
  const parts = items(question.replace(asksFirst, ""));
  const length = words(parts.at(-1));
  if (length > MAX_WORDS) return [];
  const first = parts[0].split(/\s+/);
  return [first.slice(-length).join(" "), ...parts.slice(1)].filter((item) => words(item) <= MAX_WORDS);
}

const words = (text) => text.split(/\s+/).length;
