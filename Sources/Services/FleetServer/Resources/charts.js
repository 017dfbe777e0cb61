// The four charts of the vehicle page, drawn with plotly from the assessment and the stored frames.

import { byId, color, date, fixed, isNumber, make, replace, signed, stamp } from "/assets/common.js";

export const hasCharts = () => typeof window.Plotly === "object";
const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d", "toImage"] };
const convert = (unit, value) => (isNumber(value) ? value * unit.per_unit + unit.offset : null);
const fade = (text, alpha) => {
  const hex = text.replace("#", "");
  const part = (i) => parseInt(hex.slice(i, i + 2), 16);
  return hex.length === 6 ? `rgba(${part(0)}, ${part(2)}, ${part(4)}, ${alpha})` : text;
};

function layout(extra) {
  const axis = { gridcolor: color("grid"), linecolor: color("line"), zerolinecolor: color("line"), tickcolor: color("line"), automargin: true };
  const base = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 58, r: 14, t: 10, b: 34 }, showlegend: false, hovermode: "x unified",
    font: { family: 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif', size: 12, color: color("muted") },
    hoverlabel: { bgcolor: color("card"), bordercolor: color("line"), font: { color: color("text"), size: 12 } },
  };
  const result = { ...base, ...extra };
  for (const name of Object.keys(result)) if (/^[xy]axis\d*$/.test(name)) result[name] = { ...axis, ...result[name] };
  return result;
}

function draw(id, traces, shape) {
  const place = byId(id);
  place.querySelector(".absent")?.remove();
  return window.Plotly.react(place, traces, layout(shape), config);
}

function absent(id, text) {
  const place = byId(id);
  if (hasCharts() && place.classList.contains("js-plotly-plot")) window.Plotly.purge(place);
  replace(place, make("div", { class: "absent" }, text));
}

/// Cuts a series where reports are missing, so that no line bridges a parked night.
function pieces(time, interval) {
  const longest = Math.max(3.5 * interval, 1800);
  const list = [];
  let start = 0;
  for (let i = 1; i <= time.length; i++) {
    if (i === time.length || time[i] - time[i - 1] > longest) {
      list.push([start, i]);
      start = i;
    }
  }
  return list;
}

/// A band from lowest to highest and the line between, on one y axis.
function band(series, unit, offset, options) {
  const { time, interval } = series;
  const at = time.map((t) => stamp(t, offset));
  const values = (name) => series[name].map((v) => convert(unit, v));
  const [low, middle, high] = [values("minimum"), values("mean"), values("maximum")];
  const polygon = { x: [], y: [] };
  const line = { x: [], y: [], data: [] };
  for (const [start, end] of pieces(time, interval)) {
    const inside = [];
    for (let i = start; i < end; i++) if (low[i] !== null && high[i] !== null) inside.push(i);
    for (const i of inside) { polygon.x.push(at[i]); polygon.y.push(high[i]); }
    for (const i of inside.reverse()) { polygon.x.push(at[i]); polygon.y.push(low[i]); }
    polygon.x.push(null); polygon.y.push(null);
    for (let i = start; i < end; i++) { line.x.push(at[i]); line.y.push(middle[i]); line.data.push([low[i], high[i]]); }
    line.x.push(at[end - 1]); line.y.push(null); line.data.push([null, null]);
  }
  const digits = unit.fraction_digits;
  return [
    { type: "scatter", mode: "lines", x: polygon.x, y: polygon.y, yaxis: options.axis, fill: "toself", fillcolor: color(options.band), line: { width: 0 }, hoverinfo: "skip" },
    { type: "scatter", mode: "lines", x: line.x, y: line.y, yaxis: options.axis, customdata: line.data, name: options.name, line: { color: color(options.color), width: 1.5 },
      hovertemplate: `${options.name} <b>%{y:.${digits}f}</b> ${unit.symbol} (%{customdata[0]:.${digits}f} to %{customdata[1]:.${digits}f})<extra></extra>` },
  ];
}

/// The series of the zoomed span, in the same form as those of the assessment.
export function zoomed(document) {
  const part = (minimum, mean, maximum) => ({ time: document.time, interval: document.interval, minimum: document[minimum], mean: document[mean], maximum: document[maximum] });
  return {
    cell_voltage: part("cell_minimum", "cell_mean", "cell_maximum"), temperature: part("temperature_minimum", "temperature_mean", "temperature_maximum"),
    current: part("current_minimum", "current_mean", "current_maximum"), state_of_charge: part("state_of_charge", "state_of_charge", "state_of_charge"),
  };
}

