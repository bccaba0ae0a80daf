// Keeps an open page up to date: when the daemon tells of a change, the page is fetched once more, and
// the parts that differ are put in place. What somebody is typing, has opened or scrolled stays.
"use strict";

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const lives = document.getElementById("live");
const shown = new Map();

// The page may live in another time than this browser: that of a simulator.
let skew = Date.now() - Date.parse(document.body.dataset.now);

const lies = (at) => {
  const seconds = Math.round((Date.now() - skew - at) / 1000);
  const unit = UNITS.find(([size, name]) => Math.abs(seconds) >= (name === "d" ? 2 * size : size));
  if (!unit) return "now";
  const text = `${Math.floor(Math.abs(seconds) / unit[0])} ${unit[1]}`;
  return seconds > 0 ? `${text} ago` : `in ${text}`;
};

const tellTimes = () => {
  for (const time of document.querySelectorAll("time[data-when]")) {
    const text = lies(Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
};

// Somebody has typed or chosen something here, or is about to.
const isInUse = (part) => {
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input, textarea")) return true;
  return [...part.querySelectorAll("input, textarea")].some((field) =>
    field.type === "radio" || field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue);
};

const place = (element) => {
  const focusable = "a, button, summary, input, textarea, [tabindex]";
  return { all: [...element.querySelectorAll(focusable)] };
};

const replace = (part, next) => {
  const open = new Set([...part.querySelectorAll("details[id][open]")].map((one) => one.id));
  const scrolled = [...part.querySelectorAll(".log, .code")].map((box) =>
    [box.scrollTop, box.scrollTop + box.clientHeight >= box.scrollHeight - 4, box.matches(".log")]);
  const focused = place(part).all.indexOf(document.activeElement);
  part.replaceChildren(...document.importNode(next, true).childNodes);
  for (const one of part.querySelectorAll("details[id]")) if (open.has(one.id)) one.open = true;
  [...part.querySelectorAll(".log, .code")].forEach((box, number) => {
    const [top, wasAtEnd, follows] = scrolled[number] ?? [0, true, true];
    box.scrollTop = wasAtEnd && follows ? box.scrollHeight : top;
  });
  if (focused >= 0) place(part).all[focused]?.focus({ preventScroll: true });
};

let isBusy = false;
let isStale = false;

const refresh = async () => {
  if (isBusy) { isStale = true; return; }
  isBusy = true;
  try {
    do {
      isStale = false;
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.redirected && new URL(answer.url).pathname === "/login") { location.reload(); return; }
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      skew = Date.now() - Date.parse(fresh.body.dataset.now);
      for (const part of document.querySelectorAll("[data-live]")) {
        const next = fresh.getElementById(part.id);
        if (!next || shown.get(part.id) === next.innerHTML || isInUse(part)) continue;
        shown.set(part.id, next.innerHTML);
        replace(part, next);
      }
      tellTimes();
    } while (isStale);
  } catch {
    // The daemon is away; the stream tells when it is back.
  } finally {
    isBusy = false;
  }
};

const follow = () => {
  const changes = new EventSource("/live");
  const stands = (isLive) => {
    lives.hidden = false;
    lives.textContent = isLive ? "live" : "not connected";
    lives.classList.toggle("is-lost", !isLive);
  };
  changes.addEventListener("open", () => stands(true));
  changes.addEventListener("error", () => stands(false));
  changes.addEventListener("change", refresh);
  addEventListener("pagehide", () => changes.close());
  addEventListener("pageshow", (shown) => { if (shown.persisted) location.reload(); });
};

for (const part of document.querySelectorAll("[data-live]")) shown.set(part.id, part.innerHTML);
for (const log of document.querySelectorAll(".log")) log.scrollTop = log.scrollHeight;
document.querySelector(".code .is-current")?.scrollIntoView({ block: "nearest" });
tellTimes();
setInterval(tellTimes, 5000);
if (lives) follow();
