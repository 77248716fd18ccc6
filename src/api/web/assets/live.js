// Pages are whole without this. With it they stay up to date, and the keyboard finds its way.
"use strict";

const main = document.querySelector("main");
const state = document.getElementById("live");
const keys = document.getElementById("keys");

// What somebody is doing on the page is never taken from under their hands.
const busy = () =>
  document.activeElement?.matches("input, select, textarea") ||
  main.querySelector("input:checked:not([data-own]), details[data-own][open]") ||
  [...main.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue) ||
  keys?.open;

let stale = false;
let fetching = false;

async function renew() {
  if (fetching || busy() || document.hidden || !main.hasAttribute("data-live")) { stale = true; return; }
  stale = false;
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Live": "1" }, redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (!fresh || busy()) { stale = true; return; }
    const at = main.querySelector(".at")?.dataset.key;
    const focus = document.activeElement?.id;
    // What an action came to is read until the next page.
    const told = main.querySelectorAll(":scope > div.told");
    main.replaceChildren(...told, ...document.adoptNode(fresh).childNodes);
    main.dataset.live = fresh.dataset.live;
    if (at) mark(rows().find((row) => row.dataset.key === at));
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    prepare();
  } catch {
    stale = true;
  } finally {
    fetching = false;
  }
}

let source = null;

// A browser has six lines to us for all of its windows, and one that nobody sees needs none. What it missed is told when it listens
// again.
function listen() {
  if (source || document.hidden || !main.hasAttribute("data-live")) return;
  const mine = new EventSource(`/live?from=${main.dataset.live}`);
  source = mine;
  mine.addEventListener("changed", renew);
  mine.addEventListener("bye", hush);
  mine.addEventListener("open", () => show(true));
  mine.addEventListener("error", () => { if (mine.readyState === EventSource.CLOSED) hush(); else show(false); });
}

function hush() {
  source?.close();
  source = null;
  show(false);
}

function show(on) {
  if (!state) return;
  state.hidden = false;
  state.classList.toggle("off", !on);
  state.textContent = on ? "live" : "not live";
}

const rows = () => [...main.querySelectorAll("[data-row]")];

function mark(row, scroll) {
  rows().forEach((other) => other.classList.toggle("at", other === row));
  if (row && scroll) {
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("a")?.focus({ preventScroll: true });
  }
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("at"));
  mark(all[Math.min(Math.max(at + by, 0), all.length - 1)], true);
}

// On a list it acknowledges the row that is marked, on a case the case.
function acknowledge() {
  const row = main.querySelector(".at");
  const box = row?.querySelector("input[type=checkbox][name=case]");
  const button = main.querySelector("button[data-acknowledge]");
  if (!button) return;
  if (box) {
    main.querySelectorAll("input[name=case]").forEach((other) => { other.checked = other === box; });
  } else if (rows().length && button.form?.querySelector("input[name=case][type=checkbox]")) {
    return;
  }
  button.form.requestSubmit(button);
}

const does = {
  j: () => step(1),
  k: () => step(-1),
  Enter: () => main.querySelector(".at a")?.click(),
  x: () => main.querySelector(".at input[type=checkbox]")?.click(),
  a: acknowledge,
  "/": () => main.querySelector("input[type=search]")?.focus(),
  "?": () => keys?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keys?.open) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  if (event.key === "Enter" && event.target.matches("a, button, summary, input")) return;
  const act = does[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// What only makes sense with a script.
function prepare() {
  document.querySelectorAll("[data-scripted]").forEach((element) => { element.hidden = false; });
  main.querySelector("input[data-all]")?.addEventListener("change", (event) => {
    main.querySelectorAll("input[name=case]").forEach((box) => { box.checked = event.target.checked; });
  });
}

document.getElementById("keys-open")?.addEventListener("click", () => keys.showModal());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { if (source) hush(); return; }
  listen();
  if (stale) renew();
});
document.addEventListener("focusout", () => { if (stale) setTimeout(renew, 300); });
prepare();
listen();
