// Figures: plotly comes when the first one is drawn; colours follow the page, files are for papers.
import { h } from "./dom.js";

const CONFIG = { responsive: true, displayModeBar: false, scrollZoom: false };
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const drawn = new Set();
let loading = null;

function plotly() {
  if (!loading) {
    loading = new Promise((done, fail) => {
      const script = h("script", { src: "/vendor/plotly.js" });
      script.onload = () => done(window.Plotly);
      script.onerror = () => fail(new Error("plotly.js did not load"));
      document.head.append(script);
    });
  }
  return loading;
}

function look(night) {
  const ink = night ? "#e8eaed" : "#1d2126";
  return {
    "font.color": ink, paper_bgcolor: "rgba(0,0,0,0)",
    "hoverlabel.bgcolor": night ? "#1e2226" : "#ffffff", "hoverlabel.font.color": ink,
  };
}

/** A figure with its caption; it is drawn when it comes into sight. */
export function figure(name, data, caption) {
  const plot = h("div", { class: "plot", "data-figure": name, role: "img", "aria-label": caption || name });
  const keep = (format) => h("button", { type: "button", class: "small", "aria-label": `Save this figure as ${format.toUpperCase()}`,
    onclick: () => save(plot, name, format) }, format.toUpperCase());
  const whole = h("figure", {}, plot, h("div", { class: "tools" }, keep("svg"), keep("png")),
    caption ? h("figcaption", {}, caption) : null);
  const sight = new IntersectionObserver((seen) => {
    if (seen.some((s) => s.isIntersecting)) { sight.disconnect(); draw(plot, data); }
  }, { rootMargin: "300px" });
  sight.observe(plot);
  return whole;
}

export async function draw(plot, data) {
  const Plotly = await plotly();
  const layout = { ...data.layout, dragmode: false, ...look0() };
  if (plot.clientWidth < 480) layout.margin = { l: 52, r: 8, t: 44, b: 50 };
  await Plotly.react(plot, data.data, layout, CONFIG);
  await Plotly.relayout(plot, look(dark.matches));
  drawn.add(plot);
}

function look0() { return { paper_bgcolor: "rgba(0,0,0,0)" }; }

async function save(plot, name, format) {
  const Plotly = await plotly();
  await Plotly.relayout(plot, { ...look(false), paper_bgcolor: "#ffffff" });
  await Plotly.downloadImage(plot, { format, filename: `anolyte-${name}`, width: 900, height: 560, scale: format === "png" ? 3 : 1 });
  await Plotly.relayout(plot, look(dark.matches));
}

dark.addEventListener("change", () => drawn.forEach((plot) => {
  if (plot.isConnected) window.Plotly.relayout(plot, look(dark.matches));
  else drawn.delete(plot);
}));
