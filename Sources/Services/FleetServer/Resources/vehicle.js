import { badge, byId, count, date, duration, fixed, isNumber, make, poll, replace, severityWord, signed, significant, subject, words, zone } from "/assets/common.js";
import { drawBars, drawHeat, drawSuspects, drawTraces, hasCharts, suspects, withoutCharts, zoomed } from "/assets/charts.js";

const vin = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const address = "/api/vehicles/" + encodeURIComponent(vin);
const state = { document: null, labels: {}, zoom: null, chosen: new Set(), opened: new Map() };
byId("json").href = address;
byId("crumb").textContent = vin;

const fact = (name, value) => [make("div", {}, make("dt", {}, name), make("dd", {}, value))];
const number = (label, value, difference = false) => {
  const unit = difference ? label.difference_unit : label.unit;
  return isNumber(value) ? fixed(value * unit.per_unit + (difference ? 0 : unit.offset), unit.fraction_digits, unit.symbol) : "–";
};
const coarse = (label, value) => (isNumber(value) ? fixed(value * label.unit.per_unit + label.unit.offset, Math.min(1, label.unit.fraction_digits), label.unit.symbol) : "–");
const range = (label, value) => (value ? `${fixed(value.low * label.unit.per_unit, 0)} to ${fixed(value.high * label.unit.per_unit, 0, label.unit.symbol)}` : "–");
const share = (value) => (isNumber(value) ? fixed(value * 100, 0, "%") : "–");
const table = (heads, rows, caption, style) => make("div", { class: "scroll" }, make("table", { class: style },
  caption ? make("caption", { class: "muted small" }, caption) : null,
  make("thead", {}, make("tr", {}, heads.map((head) => make("th", { scope: "col", class: head.startsWith("#") ? "num" : null }, head.replace(/^#/, ""))))),
  make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell, index) => make("td", { class: heads[index].startsWith("#") ? "num" : null }, cell)))))));

function headline(a) {
  const top = a.findings[0];
  const severity = severityWord(a.severity, Boolean(top));
  const box = byId("headline");
  box.dataset.severity = severity;
  const lead = top && a.lead_times.find((l) => l.kind === top.kind && l.subject.part === top.subject.part && l.subject.number === top.subject.number);
  replace(box, make("h1", { id: "vin" }, make("span", { class: "mono" }, a.identity), badge(severity)),
    top ? make("p", {}, make("b", {}, top.title), ". ", top.recommended_action) : make("p", {}, "Nothing found in the reports so far."),
    lead ? make("p", { class: "muted" }, lead.statement) : null);
}

function facts(d, a, labels) {
  const offset = a.wall_clock_offset;
  replace(byId("facts"),
    fact("Risk", fixed(a.risk, 0) + " of 100"), fact("Link", d.is_connected ? "connected" : "not connected"), fact("Last report", `${date(d.last_report, offset)} ${zone(offset)}`),
    fact("Data since", date(a.span.start, offset, false)), fact("Reports", count(a.rows.received)), fact("Cells / probes", `${a.cell_count} / ${a.probe_count}`),
    fact("Capacity", range(labels.capacity, a.pack.capacity)), fact("Cell spread, first to last", `${number(labels.cell_voltage, a.pack.first_spread, true)} → ${number(labels.cell_voltage, a.pack.last_spread, true)}`),
    fact("Hottest probe", number(labels.probe_temperature, a.pack.temperature_maximum)), fact("Lowest insulation", number(labels.insulation_resistance, a.pack.insulation_minimum)));
}

function finding(f, offset) {
  const key = `${f.kind}/${subject(f.subject)}`;
  const open = state.opened.get(key) ?? false;
  const evidence = f.evidence.map((e) => [e.name, significant(e.value, e.unit), isNumber(e.reference) ? significant(e.reference, e.unit) : "–", e.note]);
  return make("details", { class: "card finding", "data-severity": f.severity, open, ontoggle: (event) => state.opened.set(key, event.target.open) },
    make("summary", {}, badge(f.severity), make("span", { class: "what" }, f.title, make("small", {}, `${subject(f.subject)} · ${words(f.kind)} · control node: ${words(f.control_node)}`)),
      make("span", { class: "meta" }, isNumber(f.since) ? `since ${date(f.since, offset, false)}` : "no onset", make("br"), `confidence ${fixed(f.confidence * 100, 0, "%")} · risk ${fixed(f.risk, 0)}`)),
    make("div", { class: "body" }, make("div", { class: "action" }, make("b", {}, "What to do"), f.recommended_action),
      make("p", { class: "small" }, make("b", {}, "Judged against: "), f.baseline), table(["Evidence", "#Value", "#Reference", "What it is compared with"], evidence, null, "evidence")));
}

