// The dashboard in a real browser: node dashboard.mjs, with one JSON object on standard input that says where it is, who may
// sign in, and what there is to be found. Says what it did a line each, and ends with status 1 at the first that is wrong.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const home = process.env.NAMEWARDEN_TEST_BROWSER;
const require = createRequire(path.join(home, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const world = JSON.parse(readFileSync(0, "utf8"));
const shots = process.env.NAMEWARDEN_TEST_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

const PATIENCE = 15_000;
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

const browser = await chromium.launch({
  executablePath: process.env.NAMEWARDEN_TEST_CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
const troubles = [];

// A window of somebody who has signed in. Whatever goes wrong in it is kept.
async function person(who, options = {}) {
  const context = await browser.newContext({ viewport: DESK, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error") troubles.push(`${page.url()}: ${message.text()}`); });
  page.on("pageerror", (error) => troubles.push(`${page.url()}: ${error}`));
  page.on("dialog", (dialog) => { troubles.push(`${page.url()}: a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== world.url && url.protocol !== "data:") troubles.push(`${page.url()}: asks ${url}`);
  });
  await signIn(page, who);
  return page;
}

async function signIn(page, who) {
  if (who.cookie) {
    await page.context().addCookies([{ name: "namewarden", value: who.cookie, url: world.url }]);
    await page.goto(`${world.url}/findings`);
    return;
  }
  await page.goto(`${world.url}/findings`);
  assert.match(page.url(), /\/login/, "a stranger is led to where one signs in");
  await page.fill("input[name=name]", who.name);
  await page.fill("input[name=password]", who.password);
  await page.click("main button[type=submit]");
  await page.waitForURL(`${world.url}/findings`);
}

const text = (page, selector) => page.locator(selector).first().innerText();

async function findAndAcknowledge(page, name) {
  await page.goto(`${world.url}/findings`);
  await page.fill("#search", name);
  await page.selectOption("#state", "all");
  await page.click(".filter button");
  await page.click(`.rows a.name:has-text("${name}")`);
  assert.equal(await text(page, "h1 code"), name);
  await page.fill("#note", "looking at it");
  await page.click("button[value=acknowledge]");
  await page.waitForSelector(".told");
  assert.match(await text(page, ".told"), /is now acknowledged/);
  assert.match(await text(page, ".stand"), /acknowledged/);
}

async function approve(page, name) {
  await page.goto(`${world.url}/claims`);
  await page.check(`input[name=name][value="${name}"]`);
  await page.click("button[value=approve]");
  await page.waitForSelector(".told");
  assert.match(await text(page, ".told"), /is now approved/);
}

async function flows(scripted, find, claim) {
  const how = { javaScriptEnabled: scripted };
  const one = await person(world.responder, how);
  const two = await person(world.approver, how);
  await two.goto(`${world.url}/findings?state=all&search=${find}`);
  assert.doesNotMatch(await text(two, ".rows"), /acknowledged/);
  await findAndAcknowledge(one, find);
  if (!scripted) await two.reload();
  await two.waitForSelector(`.rows >> text=acknowledged`);
  await one.goto(`${world.url}/claims`);
  assert.equal(await one.locator("input[name=name]").count(), 0, "a responder approves nothing");
  await approve(two, claim);
  if (!scripted) await one.reload();
  await one.waitForSelector(`[data-key^="${claim}"] >> text=approved by`);
  await one.context().close();
  await two.context().close();
  console.log(`${scripted ? "with" : "without"} a script: ${find} acknowledged, ${claim} approved, seen in the other window`);
}

// Somebody with a link from a mail and no account.
async function answers(scripted, link) {
  const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled: scripted });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  // The last page is none any more, on purpose.
  const wrong = (message) => message.type() === "error" && !message.text().includes("410");
  page.on("console", (message) => { if (wrong(message)) troubles.push(`${page.url()}: ${message.text()}`); });
  await page.goto(`${world.url}${link}`);
  await page.click("form[action$='/snooze'] button");
  await page.waitForSelector("#said");
  assert.match(await text(page, ".stand"), /is snoozed until/);
  await page.goto(`${world.url}${link}`);
  assert.match(await text(page, ".stand"), /nobody is reminded until/);
  await page.fill("#reason", "a fork of ours");
  await page.click("form[action$='/harmless'] button");
  await page.waitForSelector("#said");
  assert.match(await text(page, ".stand"), /closed as harmless/);
  const gone = await page.goto(`${world.url}${link}`);
  assert.equal(gone.status(), 410);
  assert.match(await text(page, ".stand"), /already/);
  await context.close();
  console.log(`${scripted ? "with" : "without"} a script: snoozed, and declared harmless, by a link`);
}

async function keyboard() {
  const page = await person(world.responder);
  await page.goto(`${world.url}/findings`);
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const name = await text(page, ".rows li.at .name");
  assert.equal(name, await text(page, ".rows li .name"));
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1 code");
  assert.equal(await text(page, "h1 code"), name);
  await page.goBack();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.press("Escape");
  await page.goto(`${world.url}/findings?state=open`);
  await page.keyboard.press("j");
  const chosen = await text(page, ".rows li.at .name");
  await page.keyboard.press("a");
  await page.waitForSelector(".told >> text=is now acknowledged");
  await page.context().close();
  console.log(`by keys: ${chosen} acknowledged`);
}

// As when somebody turns to another window, or comes back to this one.
async function turns(page, hidden) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await page.waitForSelector(hidden ? "#live.off" : "#live:not(.off) >> text=live");
}

// A browser has six lines to one host.
async function manyWindows() {
  const first = await person(world.responder);
  for (let more = 0; more < 7; more += 1) {
    const page = await first.context().newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(world.url);
    await page.waitForSelector("#live:not(.off) >> text=live");
    await turns(page, true);
  }
  await first.goto(`${world.url}/findings`);
  await turns(first, true);
  await turns(first, false);
  await first.context().close();
  console.log("seven windows that nobody sees leave the eighth its line");
}

async function endsAtLogout() {
  const page = await person(world.responder);
  await page.waitForSelector("#live:not(.off) >> text=live");
  const other = await page.context().newPage();
  await other.goto(`${world.url}/rules`);
  await other.click(".who button[type=submit]");
  await page.waitForSelector("#live.off");
  await page.context().close();
  console.log("a stream ends when its session does");
}

// WCAG 2.2, 2.5.8: axe leaves its rule off unless it is asked for.
const ALL = { rules: { "target-size": { enabled: true } } };
// What the dark look may break, which has other colours and nothing else.
const OF_COLOURS = { runOnly: ["color-contrast", "link-in-text-block"] };

// What the dark look sets beside variables.
const setInTheDark = () => [...document.styleSheets]
  .flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule.media?.mediaText.includes("prefers-color-scheme"))
  .flatMap((rule) => [...rule.cssRules])
  .flatMap((rule) => [...rule.style])
  .filter((property) => !property.startsWith("--"));

// What axe finds, and what is wider than the window.
async function judged(page, name, rules) {
  const found = await page.evaluate((rules) => axe.run(document, { resultTypes: ["violations"], ...rules }), rules);
  const told = found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(" | ")}`);
  assert.deepEqual(told, [], `axe on ${name}`);
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > width + 1);
    return out.slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
  });
  assert.deepEqual(wide, [], `${name} is too wide`);
}

// One page in all its looks: it is opened once for each size, as a phone may hide what a desk shows, and its colours are then changed.
async function looksWell(page, name, at, size) {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(world.url + at);
  await page.evaluate(axe);
  assert.deepEqual(await page.evaluate(setInTheDark), [], `the dark look of ${name} (${at}) is more than colours`);
  for (const [colorScheme, rules] of [["light", ALL], ["dark", OF_COLOURS]]) {
    await page.emulateMedia({ colorScheme });
    await judged(page, `${name}, ${size}, ${colorScheme} (${at})`, rules);
    if (shots) await page.screenshot({ path: path.join(shots, `${name}-${size}-${colorScheme}.png`), fullPage: true });
  }
  assert.equal(await page.evaluate(() => window.hostile), undefined, `${at} ran what a stranger wrote`);
}

async function looks() {
  for (const [size, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
    const page = await person(world.approver, { viewport });
    for (const [name, at] of Object.entries(world.pages)) await looksWell(page, name, at, size);
    await page.context().close();
  }
  console.log(`${Object.keys(world.pages).length} pages are clean by axe, and as wide as their window, at both sizes, light and dark`);
}

try {
  await flows(true, world.find[0], world.claim[0]);
  await flows(false, world.find[1], world.claim[1]);
  await answers(true, world.links.scripted);
  await answers(false, world.links.plain);
  await keyboard();
  await looks();
  await manyWindows();
  await endsAtLogout();
  const real = troubles.filter((trouble) => !world.expected.some((known) => trouble.includes(known)));
  assert.deepEqual(real, [], "the browser complained");
} finally {
  await browser.close();
}
