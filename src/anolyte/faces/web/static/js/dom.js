// Elements, always with text as text: nothing here reads HTML.

/** An element: `h("p", {class: "hint"}, "text", child)`; `on...` are listeners. */
export function h(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else if (value === true) made.setAttribute(name, "");
    else made.setAttribute(name, value);
  }
  append(made, children);
  return made;
}

function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

let count = 0;
/** A label and its field, tied together; `hint` stands below. */
export function field(label, input, hint) {
  if (!input.id) input.id = `field${++count}`;
  const told = hint ? h("p", { class: "hint", id: `${input.id}-hint` }, hint) : null;
  if (told) input.setAttribute("aria-describedby", told.id);
  return [h("label", { for: input.id }, label), input, told];
}

/** Tell what happened to who cannot see it. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

/** A table that scrolls by itself; a column without a name has no heading. */
export function table(rows, head, numeric = []) {
  const kind = (text, i) => (numeric.includes(i) ? "n" : String(text).length > 24 ? "w" : null);
  const top = head.some(Boolean) ? h("thead", {}, h("tr", {}, head.map((t, i) => h(t ? "th" : "td", { class: numeric.includes(i) ? "n" : null }, t)))) : null;
  return h("div", { class: "scroll", tabindex: "0" }, h("table", {}, top,
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((t, i) => h("td", { class: kind(t, i) }, t)))))));
}

/** Call at rest: after so many milliseconds without another call. */
export function atRest(milliseconds, call) {
  let timer = 0;
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...words), milliseconds);
  };
}

export function error(problem) {
  return h("div", { class: "error", role: "alert" }, problem.message || String(problem));
}