export function drawTraces(series, assessment, labels, range) {
  const offset = assessment.wall_clock_offset;
  if (!series.cell_voltage.time.length) return absent("traces", "No report lies in this span.");
  const label = (name) => labels[name];
  const rows = [
    ["cell_voltage", label("cell_voltage"), "y", "c1", "band1", [0.66, 1]], ["temperature", label("probe_temperature"), "y2", "c2", "band2", [0.43, 0.62]],
    ["current", label("current"), "y3", "c3", "band3", [0.19, 0.39]], ["state_of_charge", label("state_of_charge"), "y4", "c4", "band1", [0, 0.15]],
  ];
  const traces = rows.flatMap(([key, text, axis, line, fill]) => band(series[key], text.unit, offset, { axis, color: line, band: fill, name: text.name }));
  const shape = {
    xaxis: { type: "date", anchor: "free", position: 0, hoverformat: "%-d %b %Y %H:%M:%S", ...(range ? { range: range.map((t) => stamp(t, offset)), autorange: false } : { autorange: true }) },
    hoversubplots: "axis", uirevision: range ? range.join() : "all", margin: { l: 64, r: 14, t: 14, b: 34 },
    shapes: assessment.alarms.slice(-400).map((alarm) => ({
      type: "rect", xref: "x", yref: "paper", x0: stamp(alarm.span.start, offset), x1: stamp(Math.max(alarm.span.end, alarm.span.start + 60), offset), y0: 0, y1: 1,
      fillcolor: fade(color("act"), 0.04 + 0.05 * alarm.level), line: { width: 0 }, layer: "below" })),
    annotations: rows.map(([, text, , , , domain]) => ({
      xref: "paper", yref: "paper", x: 0, y: domain[1], xanchor: "left", yanchor: "bottom", showarrow: false, text: `<b>${text.name}</b> ${text.unit.symbol}`, font: { size: 11.5, color: color("text") } })),
  };
  rows.forEach(([, , axis, , , domain]) => { shape[axis.replace("y", "yaxis")] = { domain, nticks: 5, zeroline: axis === "y3" }; });
  return draw("traces", traces, shape);
}

export const suspects = (assessment) => {
  const withFinding = assessment.findings.filter((f) => f.subject.part === "cell" && f.severity !== "note").map((f) => f.subject.number);
  const lowest = assessment.cells.filter((c) => isNumber(c.deviation)).sort((a, b) => a.deviation - b.deviation).slice(0, 2).map((c) => c.cell);
  return [...new Set([...withFinding, ...lowest])].slice(0, 8);
};

export function drawBars(assessment, labels, chosen, choose) {
  const cells = assessment.cells;
  if (!cells.some((c) => isNumber(c.deviation))) return absent("bars", "There are too few reports at low, steady current to compare the cells yet.");
  const unit = labels.cell_voltage.difference_unit;
  const scaled = (value) => (isNumber(value) ? value * unit.per_unit : null);
  const shade = (cell) => (cell.severity !== "note" ? color(cell.severity) : color(cell.module % 2 ? "bar" : "bar2"));
  const x = cells.map((c) => c.cell);
  const hover = cells.map((c) => `Cell ${c.cell} · module ${c.module}<br><b>${signed(scaled(c.deviation), 1, unit.symbol)}</b> now, ${signed(scaled(c.first_deviation), 1, unit.symbol)} at first`
    + (isNumber(c.onset) ? `<br>left its baseline on ${date(c.onset, assessment.wall_clock_offset, false)}` : "") + "<extra></extra>");
  const traces = [
    { type: "bar", x, y: cells.map((c) => scaled(c.deviation)), marker: { color: cells.map(shade), line: { width: cells.map((c) => (chosen.has(c.cell) ? 1.5 : 0)), color: color("text") } }, hovertemplate: hover },
    { type: "scatter", mode: "markers", x, y: cells.map((c) => (isNumber(c.first_deviation) && isNumber(c.deviation) && Math.abs(c.first_deviation - c.deviation) > 0.002 ? scaled(c.first_deviation) : null)), marker: { symbol: "circle", size: 7, color: color("card"), line: { width: 1.6, color: color("text") } }, hoverinfo: "skip" },
  ];
  const named = cells.filter((c) => c.severity !== "note").slice(0, 12);
  const done = draw("bars", traces, {
    hovermode: "closest", bargap: 0.18,
    xaxis: { title: { text: "cell", standoff: 6 }, dtick: 10, tick0: 0, range: [0.2, cells.length + 0.8], showgrid: false },
    yaxis: { title: { text: unit.symbol }, zeroline: true },
    annotations: named.map((c) => ({ x: c.cell, y: scaled(c.deviation), text: `<b>${c.cell}</b>`, showarrow: false, yshift: (c.deviation ?? 0) < 0 ? -11 : 11, font: { color: color(c.severity), size: 12 } })),
  });
  listen("bars", (point) => choose(point.x));
  return done;
}

