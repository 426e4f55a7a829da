(function () {
  "use strict";
  var figures = JSON.parse(document.getElementById("anolyte-figures").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var plots = Array.prototype.slice.call(document.querySelectorAll("[data-figure]"));
  var config = { responsive: true, displayModeBar: false, scrollZoom: false };
  function look(night) {
    return {
      "font.color": night ? "#e8eaed" : "#1d2126",
      "paper_bgcolor": "rgba(0,0,0,0)",
      "hoverlabel.bgcolor": night ? "#1e2226" : "#ffffff",
      "hoverlabel.font.color": night ? "#e8eaed" : "#1d2126"
    };
  }
  function paint(night) {
    plots.forEach(function (el) { Plotly.relayout(el, look(night)); });
  }
  plots.forEach(function (el) {
    var f = figures[el.dataset.figure];
    f.layout.dragmode = false; // a finger on the figure scrolls the page
    if (el.clientWidth < 480) { f.layout.margin = { l: 52, r: 8, t: 44, b: 50 }; }
    Plotly.newPlot(el, { data: f.data, layout: f.layout, frames: f.frames, config: config }).then(function () {
      Plotly.relayout(el, look(dark.matches));
    });
  });
  dark.addEventListener("change", function (event) { paint(event.matches); });
  window.addEventListener("beforeprint", function () { paint(false); });
  window.addEventListener("afterprint", function () { paint(dark.matches); });
})();
