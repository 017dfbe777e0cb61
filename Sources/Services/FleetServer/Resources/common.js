// Shared by both pages: building elements, numbers, times, polling. Text from vehicles only ever goes
// into text nodes and encoded addresses, never into markup.

export function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "circle", "title"].includes(tag) && attributes.svg !== false;
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false || name === "svg") continue;
    if (name === "class") node.setAttribute("class", value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) node.style.setProperty(key, v);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export const byId = (id) => document.getElementById(id);
export const replace = (node, ...children) => node.replaceChildren(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false).map((c) => (c instanceof Node ? c : document.createTextNode(String(c)))));
export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const groups = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
export const count = (value) => (isNumber(value) ? groups.format(value).replace(/,/g, "\u202f") : "–");
export function fixed(value, digits = 1, unit = "") {
  if (!isNumber(value)) return "–";
  let text = value.toFixed(digits);
  if (Number(text) === 0) text = (0).toFixed(digits);
  return text.replace("-", "−") + (unit ? "\u00a0" + unit : "");
}
export const signed = (value, digits, unit) => (isNumber(value) && value > 0 ? "+" : "") + fixed(value, digits, unit);
export function significant(value, unit = "") {
  if (!isNumber(value)) return "–";
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−") + (unit ? "\u00a0" + unit : "");
}

const two = (value) => String(value).padStart(2, "0");
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export function date(seconds, offset = 0, withTime = true) {
  if (!isNumber(seconds)) return "–";
  const at = new Date((seconds + offset) * 1000);
  const day = `${at.getUTCDate()}\u00a0${months[at.getUTCMonth()]}\u00a0${at.getUTCFullYear()}`;
  return withTime ? `${day} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` : day;
}
/// The text form that plotly reads as a date, in local time of the vehicle.
export const stamp = (seconds, offset) => new Date((seconds + offset) * 1000).toISOString().slice(0, 19);
export function zone(offset) {
  const minutes = Math.round(Math.abs(offset) / 60);
  if (minutes === 0) return "UTC";
  return `UTC${offset < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${minutes % 60 ? ":" + two(minutes % 60) : ""}`;
}
export function duration(seconds) {
  if (!isNumber(seconds)) return "–";
  const size = Math.abs(seconds);
  if (size < 90) return `${Math.round(size)}\u00a0s`;
  if (size < 5400) return `${Math.round(size / 60)}\u00a0min`;
  if (size < 129600) return `${(size / 3600).toFixed(size < 36000 ? 1 : 0)}\u00a0h`;
  return `${(size / 86400).toFixed(size < 864000 ? 1 : 0)}\u00a0d`;
}
export const words = (name) => name.replace(/_/g, " ");
export function subject(value) {
  if (!value) return "";
  return value.part === "pack" ? "pack" : `${value.part} ${value.number ?? value.name ?? ""}`;
}
export const severityWord = (severity, hasFinding = true) => (severity === "note" && !hasFinding ? "clear" : severity);
export const badge = (severity) => make("span", { class: "badge", "data-severity": severity }, severity);

/// Asks an address again and again; keeps the page as it is while the server is away.
export function poll(address, interval, show) {
  let tag = null;
  const live = byId("live");
  const say = (state, text) => {
    if (live.dataset.state !== state || live.lastElementChild.textContent !== text) {
      live.dataset.state = state;
      live.lastElementChild.textContent = text;
    }
  };
  const round = async () => {
    try {
      const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status === 200) {
        tag = answer.headers.get("ETag");
        show(await answer.json());
      } else if (answer.status !== 304) {
        const body = await answer.json().catch(() => ({}));
        show(null, body.error ?? `The server answered ${answer.status}.`);
      }
      say("ok", "Live");
    } catch (problem) {
      if (!(problem instanceof TypeError)) console.error(problem);
      say("lost", "Connection lost, trying again");
    }
    setTimeout(round, document.hidden ? interval * 5 : interval);
  };
  round();
}
