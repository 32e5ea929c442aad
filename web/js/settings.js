// How edits are run: what a person chose under "More", kept by this browser.

const STORE = "dialogpaint.settings";
const PREVIEWS = 4; // pictures on the way to the result
const FEWEST_STEPS = 6; // fewer are over before a preview is seen

export const NUMBERS = {
  text_guidance_scale: { min: 1, max: 30, label: "Text guidance", hint: "how strongly the words pull" },
  image_guidance_scale: { min: 0, max: 10, label: "Image guidance", hint: "how strongly the picture holds" },
  steps: { min: 1, max: 100, step: 1, label: "Steps", hint: "more take longer" },
};

/** A seed as it can be typed: it has up to 63 bits, so it is kept as text. */
export const SEED = { pattern: "[0-9]{1,19}", maxlength: 19, label: "Seed", hint: "same seed, same picture" };

/** The settings of the last visit, or none. */
export function readSettings() {
  const plain = { approve: false, fromOriginal: false, parameters: {} };
  try {
    return { ...plain, ...JSON.parse(localStorage.getItem(STORE)) };
  } catch {
    return plain;
  }
}

/** Keep the settings for the next visit; where to start from is a choice for one conversation. */
export function keepSettings(settings) {
  localStorage.setItem(STORE, JSON.stringify({ ...settings, fromOriginal: false }));
}

/** The parameters to send: what was chosen, and previews if there is time for some. */
export function parametersOf({ parameters }, conversation, models) {
  const steps = parameters.steps ?? conversation.record.defaults.steps ?? models?.editing?.defaults.steps;
  const isLong = steps >= FEWEST_STEPS;
  return isLong ? { ...parameters, preview_every: Math.ceil(steps / (PREVIEWS + 1)) } : { ...parameters };
}