export function drawHeat(assessment, labels, choose) {
  const buckets = assessment.series.buckets;
  const unit = labels.cell_voltage.difference_unit;
  const z = buckets.pack_deviation.map((line) => line.map((value) => (isNumber(value) ? value * unit.per_unit : null)));
  const sizes = z.flat().filter(isNumber).map(Math.abs).sort((a, b) => a - b);
  if (!sizes.length || buckets.time.length < 2) return absent("heat", "There are too few reports at low, steady current to draw a history yet.");
  const top = Math.max(10, sizes[Math.floor((sizes.length - 1) * 0.995)], 0.4 * sizes[sizes.length - 1]);
  const scale = [[0, color("low2")], [0.3, color("low1")], [0.5, color("mid")], [0.7, color("high1")], [1, color("high2")]];
  const done = draw("heat", [{
    type: "heatmap", z, x: buckets.time.map((t) => stamp(t + buckets.interval / 2, assessment.wall_clock_offset)), y: z.map((_, i) => i + 1), zmin: -top, zmax: top, colorscale: scale, hoverongaps: false,
    hovertemplate: `Cell %{y}, %{x|%-d %b %Y %H:%M}<br><b>%{z:+.1f}</b> ${unit.symbol}<extra></extra>`,
    colorbar: { thickness: 11, outlinewidth: 0, title: { text: unit.symbol, side: "top" }, len: 1, tickfont: { color: color("muted") } },
  }], { hovermode: "closest", xaxis: { type: "date", showgrid: false }, yaxis: { title: { text: "cell", standoff: 4 }, range: [z.length + 0.5, 0.5], showgrid: false, zeroline: false } });
  listen("heat", (point) => choose(point.y));
  return done;
}

export function drawSuspects(assessment, labels, numbers) {
  const buckets = assessment.series.buckets;
  const unit = labels.cell_voltage.difference_unit;
  const lines = numbers.filter((number) => (buckets.module_deviation[number - 1] ?? []).some(isNumber));
  if (!lines.length || buckets.time.length < 2) return absent("suspects", "There are too few reports at low, steady current to draw a history yet.");
  const x = buckets.time.map((t) => stamp(t + buckets.interval / 2, assessment.wall_clock_offset));
  const palette = ["c2", "c1", "c4", "c3", "c5", "c6", "c0", "note"];
  const standing = (number) => assessment.cells[number - 1];
  const traces = lines.map((number, index) => ({
    type: "scatter", mode: buckets.time.length < 60 ? "lines+markers" : "lines", x, y: buckets.module_deviation[number - 1].map((v) => (isNumber(v) ? v * unit.per_unit : null)), connectgaps: true,
    name: `cell ${number}`, line: { color: color(palette[index % palette.length]), width: standing(number)?.severity !== "note" ? 2.4 : 1.5 }, marker: { size: 4 },
    hovertemplate: `cell ${number} <b>%{y:+.1f}</b> ${unit.symbol}<extra></extra>`,
  }));
  const onsets = lines.map(standing).filter((c) => isNumber(c?.onset));
  return draw("suspects", traces, {
    showlegend: true, legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { color: color("text") } }, margin: { l: 58, r: 14, t: 30, b: 34 },
    xaxis: { type: "date", hoverformat: "%-d %b %Y %H:%M" }, yaxis: { title: { text: unit.symbol }, zeroline: true },
    shapes: onsets.map((c) => ({ type: "line", xref: "x", yref: "paper", x0: stamp(c.onset, assessment.wall_clock_offset), x1: stamp(c.onset, assessment.wall_clock_offset), y0: 0, y1: 1, line: { color: color("act"), width: 1.2, dash: "dot" } })),
    annotations: onsets.map((c) => ({ xref: "x", yref: "paper", x: stamp(c.onset, assessment.wall_clock_offset), y: 0.02, text: `cell ${c.cell} leaves its baseline`, showarrow: false, xanchor: "left", yanchor: "bottom", xshift: 4, font: { color: color("act"), size: 11 } })),
  });
}

const handlers = {};
function listen(id, handler) {
  const first = !handlers[id];
  handlers[id] = handler;
  if (first) byId(id).on("plotly_click", (event) => handlers[id](event.points[0]));
}

export function withoutCharts(text) {
  for (const id of ["traces", "bars", "heat", "suspects"]) absent(id, text);
}
