// What takes longer: choose, fill in, start; follow, stop, go on, read; and folders to watch.
import { ask, materials, send } from "./api.js";
import { choices } from "./cell_form.js";
import { error, field, fill, h, say } from "./dom.js";

const STATES = { running: "running", done: "done", stopped: "stopped", failed: "failed", interrupted: "cut short" };
const USUAL = 8; // fields that are shown at once; the others wait behind a word

export const showRuns = (main) => show(main, (form) => form.group !== "Measured", "Runs", "Simulations, screens and designs. They run in processes of their own, keep their work, and can be stopped and gone on with.");
export const showMeasured = (main) => show(main, (form) => form.group === "Measured", "Measured", "Files of potentiostats and cyclers: each is fitted and judged; a fit above the noise is never called good.", true);

async function show(main, wanted, title, about, watching) {
  const [all, names] = await Promise.all([ask("/api/forms"), materials()]);
  const forms = all.filter(wanted);
  const address = new URLSearchParams(location.search);
  const place = h("div", {}), list = h("ul", { class: "list" });
  const groups = [...new Set(forms.map((f) => f.group))];
  const chips = h("div", {}, groups.map((g) => [groups.length > 1 ? h("p", { class: "group" }, g) : null, h("div", { class: "chips", role: "group", "aria-label": `What to run: ${g}` },
    forms.filter((f) => f.group === g).map((f) => h("button", { type: "button", "data-verb": f.verb, "aria-pressed": "false", onclick: () => choose(f) }, f.title)))]));
  const following = new Map();
  const verbs = new Set(forms.map((f) => f.verb));
  const mine = (run) => verbs.has(run.verb) || (watching && run.verb === "watch");

  function choose(form) {
    history.replaceState(null, "", `?verb=${encodeURIComponent(form.verb)}`);
    chips.querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.verb === form.verb)));
    fill(place, filled(form, names, address, (run) => { refresh(run.id); say(`${run.title} has begun.`); }));
  }
  async function refresh(open) {
    const runs = (await ask("/api/runs")).filter(mine);
    following.forEach((f) => f.close());
    following.clear();
    fill(list, runs.length ? runs.map((run) => new Row(run, following, refresh, run.id === open).element) : h("li", { class: "hint" }, "Nothing has been run yet."));
  }
  const folders = watching ? await ask("/api/watched") : [];
  fill(main, h("h1", {}, title), h("p", { class: "hint" }, about), chips, place,
    watching ? watched(folders, (run) => refresh(run.id)) : null,
    h("h2", {}, watching ? "Fits and watches" : "Runs so far"), list);
  choose(forms.find((f) => f.verb === address.get("verb")) || forms[0]);
  await refresh(address.get("run"));
}

function watched(folders, begun) {
  return h("section", { class: "card" }, h("h2", {}, "Watch a folder"),
    folders.length ? folders.map((name, n) => h("div", { class: "row" }, h("button", { type: "button", onclick: async (e) => {
      try { begun(await send(`/api/watched/${n}`)); } catch (problem) { e.target.parentNode.append(error(problem)); }
    } }, `Watch ${name}`), h("span", { class: "hint" }, "Every new file is fitted and judged as the instrument writes it.")))
      : h("p", { class: "hint" }, "Start the server as ", h("code", {}, "anolyte serve --watch DIR"), " to see new files judged as an instrument writes them."));
}

/** The form of a verb. */
function filled(form, names, address, begun) {
  const wrong = h("div", {});
  const start = h("button", { type: "submit", class: "main" }, "Start");
  const lists = { electrolyte: names.electrolyte, anode: names.anode, interlayer: names.interlayer };
  const fields = form.fields.map((f) => [f, control(f, lists[f.name] ? `list-${f.name}` : null, address.get(f.name))]);
  const first = fields.filter(([f], i) => f.required || f.kind === "file" || i < USUAL);
  const others = fields.filter((x) => !first.includes(x));
  const grid = (several) => h("div", { class: "fields" }, several.map(([f, input]) => h("div", {}, labelled(f, input))));
  return h("form", { class: "card", "aria-label": form.title, onsubmit: async (e) => {
    e.preventDefault();
    start.disabled = true;
    fill(wrong);
    try { begun(await send("/api/runs", body(form, fields))); } catch (problem) { fill(wrong, error(problem)); }
    start.disabled = false;
  } }, h("h2", {}, form.title), h("p", { class: "hint" }, form.about, " ", h("code", {}, `anolyte ${form.verb}`)),
  Object.entries(lists).map(([name, several]) => choices(`list-${name}`, several)),
  grid(first), others.length ? h("details", {}, h("summary", {}, `${others.length} more options`), grid(others)) : null,
  h("div", { class: "row" }, start), wrong);
}

