// The form of one cell; what it holds is the query of the API and, word for word, the link.
import { field, h } from "./dom.js";

const AMOUNTS = [
  { name: "current", label: "Current density", unit: "mA/cm2", low: 0.01, high: 20, log: true, usual: "0.1 mA/cm2" },
  { name: "pressure", label: "Stack pressure", unit: "MPa", low: 0.1, high: 500, log: true, usual: "5 MPa" },
  { name: "temperature", label: "Temperature", unit: "C", low: -30, high: 150, log: false, usual: "25 C" },
  { name: "capacity", label: "Charge a half cycle", unit: "mAh/cm2", low: 0.05, high: 10, log: true, usual: "1 mAh/cm2" },
];
export const WORDS = ["electrolyte", "anode", "layer", "current", "pressure", "temperature", "capacity", "thickness"];

/** Options of a list in which a person may look or type something else. */
export function choices(id, several) {
  return h("datalist", { id }, several.map((m) => h("option", { value: m.name }, [m.class, m.formula].filter(Boolean).join(", "))));
}

export class CellForm {
  /**
   * @param {string} title Above the form.
   * @param {object} names Materials by their place.
   * @param {URLSearchParams} asked What it begins with.
   * @param {Function} changed Called with the query when something has changed.
   */
  constructor(title, names, asked, changed) {
    this.names = names;
    this.changed = changed;
    this.key = title.replace(/\W+/g, "");
    this.layers = h("div", {});
    this.inputs = {};
    this.element = h("form", { class: "cell", "aria-label": title, onsubmit: (e) => { e.preventDefault(); this.tell(); } },
      h("h2", {}, title),
      choices(`${this.key}-electrolytes`, names.electrolyte), choices(`${this.key}-anodes`, names.anode),
      choices(`${this.key}-layers`, [...names.interlayer, ...names.electrolyte]),
      this.name("electrolyte", "Electrolyte", "electrolytes", "name or formula"),
      h("div", { class: "label", id: `${this.key}-between` }, "Layers ", h("small", {}, "from electrolyte to anode")),
      this.layers,
      h("div", { class: "row" }, h("button", { type: "button", class: "small", onclick: () => this.layer("", "").focus() }, "Add a layer")),
      this.name("anode", "Anode", "anodes", "name or formula"),
      AMOUNTS.map((a) => this.amount(a)),
      field(["Thickness of the electrolyte ", h("small", {}, "left out: 500 µm")], this.keep("thickness", h("input", { type: "text", placeholder: "500 um", onchange: () => this.tell() }))));
    this.take(asked);
  }

  keep(name, input) { this.inputs[name] = input; return input; }

  name(name, label, list, hint) {
    const known = new Set(this.names[name].map((m) => m.name));
    const input = this.keep(name, h("input", {
      type: "text", list: `${this.key}-${list}`, autocomplete: "off", spellcheck: "false", placeholder: hint, required: true,
      onchange: () => this.tell(), oninput: (e) => { if (known.has(e.target.value)) this.tell(); },
    }));
    return field(label, input);
  }

  amount(a) {
    const slider = h("input", { type: "range", min: 0, max: 200, step: 1, "aria-label": `${a.label}, slider` });
    const text = this.keep(a.name, h("input", { type: "text", placeholder: a.usual }));
    const place = (v) => 200 * (a.log ? Math.log(v / a.low) / Math.log(a.high / a.low) : (v - a.low) / (a.high - a.low));
    const value = (x) => (a.log ? a.low * (a.high / a.low) ** (x / 200) : a.low + (x / 200) * (a.high - a.low));
    text.follow = () => {
      const number = parseFloat(text.value || a.usual);
      if (Number.isFinite(number) && (!a.log || number > 0)) slider.value = place(number);
      slider.setAttribute("aria-valuetext", text.value || a.usual);
    };
    slider.addEventListener("input", () => {
      text.value = `${Number(value(Number(slider.value)).toPrecision(2))} ${a.unit}`;
      slider.setAttribute("aria-valuetext", text.value);
      this.tell();
    });
    text.addEventListener("change", () => { text.follow(); this.tell(); });
    const [label, input] = field(a.label, text);
    return h("div", { class: "amount" }, label, input, slider);
  }

  layer(name, thickness) {
    const number = this.layers.children.length + 1;
    const what = h("input", { type: "text", value: name, list: `${this.key}-layers`, "aria-label": `Layer ${number}, material`, placeholder: "LiF", onchange: () => this.tell() });
    const thick = h("input", { type: "text", value: thickness, "aria-label": `Layer ${number}, thickness`, placeholder: "50 nm", onchange: () => this.tell() });
    const row = h("div", { class: "layer" }, what, thick,
      h("button", { type: "button", class: "small", "aria-label": `Remove layer ${number}`, onclick: () => { row.remove(); this.tell(); } }, "×"));
    row.what = what;
    row.thick = thick;
    this.layers.append(row);
    return what;
  }

  /** Show what a query says. */
  take(asked) {
    for (const [name, input] of Object.entries(this.inputs)) {
      input.value = asked.get(name) || "";
      if (input.follow) input.follow();
    }
    this.layers.replaceChildren();
    for (const text of asked.getAll("layer")) {
      const [name, thickness] = text.split(/:(.*)/s);
      this.layer(name, thickness || "");
    }
  }

  /** What the form says, as a query. */
  query() {
    const found = new URLSearchParams();
    for (const word of WORDS) {
      if (word === "layer") {
        for (const row of this.layers.children) {
          const name = row.what.value.trim(), thick = row.thick.value.trim();
          if (name) found.append("layer", thick ? `${name}:${thick}` : name);
        }
      } else if (this.inputs[word].value.trim()) found.set(word, this.inputs[word].value.trim());
    }
    return found;
  }

  tell() { if (this.inputs.electrolyte.value.trim() && this.inputs.anode.value.trim()) this.changed(this.query()); }
}
