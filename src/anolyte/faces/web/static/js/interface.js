// The place where an interface is asked about: forms on the left, answers beside, two at a time.
import { ask, materials, Newest } from "./api.js";
import { CellForm } from "./cell_form.js";
import { atRest, error, fill, h, say, table } from "./dom.js";
import { figure } from "./figures.js";

const EXAMPLE = "electrolyte=Li6PS5Cl&anode=Li&current=0.5 mA/cm2&pressure=5 MPa";
const SECOND = "b.";
const PROGRAMS = { ramp: "Current ramp", cycles: "Three cycles" };

export async function show(main) {
  const names = await materials();
  const address = new URLSearchParams(location.search);
  const first = pick(address, ""), second = pick(address, SECOND);
  const start = first.has("electrolyte") ? first : new URLSearchParams(EXAMPLE);
  const bench = h("div", { class: "bench" });
  const side = h("div", { class: "side" });
  const answers = [new Answer("Answer"), null];
  const forms = [null, null];

  const linked = () => {
    const words = new URLSearchParams(forms[0].query());
    if (forms[1]) for (const [k, v] of forms[1].query()) words.append(SECOND + k, v);
    history.replaceState(null, "", `?${words}`);
  };
  const changed = (n) => atRest(60, (query) => { linked(); answers[n].ask(query); });
  const against = h("div", { class: "scroll against", tabindex: "0", role: "region", "aria-label": "Side by side" });
  const compare = () => fill(against, answers[1] ? beside(answers[0].told, answers[1].told) : null);
  answers[0].onTold = compare;
  forms[0] = new CellForm("Interface", names, start, changed(0));
  const other = h("button", { type: "button", onclick: () => (forms[1] ? single() : double(forms[0].query())) }, "Compare with another");

  function double(query) {
    forms[1] = new CellForm("The other", names, query, changed(1));
    answers[1] = new Answer("Answer for the other interface");
    side.insertBefore(forms[1].element, other.parentNode);
    other.textContent = "Compare no more";
    bench.classList.add("two");
    answers[1].onTold = compare;
    bench.append(against, answers[1].element);
    linked();
    answers[1].ask(query);
  }
  function single() {
    forms[1].element.remove();
    answers[1].element.remove();
    against.remove();
    forms[1] = answers[1] = null;
    other.textContent = "Compare with another";
    bench.classList.remove("two");
    linked();
  }
  answers[0].onTry = (layers) => {
    const query = forms[0].query();
    query.delete("layer");
    layers.forEach((x) => query.append("layer", x));
    if (forms[1]) { forms[1].take(query); forms[1].tell(); } else double(query);
    say("The remedy stands beside.");
  };
  const copy = h("button", { type: "button", onclick: async () => {
    linked();
    try { await navigator.clipboard.writeText(location.href); say("The link is copied."); copy.textContent = "Copied"; } catch { window.prompt("The link:", location.href); }
    setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
  } }, "Copy link");
  side.append(forms[0].element, h("div", { class: "row" }, other, copy));
  bench.append(side, answers[0].element);
  fill(main, h("h1", { class: "quiet" }, "An interface: will it hold?"), bench);
  answers[0].ask(forms[0].query());
  if (second.has("electrolyte")) double(second);
}

function pick(address, prefix) {
  const found = new URLSearchParams();
  for (const [k, v] of address) if (k.startsWith(prefix) && (prefix || !k.includes("."))) found.append(k.slice(prefix.length), v);
  return found;
}

class Answer {
  constructor(title) {
    this.words = new Newest();
    this.pictures = new Newest();
    this.cell = new Newest();
    this.more = new Newest();
    this.program = "usual";
    this.parts = Object.fromEntries(["head", "why", "current", "remedies", "window", "reactions", "rest"].map((n) => [n, h("div", {})]));
    this.element = h("section", { class: "result", "aria-label": title }, Object.values(this.parts));
    this.later = atRest(500, (query) => { if (query === this.query && this.told) this.remedies(); });
  }

