// How a page looks to whoever opens it: what axe finds, how wide it is, in which colours, and that nothing in it runs. Where
// NAMEWARDEN_TEST_SHOTS names a directory, pictures are left there for people.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.NAMEWARDEN_TEST_BROWSER, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.NAMEWARDEN_TEST_SHOTS;
if (shots) mkdirSync(shots, { recursive: true });

export const DESK = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };
// WCAG 2.2, 2.5.8: axe leaves its rule off unless it is asked for.
const ALL = { rules: { "target-size": { enabled: true } } };
// What the dark look, or paper, may break, which has other colours and nothing else.
const OF_COLOURS = { runOnly: ["color-contrast", "link-in-text-block"] };

export const launched = () => chromium.launch({
  executablePath: process.env.NAMEWARDEN_TEST_CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});

// Where a picture goes, if one is wanted.
export const shot = (name) => shots && path.join(shots, name);

// What the dark look sets beside variables.
const setInTheDark = () => [...document.styleSheets]
  .flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule.media?.mediaText.includes("prefers-color-scheme"))
  .flatMap((rule) => [...rule.cssRules])
  .flatMap((rule) => [...rule.style])
  .filter((property) => !property.startsWith("--"));

const faults = async (page, rules) => {
  const found = await page.evaluate((rules) => axe.run(document, { resultTypes: ["violations"], ...rules }), rules);
  return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).slice(0, 3).join(" | ")}`);
};

// What goes beyond the window, to the right.
export const tooWide = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return out.slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
});

// Nothing but contrast, by whichever colours the page has now.
export async function isLegible(page, name) {
  await page.evaluate(axe);
  assert.deepEqual(await faults(page, OF_COLOURS), [], `axe on ${name}`);
}

// The page that is open, at a desk and on a phone, light and dark. Some pages can be opened only once, so all that changes is the window.
export async function looksWell(page, name) {
  await page.emulateMedia({ colorScheme: "light" });
  await page.evaluate(axe);
  assert.deepEqual(await page.evaluate(setInTheDark), [], `the dark look of ${name} is more than colours`);
  for (const [size, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    await page.setViewportSize(viewport);
    for (const [colorScheme, rules] of [["light", ALL], ["dark", OF_COLOURS]]) {
      await page.emulateMedia({ colorScheme });
      const look = `${name}-${size}-${colorScheme}`;
      assert.deepEqual(await faults(page, rules), [], `axe on ${look}`);
      assert.deepEqual(await tooWide(page), [], `${look} is too wide`);
      if (shots) await page.screenshot({ path: shot(`${look}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await page.evaluate(() => window.hostile), undefined, `${name} ran what a stranger wrote`);
}
