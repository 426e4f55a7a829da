// Crystal structures: a list to look in, and one drawn by 3Dmol.
import { ask, Newest } from "./api.js";
import { atRest, error, field, fill, h, say } from "./dom.js";

let loading = null;
function library() {
  if (!loading) {
    loading = new Promise((done, fail) => {
      const script = h("script", { src: "/static/vendor/3Dmol-min.js" });
      script.onload = () => done(window.$3Dmol);
      script.onerror = () => fail(new Error("3Dmol did not load"));
      document.head.append(script);
    });
  }
  return loading;
}

export async function show(main) {
  const address = new URLSearchParams(location.search);
  const place = h("section", { "aria-label": "Structure" }), list = h("ul", { class: "list" }), newest = new Newest();
  const open = async (name) => {
    history.replaceState(null, "", `?name=${encodeURIComponent(name)}`);
    try { await one(place, await ask("/api/structure", { name })); say(`${name} is drawn.`); } catch (problem) { fill(place, error(problem)); }
  };
  const look = async () => {
    try {
      const found = await newest.ask("/api/structures", { text: input.value });
      fill(list, found.map((s) => h("li", {}, h("button", { type: "button", class: "small", onclick: () => open(s.name) }, s.name), s.formula === s.name ? null : h("span", { class: "hint" }, ` ${s.formula}`))),
        found.length ? null : h("li", { class: "hint" }, "None with this in its name or formula."));
    } catch (problem) { if (problem.name !== "AbortError") fill(list, error(problem)); }
  };
  const input = h("input", { type: "search", value: address.get("name") || "Li7La3Zr2O12", oninput: atRest(150, look), autocomplete: "off", spellcheck: "false" });
  fill(main, h("h1", {}, "Structures"), h("p", { class: "hint" }, "The crystal structures behind the reference energies, each with its source."),
    h("div", { class: "bench" }, h("div", { class: "side card" }, field("Name or formula", input), list), place));
  await look();
  const first = address.get("name") || (list.querySelector("button") || {}).textContent;
  if (first) await open(first);
}

async function one(place, told) {
  const viewer = h("div", { class: "viewer", role: "img", "aria-label": `Unit cell of ${told.name}` }), legend = h("div", { class: "legend" });
  fill(place, h("h2", {}, told.name), viewer, legend,
    told.mixed ? h("p", { class: "hint" }, "Sites are partly filled or shared: every element that may be there is drawn.") : null,
    h("table", {}, h("tbody", {}, told.rows.filter(([, v]) => v).map(([k, v]) => h("tr", {}, h("th", { scope: "row" }, k), h("td", {}, v))))),
    h("div", { class: "row" }, h("a", { href: `/api/structure.cif?name=${encodeURIComponent(told.name)}`, download: true }, "CIF"),
      told.doi ? h("a", { href: `https://doi.org/${told.doi}`, rel: "noreferrer", target: "_blank" }, `doi:${told.doi}`) : null));
  const mol = await library();
  const drawn = mol.createViewer(viewer, { backgroundColor: "white" });
  const model = drawn.addModel(told.cif, "cif");
  const colours = mol.elementColors.Jmol;
  drawn.setStyle({}, { sphere: { scale: 0.28, colorscheme: "Jmol" }, stick: { radius: 0.08, colorscheme: "Jmol" } });
  drawn.addUnitCell(model, { box: { color: "grey" }, alabel: "a", blabel: "b", clabel: "c" });
  drawn.zoomTo();
  drawn.render();
  const elements = [...new Set(model.selectedAtoms({}).map((a) => a.elem))];
  fill(legend, elements.map((e) => {
    const dot = h("i", {});
    dot.style.background = `#${(colours[e] ?? 0x888888).toString(16).padStart(6, "0")}`;
    return h("span", {}, dot, e);
  }));
}
