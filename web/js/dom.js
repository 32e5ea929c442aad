// Building and patching the page. Text only ever enters as text nodes, never as HTML.

/** Make an element; `on*` properties are listeners, `null` and `false` attributes are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** A button that does something; `kind` adds to its class. */
export function button(kind, onclick, ...children) {
  return h("button", { class: `button ${kind}`.trim(), type: "button", onclick }, ...children);
}

/** Find one element of the page by its id. */
export const byId = (id) => document.getElementById(id);

/** Set text only where it changed, so that selections and screen readers are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Make a parent's children those of `items`, keeping each element whose `signature` did not change.
 * An item is `{key, signature, build}`; `build` returns its element.
 */
export function patchChildren(parent, items) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map(({ key, signature, build }) => {
    const there = old.get(key);
    if (there && there.dataset.signature === signature) return there;
    const made = build();
    made.dataset.key = key;
    made.dataset.signature = signature;
    if (there) there.replaceWith(made);
    return made;
  });
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, place) => {
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
}

/** Whether fingers are the main pointer; then focusing a text field would bring up a keyboard nobody asked for. */
export const isTouch = () => matchMedia("(pointer: coarse)").matches;