  async ask(query) {
    if (!this.query || this.query.get("anode") !== query.get("anode")) this.program = "usual";
    this.query = query;
    this.element.classList.add("busy");
    this.element.setAttribute("aria-busy", "true");
    try {
      const told = await this.words.ask("/api/interface", query);
      this.told = told;
      this.show(told);
      say(`${told.interface}: ${told.verdict}`);
      const drawn = this.pictures.ask("/api/interface/figures", query);
      this.run();
      this.draw(told, await drawn);
      this.later(query);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.told = null;
      Object.values(this.parts).forEach((p) => p.replaceChildren());
      fill(this.parts.head, error(problem));
    }
    this.element.classList.remove("busy");
    this.element.removeAttribute("aria-busy");
  }

  show(told) {
    const p = this.parts, q = this.query;
    const link = (path, text) => h("a", { href: `/api/interface/${path}?${q}`, download: true }, text);
    fill(p.head,
      h("p", { class: "kicker" }, "Electrolyte | anode interface"), h("h1", {}, told.interface),
      h("p", { class: "conditions" }, told.conditions),
      h("div", { class: `verdict ${told.worst}` }, h("h2", {}, "Verdict"), h("p", {}, told.verdict)),
      h("div", { class: "jump" }, link("report.html", "Report"), link("result.json", "JSON"), link("findings.csv", "CSV"), link("references.bib", "BibTeX")));
    fill(p.why, h("h2", {}, "Why"), h("div", { class: "findings" }, told.findings.map((f) => finding(f))));
    if (!this.keepRemedies) p.remedies.replaceChildren();
    fill(p.rest, rest(told));
    if (this.onTold) this.onTold();
  }

  draw(told, figures) {
    const p = this.parts, hints = told.hints;
    const drawn = (name) => (figures[name] ? figure(name, figures[name], hints[name]) : null);
    const w = told.window;
    fill(p.window, w ? [h("h2", {}, "Stability window"), h("p", { class: "big" }, w.limits), h("p", {}, `${w.convention}. ${w.at_anode}`), drawn("driving_force"),
      told.sample && !told.sample.unknown ? h("details", {}, h("summary", {}, "How sure the limits are"), table(told.sample.limits, ["limit", "table", "5 %", "50 %", "95 %", "draws", "first products"], [1, 2, 3, 4, 5])) : null,
      drawn("three_windows"),
      h("details", {}, h("summary", {}, "Ladder of reactions"), table(w.ladder, ["V vs Li/Li⁺", "from the electrolyte to the end of the step", "Li in the step", "Li in all", "mAh/g", "side"], [0, 2, 3, 4]), drawn("ladder"))] : null);
    const r = told.reactions, f = told.products;
    fill(p.reactions,
      r && r.profiles.length ? [h("h2", {}, "Reactions at every junction"), drawn("reactions"), r.profiles.map((x) => h("details", {}, h("summary", {}, `${x.title}: ${x.summary}`), table(x.rows, x.head, x.numeric)))] : null,
      f ? [h("h2", {}, "What forms, and whether it stops itself"), h("p", { class: "big" }, f.character), h("p", {}, `${f.because}. ${f.path}`), h("p", { class: "reaction" }, f.reaction), drawn("products"), table(f.rows, ["product", "share of the volume", "conducts"], [1])] : null,
      told.volume.length ? [h("h2", {}, "Volume"), table(told.volume, ["quantity", "value"], [1]), drawn("volume")] : null);
  }

  async run() {
    const p = this.parts.current, title = h("h2", {}, "Under current");
    const query = new URLSearchParams(this.query);
    query.set("program", this.program);
    try {
      const told = await this.cell.ask("/api/interface/run", query);
      const buttons = told.offered.map((name) => h("button", { type: "button", "aria-pressed": String(name === told.program), onclick: () => { this.program = name; this.run(); } }, PROGRAMS[name]));
      fill(p, title, h("div", { class: "chips", role: "group", "aria-label": "What is done to the cell" }, buttons), h("p", { class: "big" }, told.headline), table(told.rows, ["", ""], []),
        figure("cell", told.figure, "The cell model: laws with their spreads, calibrated where it says so."),
        told.doubts.length ? h("details", {}, h("summary", {}, "Keep in mind"), h("ul", {}, told.doubts.map((d) => h("li", {}, d)))) : null);
    } catch (problem) {
      if (problem.name !== "AbortError") fill(p, title, h("p", { class: "hint" }, problem.message));
    }
  }