function findings(a) {
  if (a.findings.length && !state.opened.size) state.opened.set(`${a.findings[0].kind}/${subject(a.findings[0].subject)}`, true);
  const order = a.findings.map((f) => finding(f, a.wall_clock_offset));
  replace(byId("findinglist"), order.length ? order.slice(0, 12) : make("p", { class: "card muted" }, a.rows.used < 50 ? "Too few reports to judge yet." : "No finding. Every cell, probe and alarm keeps to its baseline."),
    order.length > 12 ? make("details", { class: "more" }, make("summary", {}, `${order.length - 12} more findings`), order.slice(12)) : null);
}

function cellTable(a, labels) {
  const place = byId("celltable");
  if (!place.open) return;
  const volt = labels.cell_voltage;
  const milli = (value) => (isNumber(value) ? signed(value * volt.difference_unit.per_unit, 1) : "–");
  const rows = [...a.cells].sort((x, y) => y.risk - x.risk || (x.deviation ?? 0) - (y.deviation ?? 0)).map((c) => [
    c.cell, badge(severityWord(c.severity, c.risk > 0)), c.module, milli(c.deviation), milli(c.first_deviation), milli(c.pack_deviation), fixed(c.module_score, 1),
    isNumber(c.drift_rate) ? signed(c.drift_rate * volt.difference_unit.per_unit * 86400 * 30, 1) : "–", isNumber(c.resistance_deviation) ? signed(c.resistance_deviation * 1e3, 2) : "–",
    fixed(c.correlation, 3), date(c.onset, a.wall_clock_offset, false)]);
  replace(place.querySelector("div"), table(["#Cell", "Severity", "#Module", "#Deviation, mV", "#At first, mV", "#From pack, mV", "#Robust z", "#Drift, mV a month", "#Resistance, mΩ", "#Correlation", "Left baseline"], rows));
}

function histories(a, labels) {
  const offset = a.wall_clock_offset;
  const alarms = [...a.alarms].reverse();
  replace(byId("alarms").querySelector("div"),
    alarms.length ? table(["From", "Lasted", "#Level", "#Reports"], alarms.slice(0, 12).map((e) => [date(e.span.start, offset), duration(e.span.end - e.span.start), e.level, count(e.rows)]), alarms.length > 12 ? `The newest 12 of ${alarms.length} episodes.` : null) : make("p", { class: "muted" }, "The vehicle has raised no alarm."),
    a.lead_times.length ? table(["Finding", "First said", "Lead"], a.lead_times.slice(0, 8).map((l) => [`${subject(l.subject)}: ${words(l.kind)}`, date(l.detected, offset), isNumber(l.lead) ? duration(l.lead) : "no alarm yet"])) : null);
  const sessions = [...a.charge_sessions].reverse();
  replace(byId("sessions").querySelector("div"), sessions.length ? table(["Start", "Lasted", "State of charge", "#Charge", "#Hottest", "#Capacity"], sessions.slice(0, 12).map((s) => [
    date(s.span.start, offset), duration(s.span.end - s.span.start), `${share(s.start_state_of_charge)} → ${share(s.end_state_of_charge)}`,
    coarse(labels.capacity, s.charge), coarse(labels.probe_temperature, s.temperature_maximum), coarse(labels.capacity, s.capacity)]), sessions.length > 12 ? `The newest 12 of ${sessions.length} sessions.` : null) : make("p", { class: "muted" }, "No charge session in the reports."));
  const t = a.telemetry;
  replace(byId("quality").querySelector("dl"), fact("Usual interval", duration(t.interval)), fact("Gaps", count(t.gaps)), fact("Longest gap", duration(t.longest_gap)),
    fact("Late or repeated", count(a.rows.late + a.rows.duplicate)), fact("Unusable cell samples", fixed(t.unusable_cell_share * 100, 2, "%")), fact("Unusable probe samples", fixed(t.unusable_probe_share * 100, 2, "%")),
    fact("Stuck cell channels", t.stuck_cells.length ? t.stuck_cells.join(", ") : "none"), fact("Rows used", `${count(a.rows.used)} of ${count(a.rows.received)}`));
}

