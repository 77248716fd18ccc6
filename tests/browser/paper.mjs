// A report on paper: printed as whoever prints it from a browser has it, and read back out of the PDF.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";

import { isLegible, shot, tooWide } from "./looks.mjs";

// Pixels between the margins of A4, which the report's own style sets.
const WIDTH = Math.floor(((210 - 2 * 14) / 25.4) * 96);
// How often the report's own rows are repeated: a table has to be longer than a page.
const TIMES = 12;

const bare = (text) => text.normalize("NFKC").replaceAll(/\s/g, "");

// The objects of a file as Chromium writes it: each by its number, with the text of its stream (PDF 1.4, sections 3.4.1 and 3.3.1).
function objects(pdf) {
  const all = new Map();
  for (const [, number, text] of pdf.toString("latin1").matchAll(/(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj/gs)) {
    const [head, body] = text.split(/>>\s*stream\r?\n/);
    const stream = body && head.includes("/FlateDecode") ? inflateSync(Buffer.from(body, "latin1")).toString("latin1") : "";
    all.set(number, { head, stream });
  }
  return all;
}

// Which letters the codes of a font are (PDF 1.4, section 5.9.2).
function letters(map) {
  const known = new Map();
  const text = (hex) => String.fromCharCode(...hex.match(/.{4}/g).map((unit) => parseInt(unit, 16)));
  for (const [, block] of map.matchAll(/beginbfchar(.*?)endbfchar/gs)) {
    for (const [, code, to] of block.matchAll(/<(\w+)> <(\w+)>/g)) known.set(parseInt(code, 16), text(to));
  }
  for (const [, block] of map.matchAll(/beginbfrange(.*?)endbfrange/gs)) {
    for (const [, from, until, to] of block.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
      for (let code = parseInt(from, 16); code <= parseInt(until, 16); code += 1) {
        known.set(code, String.fromCharCode(parseInt(to, 16) + code - parseInt(from, 16)));
      }
    }
  }
  return known;
}

// The text of each page without its spaces, in the order in which it was drawn.
export function pagesOf(pdf) {
  const all = objects(pdf);
  const at = (head, key) => all.get(head.match(new RegExp(`/${key} (\\d+) 0 R`))?.[1]);
  const fonts = new Map();
  const font = (number) => {
    if (!fonts.has(number)) fonts.set(number, letters(at(all.get(number).head, "ToUnicode").stream));
    return fonts.get(number);
  };
  const pages = [...all.values()].filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head));
  return pages.map(({ head }) => {
    const named = new Map([...head.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, number]) => [name, number]));
    let of, said = "";
    for (const [, name, hex] of at(head, "Contents").stream.matchAll(/\/(F\d+) [\d.]+ Tf|<(\w+)> Tj/g)) {
      if (name) of = font(named.get(name));
      else said += hex.match(/.{4}/g).map((code) => of.get(parseInt(code, 16)) ?? "\ufffd").join("");
    }
    return bare(said);
  });
}

// Each table with its head and its rows, as a reader has them; far more rows than there are, as of a company that has more names.
const lengthened = (page) => page.evaluate((times) => {
  const text = (row) => [...row.cells].map((cell) => cell.innerText).join("");
  return [...document.querySelectorAll("table.rows")].map((table) => {
    const rows = [...table.tBodies[0].rows];
    for (let more = 1; more < times; more += 1) table.tBodies[0].append(...rows.map((row) => row.cloneNode(true)));
    return { head: text(table.tHead.rows[0]), rows: rows.map(text) };
  });
}, TIMES);

// Black on white whatever the screen has, nothing beyond the margin, no page empty, no row lost or cut in two, and each page of a table
// says what its columns are.
export async function printsWell(page, html) {
  await page.setViewportSize({ width: WIDTH, height: 1000 });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  if (shot("")) writeFileSync(shot("report.html"), html);
  await page.setContent(html);
  const title = bare(await page.locator("h1").innerText());
  await isLegible(page, "the report on paper");
  const tables = await lengthened(page);
  assert.ok(tables.length > 1 && tables.every(({ rows }) => rows.length > 0), "tables to be printed");
  assert.deepEqual(await tooWide(page), [], "the report is wider than its paper");
  const grounds = await page.evaluate(() => [".ground", ".sheet"].map((of) => getComputedStyle(document.querySelector(of)).backgroundColor));
  assert.deepEqual(grounds, ["rgb(255, 255, 255)", "rgb(255, 255, 255)"], "paper is white");
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  if (shot("")) writeFileSync(shot("report.pdf"), pdf);
  if (shot("")) await page.screenshot({ path: shot("report-paper.png"), fullPage: true });
  const pages = pagesOf(pdf);
  assert.ok(pages.length > 2 && pages[0].includes(title), `it begins on the first of ${pages.length} pages`);
  assert.deepEqual(pages.filter((text) => text.length < 40), [], "no page is empty");
  for (const { head, rows } of tables) {
    for (const row of new Set(rows)) {
      const on = pages.map((text) => [text, text.split(bare(row)).length - 1]).filter(([, seen]) => seen > 0);
      const seen = on.reduce((all, [, seen]) => all + seen, 0);
      assert.ok(seen >= TIMES, `${TIMES - seen} of ${TIMES} are lost, or cut in two: ${row}`);
      assert.ok(on.every(([text]) => text.includes(bare(head))), `without its head: ${row}`);
    }
  }
  const rows = tables.reduce((all, { rows }) => all + rows.length * TIMES, 0);
  console.log(`${tables.length} tables of ${rows} rows on ${pages.length} sheets of paper`);
}
