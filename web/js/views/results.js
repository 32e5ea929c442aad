// What came of a study: how often each label was preferred, pair by pair, and what was said of edits.
import { MARKS, SHARE, axis, dot, inWords } from "../chart.js";
import { button, h } from "../dom.js";
import { counted } from "../words.js";

/** Read and draw the results; `isWanted()` says whether the page still is about them. */
export async function showResults(studio, element, id, isWanted) {
  const path = `/v1/studies/${id}`;
  const [study, results] = await Promise.all([studio.api.get(path), studio.api.get(`${path}/results`)]);
  if (!isWanted()) return;
  document.title = `${study.title}: results · DialogPaint`;
  const again = () => studio.attempt(() => showResults(studio, element, id, isWanted));
  const parts = [
    head(studio, study, results, again),
    labels(results),
    results.matches.length > 1 && matches(results),
    pairs(studio, study, results),
    results.ratings.count > 0 && ratings(results.ratings),
  ];
  element.replaceChildren(...parts.filter(Boolean));
}

function head(studio, study, results, again) {
  const save = () => studio.attempt(() => saveCsv(studio, study));
  return h(
    "div",
    { class: "study-head" },
    h("p", { class: "hint" }, "Results of a study"),
    h("h1", { tabindex: -1 }, study.title),
    h("p", {}, study.question),
    h("p", { class: "hint" }, `${counted(results.votes, "vote")} of ${people(results.participants)} · ${left(results)}`),
    h(
      "div",
      { class: "row" },
      h("a", { class: "button", href: study.urls.invitation.slice(1) }, "The page for voting"),
      button("", save, "Votes as CSV"),
      button("quiet", again, "Read again"),
    ),
  );
}

const people = (number) => (number === 1 ? "1 person" : `${number} people`);

const left = ({ left_rate: rate }) => `the left one was chosen: ${inWords(rate, SHARE)}`;

function labels(results) {
  const told = "Wins among the votes that made a difference; the line is the 95 % interval (Wilson).";
  return section(
    "How often preferred",
    told,
    SHARE,
    results.labels.map((each) => ({
      name: each.label,
      estimate: each.win_rate,
      more: `${each.wins} : ${each.losses}, ${each.same} the same · mean over people ${inWords(each.score, SHARE)}`,
    })),
  );
}

function matches(results) {
  return section(
    "Against each other",
    "How often the first of the two was preferred.",
    SHARE,
    results.matches.map((each) => ({
      name: `${each.a} against ${each.b}`,
      estimate: each.a_win_rate,
      more: `${each.a_wins} : ${each.b_wins}, ${each.same} the same`,
    })),
  );
}

function ratings({ count, image_quality: quality, satisfaction, by_model: models, by_quality: qualities }) {
  const groups = [{ name: "all", image_quality: quality, satisfaction }, ...models, ...qualities];
  const rows = groups.flatMap((each) => [
    { name: `${each.name}: picture`, estimate: each.image_quality, more: counted(each.image_quality.count, "rating") },
    { name: `${each.name}: satisfaction`, estimate: each.satisfaction, more: "" },
  ]);
  const told = `${counted(count, "rated edit")}, of this study or not, from 1 (bad) to 5 (good); 95 % intervals (t).`;
  return section("What was said of edits", told, MARKS, rows);
}

function section(title, told, scale, rows) {
  const items = rows.map(({ name, estimate, more }) =>
    h(
      "li",
      { class: "chart-item" },
      h("span", { class: "chart-name" }, name),
      dot(estimate, scale),
      h("span", { class: "chart-words" }, h("b", {}, inWords(estimate, scale)), more && h("span", {}, more)),
    ),
  );
  const line = h("div", { class: "chart-item" }, h("span", { class: "chart-name" }), axis(scale), h("span"));
  return h(
    "section",
    { class: "chart" },
    h("h2", {}, title),
    h("p", { class: "hint" }, told),
    h("ul", {}, ...items),
    line,
  );
}

function pairs(studio, study, results) {
  const items = study.pairs.map((pair, place) => {
    const votes = results.pairs[place];
    return h(
      "li",
      { class: "study-result" },
      h("p", {}, pair.instruction ?? `Pair ${pair.number}`),
      h("div", { class: "study-two" }, picture(studio, pair.a, votes.a), picture(studio, pair.b, votes.b)),
      h("p", { class: "hint" }, `${votes.same} saw no difference`),
    );
  });
  return h("section", {}, h("h2", {}, "Pair by pair"), h("ul", { class: "study-results" }, ...items));
}

function picture(studio, variant, votes) {
  const image = h("img", { alt: `Made by ${variant.label}`, width: 128, height: 128 });
  studio.api.show(image, variant.url);
  const words = h("figcaption", {}, h("b", {}, counted(votes, "vote")), variant.label);
  return h("figure", {}, image, words);
}

async function saveCsv(studio, study) {
  const url = URL.createObjectURL(await studio.api.bytes(study.urls.csv));
  h("a", { href: url, download: `${study.id}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
