// What scripts can ask for, read off the server's own OpenAPI document.
import { ask } from "./api.js";
import { fill, h, table } from "./dom.js";

export async function show(main) {
  const api = await ask("/openapi.json");
  const here = location.origin;
  fill(main, h("h1", {}, "API"), h("p", {}, api.info.description.replaceAll("\n", " ")),
    h("p", {}, "The whole description: ", h("a", { href: "/openapi.json" }, "openapi.json"), ", OpenAPI ", api.openapi, "."),
    h("pre", { tabindex: "0" }, `import json, urllib.parse, urllib.request\nquery = urllib.parse.urlencode({"electrolyte": "Li6PS5Cl", "anode": "Li", "pressure": "5 MPa"})\nanswer = json.load(urllib.request.urlopen("${here}/api/interface?" + query))\nprint(answer["verdict"])`),
    Object.entries(api.paths).map(([path, verbs]) => Object.entries(verbs).map(([verb, what]) => one(path, verb, what))));
}

function one(path, verb, what) {
  const rows = (what.parameters || []).map((p) => [p.name, p.in, p.required ? "needed" : "", kind(p.schema), p.description || p.schema.description || ""]);
  return h("section", {}, h("h2", {}, h("code", {}, `${verb.toUpperCase()} ${path}`)), h("p", {}, what.summary || ""),
    rows.length ? table(rows, ["name", "in", "", "what", ""]) : null);
}

function kind(schema) {
  if (!schema) return "";
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.anyOf) return schema.anyOf.filter((s) => s.type !== "null").map(kind).join(" | ");
  if (schema.$ref) return schema.$ref.split("/").pop();
  return schema.type === "array" ? "texts" : schema.type || "";
}