  async remedies() {
    const query = new URLSearchParams(this.query);
    query.set("remedies", "true");
    const p = this.parts.remedies;
    fill(p, h("h2", {}, "What could mend it"), h("p", { class: "hint" }, "Every remedy is being tried on the models."));
    try {
      const told = await this.more.ask("/api/interface", query);
      const backed = told.remedies.filter((r) => r.backed);
      const drawn = await ask("/api/interface/figures", query);
      fill(p, h("h2", {}, "What could mend it"),
        backed.length ? h("p", { class: "hint" }, "Each was put on the interface and the models were asked again. A line from an untreated to a treated value is a published measurement, not a promise.") : h("p", { class: "hint" }, "Nothing that measurements or models speak for."),
        drawn.remedies ? figure("remedies", drawn.remedies, told.hints.remedies) : null,
        backed.slice(0, 6).map((r) => this.remedy(r)),
        backed.length > 6 ? h("details", {}, h("summary", {}, `${backed.length - 6} more`), backed.slice(6).map((r) => this.remedy(r))) : null,
        told.forbidden.length ? [h("h3", {}, "Not here"), h("ul", {}, told.forbidden.map(([title, why]) => h("li", {}, h("strong", {}, title), `: ${why}`)))] : null);
    } catch (problem) {
      if (problem.name !== "AbortError") fill(p, h("h2", {}, "What could mend it"), error(problem));
    }
  }

  remedy(r) {
    const [electrolyte, ...others] = r.interface.split(" | ");
    const layers = others.slice(0, -1);
    const can = this.onTry && layers.length && electrolyte === this.told.interface.split(" | ")[0];
    return h("div", { class: "remedy" }, h("h3", {}, r.title),
      h("p", { class: "stack" }, r.interface, " ", h("span", { class: "basis" }, `for ${r.wanted}; ${r.basis}`)),
      h("dl", {}, r.lines.map(([kind, text]) => [h("dt", {}, kind), h("dd", {}, text)])),
      can ? h("div", { class: "row" }, h("button", { type: "button", class: "small", onclick: () => this.onTry(layers) }, "Compare with this layer")) : null);
  }
}

/** Both verdicts row by row. */
function beside(one, other) {
  if (!one || !other) return null;
  const heads = (told) => new Map(told.findings.filter((f) => !f.more).map((f) => [f.concern, f]));
  const mine = heads(one), its = heads(other);
  const words = (f) => h("td", { class: `level ${f ? f.level : "unknown"}` }, f ? f.label || f.level : "");
  return h("table", { class: "full" },
    h("thead", {}, h("tr", {}, h("th", {}, "concern"), h("th", {}, one.interface), h("th", {}, other.interface))),
    h("tbody", {}, [...mine.keys()].map((c) => h("tr", {}, h("td", {}, c), words(mine.get(c)), words(its.get(c))))));
}

function finding(f) {
  return h("div", { class: f.more ? "finding more" : "finding" },
    h("span", { class: "concern" }, f.more ? "" : f.concern), h("span", { class: `level ${f.level}` }, f.level),
    h("span", { class: "because" }, h("strong", {}, f.label), f.label ? ". " : "", f.reason, " ", h("span", { class: "basis" }, f.basis)));
}

function rest(told) {
  return [
    told.next_steps.length ? [h("h2", {}, "What to look at next"), h("ul", {}, told.next_steps.map((s) => h("li", {}, s)))] : null,
    h("h2", {}, "How sure, and from where"), h("ul", {}, told.caveats.map((c) => h("li", {}, c))),
    told.recalled.length ? h("details", {}, h("summary", {}, `${told.recalled.length} numbers from memory, not read`), table(told.recalled, ["material", "property", "value", "said to be from"])) : null,
    h("details", {}, h("summary", {}, "Numbers of the materials"), table(told.properties, ["material", "property", "value", "conditions, doubts", "source", "known"])),
    h("details", {}, h("summary", {}, `${told.references.length} references`), h("ol", { class: "references" }, told.references.map((r) => h("li", {}, r.text, r.doi ? [" ", h("a", { href: `https://doi.org/${r.doi}`, rel: "noreferrer", target: "_blank" }, `doi:${r.doi}`)] : null)))),
  ];
}
