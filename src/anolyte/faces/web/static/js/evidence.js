// What has been measured, behind filters; the link holds them.
import { ask, materials, Newest } from "./api.js";
import { choices } from "./cell_form.js";
import { atRest, error, field, fill, h, say } from "./dom.js";
import { figure } from "./figures.js";

const TEXTS = [["electrolyte", "Electrolyte"], ["anode", "Anode"]];
const WORDS = [["quantity", "Quantity"], ["strategy", "Treatment"], ["known", "How known"], ["method", "Method"]];

export async function show(main) {
  const [names, words] = await Promise.all([materials(), ask("/api/evidence/choices")]);
  const address = new URLSearchParams(location.search);
  const found = h("section", { "aria-label": "Measurements" }), newest = new Newest(), pictures = new Newest();
  const inputs = {};
  const look = async () => {
    const query = new URLSearchParams();
    for (const [name, input] of Object.entries(inputs)) if (input.value.trim()) query.set(name, input.value.trim());
    history.replaceState(null, "", `?${query}`);
    try {
      const told = await newest.ask("/api/evidence", query);
      fill(found, rows(told, query));
      if (told.count) found.querySelector(".scroll").before(figure("evidence", await pictures.ask("/api/evidence/figure", query), "Each line is a measurement: untreated to treated. Touch a point for its source."));
      say(`${told.count} measurements.`);
    } catch (problem) { if (problem.name !== "AbortError") fill(found, error(problem)); }
  };
  const soon = atRest(150, look);
  for (const [name] of TEXTS) inputs[name] = h("input", { type: "text", list: `evidence-${name}`, value: address.get(name) || "", placeholder: "name, formula or class", autocomplete: "off", oninput: soon });
  for (const [name, label] of WORDS) {
    inputs[name] = h("select", { onchange: look }, h("option", { value: "" }, "any"), words[name].map((w) => h("option", { value: w }, w.replaceAll("_", " "))));
    inputs[name].value = address.get(name) || "";
  }
  fill(main, h("h1", {}, "Evidence"), h("p", { class: "hint" }, "Published measurements before and after a treatment, each with its source and how it is known."),
    h("form", { class: "card", "aria-label": "Filters", onsubmit: (e) => { e.preventDefault(); look(); } },
      TEXTS.map(([name]) => choices(`evidence-${name}`, names[name])),
      h("div", { class: "fields" }, [...TEXTS, ...WORDS].map(([name, label]) => h("div", {}, field(label, inputs[name]))))), found);
  await look();
}

function rows(told, query) {
  const head = ["interface", "quantity", "untreated → treated", "treated by", "conditions", "known", "source"];
  const cells = (r) => [r.stack, r.quantity, r.value, r.treated, r.conditions, r.known,
    r.doi ? h("a", { href: `https://doi.org/${r.doi}`, rel: "noreferrer", target: "_blank" }, r.source) : r.source];
  return [h("div", { class: "row" }, h("strong", {}, `${told.count} measurements from ${told.papers} papers`),
    h("span", { class: "hint" }, Object.entries(told.known).map(([k, n]) => `${n} ${k.replace("_", "-")}`).join(", ")),
    h("a", { href: `/api/evidence.csv?${query}`, download: true }, "CSV")),
  h("div", { class: "scroll", tabindex: "0" }, h("table", { class: "full" },
    h("thead", {}, h("tr", {}, head.map((t) => h("th", {}, t)))),
    h("tbody", {}, told.rows.map((r) => h("tr", {}, cells(r).map((c) => h("td", {}, c)))))))];
}
