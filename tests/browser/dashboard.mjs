// The dashboard in a real browser: node dashboard.mjs, with one JSON object on standard input that says where it is, who may
// sign in, and what there is to be found. Says what it did a line each, and ends with status 1 at the first that is wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { DESK, PHONE, launched, looksWell } from "./looks.mjs";
import { printsWell } from "./paper.mjs";

const world = JSON.parse(readFileSync(0, "utf8"));
const PATIENCE = 15_000;
const HOSTILE = "\"><img src=x onerror=window.hostile=1>";

const browser = await launched();
const troubles = [];

// A window of nobody's. Whatever goes wrong in it is kept, but for pages whose status is no success on purpose.
async function opened(options = {}, refusals = []) {
  const context = await browser.newContext({ viewport: DESK, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const isMeant = (message) => refusals.some((status) => message.text().includes(`status of ${status}`));
  page.on("console", (message) => { if (message.type() === "error" && !isMeant(message)) troubles.push(`${page.url()}: ${message.text()}`); });
  page.on("pageerror", (error) => troubles.push(`${page.url()}: ${error}`));
  page.on("dialog", (dialog) => { troubles.push(`${page.url()}: a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== world.url && url.protocol !== "data:") troubles.push(`${page.url()}: asks ${url}`);
  });
  return page;
}

// One of somebody who is signed in already.
async function person(who, options, refusals) {
  const page = await opened(options, refusals);
  await page.context().addCookies([{ name: "namewarden", value: who.cookie, url: world.url }]);
  await page.goto(`${world.url}/findings`);
  return page;
}

async function fillsIn(page, name, password) {
  await page.fill("input[name=name]", name);
  await page.fill("input[name=password]", password);
  await page.click("main button[type=submit]");
}

// As people do, and with a slip before.
async function signsIn(page, who, look) {
  await page.goto(`${world.url}/findings?tier=page`);
  assert.match(page.url(), /\/login/, "a stranger is led to where one signs in");
  await look("sign-in");
  await fillsIn(page, HOSTILE, "wrong");
  assert.match(await text(page, "[role=alert]"), /is wrong/);
  await look("sign-in-wrong");
  await fillsIn(page, who.name, who.password);
  await page.waitForURL(`${world.url}/findings?tier=page`);
  assert.match(await text(page, ".who"), new RegExp(who.name));
}

async function signsOut(page) {
  await page.click(".who button[type=submit]");
  await page.waitForURL(`${world.url}/login`);
  await page.goto(`${world.url}/findings`);
  assert.match(page.url(), /\/login/, "whoever signed out is out");
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
  const one = await opened(how, [401]);
  await signsIn(one, world.responder, async (name) => { if (scripted) await looksWell(one, name); });
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
  await signsOut(one);
  await one.context().close();
  await two.context().close();
  console.log(`${scripted ? "with" : "without"} a script: signed in and out, ${find} acknowledged, ${claim} approved, seen in the other window`);
}

// Somebody with a link from a mail and no account.
async function answers(scripted, link) {
  // The last page is none any more, on purpose.
  const page = await opened({ viewport: PHONE, javaScriptEnabled: scripted }, [410]);
  await page.goto(`${world.url}${link}`);
  await page.click("form[action$='/snooze'] button");
  await page.waitForSelector("#said");
  assert.match(await text(page, ".stand"), /is snoozed until/);
  if (scripted) await looksWell(page, "answered");
  await page.goto(`${world.url}${link}`);
  assert.match(await text(page, ".stand"), /nobody is reminded until/);
  await page.fill("#reason", "a fork of ours");
  await page.click("form[action$='/harmless'] button");
  await page.waitForSelector("#said");
  assert.match(await text(page, ".stand"), /closed as harmless/);
  const gone = await page.goto(`${world.url}${link}`);
  assert.equal(gone.status(), 410);
  assert.match(await text(page, ".stand"), /already/);
  if (scripted) await looksWell(page, "answer-over");
  await page.context().close();
  console.log(`${scripted ? "with" : "without"} a script: snoozed, and declared harmless, by a link`);
}

// Several cases at once: a tick each, or with a script one for all of the page.
async function acknowledgesSeveral(scripted, { search, names }) {
  const page = await person(world.responder, { javaScriptEnabled: scripted });
  const at = (state) => `${world.url}/findings?state=${state}&search=${search}`;
  await page.goto(at("open"));
  assert.equal(await page.locator(".rows li").count(), names.length, `open cases like ${search}`);
  if (scripted) await page.check("input[data-all]");
  else for (const name of names) await page.check(`.rows li:has(.name bdi:text-is("${name}")) input[name=case]`);
  await page.fill("input[name=note]", "all of one hand");
  await page.click("button[data-acknowledge]");
  await page.waitForSelector(".told");
  assert.equal((await page.locator(".told").innerText()).match(/is now acknowledged/g).length, names.length);
  await page.goto(at("acknowledged"));
  const seen = await page.locator(".rows a.name").allInnerTexts();
  for (const name of names) assert.ok(seen.some((one) => one.startsWith(name)), `${name} is acknowledged`);
  await page.context().close();
  console.log(`${scripted ? "with" : "without"} a script: ${names.join(" and ")} acknowledged at once`);
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

async function looks() {
  const page = await person(world.approver);
  for (const [name, at] of Object.entries(world.pages)) {
    await page.goto(world.url + at);
    await looksWell(page, name);
  }
  await page.context().close();
  console.log(`${Object.keys(world.pages).length} pages are clean by axe, and as wide as their window, at both sizes, light and dark`);
}

// What whoever is not in is shown.
async function doors() {
  const page = await opened({}, [401, 403]);
  const pages = { "sign-in-once": "/login/once?code=used", "signed-out": "/login?out=true", "answer-forged": "/answer/forged" };
  for (const [name, at] of Object.entries(pages)) {
    await page.goto(world.url + at);
    await looksWell(page, name);
  }
  await page.goto(world.url + pages["sign-in-once"]);
  await page.click("main button[type=submit]");
  assert.match(await text(page, "[role=alert]"), /has been used/);
  await looksWell(page, "sign-in-once-over");
  await page.context().close();
  console.log("so are those of whoever is not in");
}

// Pages that a form leads to, and nothing is done by them.
async function previews() {
  const page = await person(world.approver);
  await page.goto(`${world.url}/claims`);
  // Those that were approved, and one that was not.
  for (const box of await page.locator("input[name=name]").all()) await box.check();
  await page.click("button[value=preview]");
  assert.match(await text(page, "#apply"), /^2 names would be published/);
  assert.equal(await page.locator("form[action='/claims/apply'] button").count(), 1, "and that is asked first");
  await looksWell(page, "publish");
  for (const [name, form, proposed, says] of [
    ["preview-names", "names", "acme-new\ntorchtritom\n", /A reload would put it in force/],
    ["preview-long", "names", Array.from({ length: 3000 }, (_, n) => `acme-part-${n}`).join("\n"), /A reload would put it in force/],
    ["preview-refused", "whole", `[owners."${HOSTILE.replaceAll("\"", "'")}"]\nnames = ["<b>", "${"x".repeat(300)}"]\n`, /It cannot be used/],
  ]) {
    await page.goto(`${world.url}/inventory/preview`);
    // At once: a browser on a busy machine takes long to lay out what is typed into a field line by line.
    await page.locator("#text").evaluate((field, text) => { field.value = text; }, proposed);
    await page.check(`input[name=form][value=${form}]`);
    await page.click("main button[type=submit]");
    assert.match(await text(page, "#outcome"), says);
    if (name === "preview-long") {
      assert.equal(await page.inputValue("#text"), "");
      assert.match(await text(page, "main form"), /too long to stand here again/);
    }
    await looksWell(page, name);
  }
  await page.context().close();
  console.log("so are previews of a change and of what would be published");
}

// What is not there, and what is not allowed.
async function refusals() {
  const page = await person(world.approver, {}, [403, 404]);
  const missing = await page.goto(`${world.url}/findings/${encodeURIComponent(HOSTILE)}`);
  assert.equal(missing.status(), 404);
  await looksWell(page, "not-found");
  await page.evaluate(() => { document.querySelector(".who input[name=csrf]").value = "of another page"; });
  const [refused] = await Promise.all([page.waitForResponse(`${world.url}/logout`), page.click(".who button[type=submit]")]);
  assert.equal(refused.status(), 403);
  await page.waitForSelector("#problem");
  await looksWell(page, "forbidden");
  await page.context().close();
  console.log("so are pages that say why not");
}

// As a file that somebody took along: it has no page of ours around it.
async function paper() {
  const reader = await person(world.approver);
  const report = await reader.request.get(`${world.url}/reports/file?form=html`);
  assert.equal(report.status(), 200);
  const page = await opened();
  await printsWell(page, await report.text());
  await page.context().close();
  await reader.context().close();
}

try {
  await flows(true, world.find[0], world.claim[0]);
  await flows(false, world.find[1], world.claim[1]);
  await answers(true, world.links.scripted);
  await answers(false, world.links.plain);
  await acknowledgesSeveral(true, world.several.scripted);
  await acknowledgesSeveral(false, world.several.plain);
  await keyboard();
  await looks();
  await doors();
  await previews();
  await refusals();
  await paper();
  await manyWindows();
  await endsAtLogout();
  assert.deepEqual(troubles, [], "the browser complained");
} finally {
  await browser.close();
}