function choose(cell) {
  if (state.chosen.has(cell)) state.chosen.delete(cell); else state.chosen.add(cell);
  const a = state.document.assessment;
  drawBars(a, state.labels, state.chosen, choose);
  drawSuspects(a, state.labels, [...new Set([...suspects(a), ...state.chosen])]);
}

function charts() {
  if (!state.document) return;
  if (!hasCharts()) {
    const hint = "Charts need plotly.min.js: run “make setup” in the source folder, or name the file in ANODYNE_PLOTLY, then start the server again.";
    byId("nocharts").textContent = hint + " The tables below are complete without it.";
    byId("nocharts").hidden = false;
    document.body.classList.add("nocharts");
    return withoutCharts("chart library not installed");
  }
  const a = state.document.assessment;
  if (!state.zoom) {
    drawTraces(a.series, a, state.labels, null);
    if (!state.listens && byId("traces").on) {
      state.listens = true;
      byId("traces").on("plotly_relayout", relayout);
    }
  }
  drawBars(a, state.labels, state.chosen, choose);
  drawHeat(a, state.labels, choose);
  drawSuspects(a, state.labels, [...new Set([...suspects(a), ...state.chosen])]);
}

function wholeSpan() {
  const a = state.document.assessment;
  state.zoom = null;
  drawTraces(a.series, a, state.labels, null);
  press("all");
}

/// Draws a span, in seconds since the Unix epoch, from the stored frames.
async function zoom(from, to) {
  const a = state.document.assessment;
  const key = `${from}/${to}`;
  state.zoom = key;
  try {
    const answer = await fetch(`${address}/series?from=${from}&to=${to}&points=900`);
    if (answer.ok && state.zoom === key) drawTraces(zoomed(await answer.json()), a, state.labels, [from, to]);
  } catch { /* The coarse picture stays. */ }
}

function relayout(event) {
  if (event["xaxis.autorange"]) return wholeSpan();
  const ends = event["xaxis.range"] ?? [event["xaxis.range[0]"], event["xaxis.range[1]"]];
  if (!ends[0] || !ends[1]) return;
  const offset = state.document.assessment.wall_clock_offset;
  const [from, to] = ends.map((text) => Date.parse(String(text).replace(" ", "T") + "Z") / 1000 - offset);
  if (!(from < to)) return;
  press(null);
  zoom(from, to);
}

const press = (name) => { for (const button of byId("spans").children) button.setAttribute("aria-pressed", String(button.dataset.span === name)); };
const spans = { all: "All", month: "30 d", week: "7 d", day: "24 h", hour: "1 h" };
const lengths = { month: 30 * 86400, week: 7 * 86400, day: 86400, hour: 3600 };
replace(byId("spans"), Object.keys(spans).map((name) => make("button", { type: "button", "data-span": name, "aria-pressed": String(name === "all"), onclick: () => {
  if (!state.document || !hasCharts()) return;
  if (name === "all") return wholeSpan();
  const end = state.document.assessment.span.end + 1;
  press(name);
  zoom(end - lengths[name], end);
} }, spans[name])));

function show(document_, problem) {
  if (!document_) {
    replace(byId("headline"), make("h1", {}, vin || "Vehicle"), make("p", {}, problem ?? "Unknown vehicle."));
    return;
  }
  state.document = document_;
  state.labels = Object.fromEntries(document_.labels.map((label) => [label.quantity, label]));
  const a = document_.assessment;
  document.title = `${a.identity} · Anodyne`;
  headline(a);
  facts(document_, a, state.labels);
  findings(a);
  cellTable(a, state.labels);
  histories(a, state.labels);
  charts();
  document.body.dataset.ready = "true";
}

byId("celltable").addEventListener("toggle", () => state.document && cellTable(state.document.assessment, state.labels));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", charts);
const begin = () => poll(address, 5000, show);
if (document.readyState === "complete") begin(); else addEventListener("load", begin);
