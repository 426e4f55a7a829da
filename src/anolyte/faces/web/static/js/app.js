// Which place of the page is open; links inside it do not load it again.
import { error, fill, h } from "./dom.js";

const PLACES = {
  "/": ["Interface", () => import("./interface.js").then((m) => m.show)],
  "/measured": ["Measured", () => import("./runs.js").then((m) => m.showMeasured)],
  "/runs": ["Runs", () => import("./runs.js").then((m) => m.showRuns)],
  "/evidence": ["Evidence", () => import("./evidence.js").then((m) => m.show)],
  "/structures": ["Structures", () => import("./structures.js").then((m) => m.show)],
  "/api": ["API", () => import("./api_page.js").then((m) => m.show)],
};
let turn = 0;

async function open() {
  const mine = ++turn;
  const [title, load] = PLACES[location.pathname] || PLACES["/"];
  const place = h("div", {});
  document.title = `${title} · anolyte`;
  document.querySelectorAll(".top nav a").forEach((a) => {
    if (a.getAttribute("href") === location.pathname) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  });
  const main = document.getElementById("main");
  try {
    const show = await load();
    if (mine !== turn) return;
    fill(main, place);
    await show(place);
  } catch (problem) { fill(main, error(problem)); }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (!(link.pathname in PLACES) || link.hash) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  open();
  document.getElementById("main").focus();
});
window.addEventListener("popstate", open);
open();
