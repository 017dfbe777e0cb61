"use strict";
// Draws the charts of the page and keeps them in step with the theme, the window and the printer.
(function () {
  const plots = Array.from(document.querySelectorAll(".plot"));
  const library = window.Plotly;
  const config = {
    displaylogo: false, responsive: false, doubleClick: "reset",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    toImageButtonOptions: { format: "svg" },
  };
  // Width of a figure's drawing on A4 with the margins of the print style, in CSS pixels.
  const paper = { wide: 676, half: 326 };
  let printing = false;
  let style = getComputedStyle(document.documentElement);

  // "var(--name)" becomes the colour of the present theme, anywhere in the drawing.
  function resolved(value) {
    if (typeof value === "string") {
      return value.startsWith("var(--") ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
    }
    if (Array.isArray(value)) {
      // Long lists of numbers hold no colours; the pairs of a colour scale do.
      return typeof value[value.length - 1] === "number" ? value : value.map(resolved);
    }
    if (value && typeof value === "object") {
      const result = {};
      for (const key in value) result[key] = resolved(value[key]);
      return result;
    }
    return value;
  }
  function merged(base, extra) {
    const result = Object.assign({}, base);
    for (const key in extra) {
      const both = result[key] && typeof result[key] === "object" && !Array.isArray(result[key])
        && extra[key] && typeof extra[key] === "object";
      result[key] = both ? merged(result[key], extra[key]) : extra[key];
    }
    return result;
  }
  function color(name) { return style.getPropertyValue(name).trim(); }
  function layout(plot, own) {
    const axis = {
      gridcolor: color("--grid"), linecolor: color("--line"), zerolinecolor: color("--line"),
      tickcolor: color("--line"), tickfont: { color: color("--muted"), size: 11 }, ticklen: 4, ticks: "outside",
      title: { font: { color: color("--muted"), size: 12 }, standoff: 8 }, showline: true, automargin: true,
    };
    const base = {
      width: printing ? paper[plot.closest("figure").className] || plot.clientWidth : plot.clientWidth,
      height: plot.clientHeight,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("--text") },
      margin: { l: 48, r: 14, t: 10, b: 40 },
      hovermode: "closest",
      hoverlabel: { bgcolor: color("--card"), bordercolor: color("--line"), font: { color: color("--text") }, align: "left" },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 }, bgcolor: "rgba(0,0,0,0)" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: color("--muted"), activecolor: color("--accent") },
    };
    const result = merged(base, own);
    for (const key in result) if (/^[xy]axis\d*$/.test(key)) result[key] = merged(axis, result[key]);
    for (const note of result.annotations || []) note.font = merged({ size: 11, color: color("--muted") }, note.font || {});
    return result;
  }
  // The drawing of a plot is read once; its frames replace parts of the traces.
  const sources = new Map();
  function source(plot) {
    if (!sources.has(plot.id)) {
      sources.set(plot.id, JSON.parse(document.getElementById(plot.id + "-data").textContent));
    }
    return sources.get(plot.id);
  }
  function slider(plot) { return document.getElementById(plot.id + "-slider"); }
  function traces(plot) {
    const drawing = source(plot);
    const control = slider(plot);
    const frame = control ? drawing.frames[Number(control.querySelector("input").value)] : undefined;
    if (frame) control.querySelector("output").textContent = frame.label;
    return drawing.data.map((trace, index) => {
      const result = Object.assign({}, trace, frame ? frame.traces[index] : undefined);
      if (result.colorbar) {
        result.colorbar = merged({ tickfont: { size: 11, color: color("--muted") } }, result.colorbar);
      }
      return result;
    });
  }
  function draw(plot) {
    plot.classList.remove("pending");
    library.react(plot, resolved(traces(plot)), layout(plot, resolved(source(plot).layout)), config);
    plot.dataset.drawn = "yes";
    const control = slider(plot);
    if (control) control.hidden = false;
  }
  function pending() { return plots.filter((plot) => plot.dataset.drawn !== "yes"); }
  function redrawAll() {
    style = getComputedStyle(document.documentElement);
    for (const plot of plots) if (plot.dataset.drawn === "yes") draw(plot);
  }

  // The slider below a drawing with frames, and the button that moves it on by itself.
  function prepare(plot) {
    const control = slider(plot);
    const input = control.querySelector("input");
    const button = control.querySelector("button");
    let playing = 0;
    function stop() {
      clearInterval(playing);
      playing = 0;
      button.textContent = "Play";
    }
    button.addEventListener("click", () => {
      if (playing) { stop(); return; }
      if (input.value === input.max) input.value = input.min;
      button.textContent = "Pause";
      playing = setInterval(() => {
        if (input.value === input.max) { stop(); return; }
        input.value = Number(input.value) + 1;
        draw(plot);
      }, 120);
    });
    input.addEventListener("input", () => { stop(); draw(plot); });
  }

  if (library) {
    // Near ones first; then the rest one by one, with pauses in which the page answers.
    const later = (work) => setTimeout(work, 10);
    const watcher = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting && entry.target.dataset.drawn !== "yes") draw(entry.target);
    }, { rootMargin: "600px" });
    for (const plot of plots) watcher.observe(plot);
    const visible = (plot) => plot.offsetParent !== null;
    const rest = () => {
      const next = pending().find(visible);
      if (!next) { document.documentElement.dataset.charts = "drawn"; return; }
      draw(next);
      later(rest);
    };
    later(rest);
    document.addEventListener("toggle", (event) => {
      if (event.target.open) for (const plot of event.target.querySelectorAll(".plot")) draw(plot);
    }, true);
    for (const plot of plots) if (slider(plot)) prepare(plot);
    let timer = 0;
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      clearTimeout(timer);
      timer = setTimeout(redrawAll, 150);
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  } else {
    for (const plot of plots) {
      plot.innerHTML = '<div class="absent">The chart library was not at hand when this report was written. The tables hold the numbers.</div>';
    }
  }

  // Print: light colours, everything open, everything drawn at the width of the paper.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    for (const each of opened) each.open = true;
    if (!library) return;
    printing = true;
    style = getComputedStyle(document.documentElement);
    for (const plot of plots) draw(plot);
  });
  window.addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
    printing = false;
    if (library) redrawAll();
  });

  // A link to something inside a closed part opens it.
  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    if (target) target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  reveal();
})();