function control(f, list, value) {
  if (f.kind === "flag") return h("input", { type: "checkbox" });
  if (f.kind === "file") return h("input", { type: "file", multiple: f.multiple || f.folder, required: f.required });
  return h("input", { type: "text", list, value: value || f.default, required: f.required, placeholder: f.example,
    inputmode: f.kind === "number" ? "decimal" : null, spellcheck: "false", autocomplete: "off" });
}

function labelled(f, input) {
  const label = f.label.charAt(0).toUpperCase() + f.label.slice(1);
  const several = f.multiple && f.kind !== "file" ? " Several: separated by semicolons." : "";
  return field(label, input, (f.help.replace("; repeatable", "") + several) || null);
}

function body(form, fields) {
  const data = new FormData();
  data.set("verb", form.verb);
  for (const [f, input] of fields) {
    if (f.kind === "flag") { if (input.checked) data.append(f.name, "yes"); }
    else if (f.kind === "file") for (const file of input.files) data.append(f.name, file, file.name);
    else for (const text of f.multiple ? input.value.split(";") : [input.value]) if (text.trim()) data.append(f.name, text.trim());
  }
  return data;
}

/** One run in the list; a running one is followed. */
class Row {
  constructor(run, following, refresh, open) {
    this.refresh = refresh;
    this.shown = open;
    this.element = h("li", {});
    this.state = "";
    this.draw(run);
    if (run.state === "running") {
      const events = new EventSource(`/api/runs/${run.id}/events`);
      following.set(run.id, events);
      events.onmessage = (e) => {
        const told = JSON.parse(e.data);
        this.draw(told);
        if (told.state !== "running") { events.close(); say(`${told.title}: ${STATES[told.state]}.`); }
      };
      events.onerror = () => events.close();
    }
  }

  draw(run) {
    const at = new Date(1000 * run.begun).toLocaleString();
    const act = (text, path, method) => h("button", { type: "button", class: "small", onclick: async () => {
      try { await ask(`/api/runs/${run.id}${path}`, null, { method }); this.refresh(this.shown ? run.id : null); } catch (problem) { this.element.append(error(problem)); }
    } }, text);
    const p = run.progress;
    const bar = p ? [h("progress", { class: "wide", "aria-label": `Progress of ${run.title}`, max: p.total || 1, value: p.total ? p.done : null }), h("span", { class: "wide hint" }, [p.total ? `${p.done} of ${p.total}` : "", p.what].filter(Boolean).join(", "))] : null;
    const live = run.state === "running";
    const doors = run.files.filter((f) => f !== "page.html" && f !== "log.txt");
    if (run.files.includes("page.html") && this.changed !== run.changed) this.frame = null;
    this.changed = run.changed;
    fill(this.element, h("div", { class: "run" },
      h("strong", {}, run.title), h("span", { class: "state" }, run.stopping && live ? "stopping" : STATES[run.state]),
      h("code", {}, run.command), h("span", { class: "hint wide" }, at), bar,
      run.said ? h("div", { class: "error wide" }, run.said) : null,
      h("div", { class: "row wide" },
        live ? act(run.stopping ? "Stop at once" : "Stop", "/stop", "POST") : null,
        !live && (run.state !== "done" || run.verb === "watch") ? act("Go on", "/resume", "POST") : null,
        !live ? act("Remove", "", "DELETE") : null,
        run.files.includes("page.html") || run.files.includes("answer.txt") ? h("button", { type: "button", class: "small", "aria-expanded": String(!!this.shown), onclick: () => { this.shown = !this.shown; this.draw(run); } }, this.shown ? "Hide the answer" : "Show the answer") : null,
        doors.map((f) => h("a", { href: `/api/runs/${run.id}/${f}?download=true`, download: true }, f)),
        run.files.includes("page.html") ? h("a", { href: `/api/runs/${run.id}/page.html`, target: "_blank", rel: "noopener" }, "page.html") : null),
      this.shown ? this.answer(run) : null));
  }

  answer(run) {
    const place = h("div", { class: "wide" });
    if (run.files.includes("page.html")) {
      if (!this.frame) this.frame = h("iframe", { title: `Page of ${run.title}`, src: `/api/runs/${run.id}/page.html?${run.changed}` });
      place.append(this.frame);
    } else if (run.files.includes("answer.txt")) {
      fetch(`/api/runs/${run.id}/answer.txt`).then((a) => a.text()).then((text) => place.append(h("pre", { tabindex: "0" }, text)));
    }
    return place;
  }
}
