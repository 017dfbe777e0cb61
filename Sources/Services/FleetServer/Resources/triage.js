import { badge, byId, count, date, duration, fixed, isNumber, make, poll, replace, severityWord, signed, subject, zone } from "/assets/common.js";

const order = ["stop", "act", "watch", "note"];
const state = { severity: "all", query: "", connected: false, list: null };

function tile(value, label, severity) {
  return make("li", { "data-severity": severity }, make("b", {}, value), make("span", {}, label));
}

function spark(spread, name) {
  const points = spread.value.map((value, index) => [spread.time[index], value]).filter((p) => isNumber(p[1]));
  if (points.length < 2) return make("span", { class: "muted" }, points.length ? fixed(points[0][1] * 1e3, 0, "mV") : "–");
  const [first, last] = [points[0][0], points[points.length - 1][0]];
  const top = Math.max(...points.map((p) => p[1]), 0.02);
  const at = ([time, value]) => `${(((time - first) / (last - first || 1)) * 104).toFixed(1)} ${(27 - (value / top) * 25).toFixed(1)}`;
  const line = "M" + points.map(at).join("L");
  const end = points[points.length - 1][1];
  return make("div", { class: "spark" },
    make("svg", { viewBox: "0 0 104 28", preserveAspectRatio: "none", role: "img", "aria-label": `Cell spread of ${name}, now ${fixed(end * 1e3, 0)} millivolts` },
      make("path", { class: "fill", d: `${line}L104 28L0 28Z` }), make("path", { d: line })),
    make("span", {}, fixed(end * 1e3, 0, "mV")));
}

function leadText(lead) {
  if (!lead) return "–";
  if (isNumber(lead.seconds)) return lead.seconds >= 0 ? `${duration(lead.seconds)} before` : `${duration(lead.seconds)} after`;
  return "no alarm yet";
}

function row(vehicle) {
  const finding = vehicle.finding;
  const severity = severityWord(vehicle.severity, finding !== undefined && finding !== null);
  const others = vehicle.finding_count - (finding && finding.severity !== "note" ? 1 : 0);
  return make("tr", { "data-severity": severity, "data-vin": vehicle.identity },
    make("td", { class: "num muted" }, vehicle.rank),
    make("td", {}, badge(severity)),
    make("td", {}, make("a", { class: "vin mono", href: "/vehicles/" + encodeURIComponent(vehicle.identity) }, vehicle.identity),
      make("small", { class: "link" }, make("span", { class: vehicle.is_connected ? "dot on" : "dot" }), vehicle.is_connected ? "connected" : "not connected"), make("small", {}, `${vehicle.cells} cells, ${vehicle.probes} probes`)),
    finding
      ? make("td", { class: "what" }, make("b", {}, finding.title), make("small", { class: "todo", title: finding.recommended_action }, finding.recommended_action),
          others > 0 ? make("small", {}, `+ ${others} more finding${others > 1 ? "s" : ""}`) : null)
      : make("td", { class: "what muted" }, vehicle.reports < 50 ? "Too few reports to judge yet" : "Nothing found"),
    make("td", { class: "when" }, finding && isNumber(finding.since) ? [date(finding.since, vehicle.wall_clock_offset, false), make("small", {}, `${duration((vehicle.last_report ?? finding.since) - finding.since)} ago`)] : finding ? make("span", { class: "muted" }, "no onset") : "–"),
    make("td", { class: "lead", title: vehicle.lead ? vehicle.lead.statement : null }, leadText(vehicle.lead),
      vehicle.alarm_level > 0 ? make("small", {}, `alarm level ${vehicle.alarm_level}, last day`) : null),
    make("td", { class: "cellspread" }, spark(vehicle.spread, vehicle.identity)),
    make("td", { class: "num" }, make("div", { class: "risk" }, make("i", { style: { "--r": Math.max(0, Math.min(100, vehicle.risk)) } }), make("span", {}, fixed(vehicle.risk, 0)))),
    make("td", { class: "when" }, date(vehicle.last_report, vehicle.wall_clock_offset), make("small", {}, `${count(vehicle.reports)} reports`), make("small", {}, `${isNumber(vehicle.state_of_charge) ? fixed(vehicle.state_of_charge * 100, 0, "%") : "–"} charge`)));
}

function draw() {
  const list = state.list;
  if (!list) return;
  const query = state.query.trim().toLowerCase();
  const shown = list.vehicles.filter((vehicle) =>
    (state.severity === "all" || vehicle.severity === state.severity) &&
    (!state.connected || vehicle.is_connected) &&
    (!query || [vehicle.identity, vehicle.finding?.title, vehicle.finding?.kind, subject(vehicle.finding?.subject)].join(" ").toLowerCase().includes(query)));
  const focus = document.activeElement?.closest?.("tr")?.dataset.vin;
  replace(byId("rows"), shown.map(row));
  if (focus) [...byId("rows").children].find((line) => line.dataset.vin === focus)?.querySelector("a")?.focus();
  const empty = byId("empty");
  empty.hidden = shown.length > 0;
  empty.textContent = list.vehicles.length ? "No vehicle matches the filter." : "No vehicle has sent a report yet. Start one with: anodyne fleet replay FILE --to HOST:PORT";
}

function show(list, problem) {
  if (!list) {
    byId("summary").textContent = problem;
    return;
  }
  state.list = list;
  const totals = list.totals;
  const urgent = totals.stop + totals.act;
  const offset = list.vehicles[0]?.wall_clock_offset ?? 0;
  byId("summary").textContent = (urgent === 0 ? "No vehicle needs action now" : `${urgent} of ${totals.vehicles} vehicles need${urgent === 1 ? "s" : ""} action`)
    + (totals.watch ? `, ${totals.watch} to watch.` : ".") + ` Times are the vehicles’ own, ${zone(offset)}.`
    + (totals.backlog ? ` Still reading the reports of ${totals.backlog}.` : "");
  document.title = (urgent ? `(${urgent}) ` : "") + "Fleet triage · Anodyne";
  replace(byId("tiles"), tile(count(totals.stop), "stop now", "stop"), tile(count(totals.act), "act within days", "act"),
    tile(count(totals.watch), "watch", "watch"), tile(count(totals.clear), "clear", "note"),
    tile(`${count(totals.connected)} / ${count(totals.vehicles)}`, "connected"), tile(count(totals.reports), "reports analysed"));
  draw();
}

const names = { all: "All", stop: "Stop", act: "Act", watch: "Watch", note: "Clear" };
replace(byId("severities"), ["all", ...order].map((severity) =>
  make("button", { type: "button", "aria-pressed": String(severity === "all"), onclick: (event) => {
    state.severity = severity;
    for (const button of byId("severities").children) button.setAttribute("aria-pressed", String(button === event.currentTarget));
    draw();
  } }, names[severity])));
byId("query").addEventListener("input", (event) => { state.query = event.target.value; draw(); });
byId("connected").addEventListener("change", (event) => { state.connected = event.target.checked; draw(); });
poll("/api/vehicles", 2000, show);
