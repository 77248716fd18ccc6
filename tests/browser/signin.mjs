// People sign in at a real OpenID Connect provider, npm's, in a real browser: node signin.mjs. Says where the provider is, in a line,
// waits for a JSON object on standard input that says where the dashboard is, and ends with status 1 at the first that is wrong.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { launched, looksWell } from "./looks.mjs";

const require = createRequire(path.join(process.env.NAMEWARDEN_TEST_BROWSER, "package.json"));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(issuer);
const lines = createInterface({ input: process.stdin });
const world = JSON.parse(await new Promise((resolve) => lines.once("line", resolve)));

// Whoever comes is who they say, and has the address of that name. As the standard has it, an ID token says no more than who: the
// rest is to be asked for.
const provider = new Provider(issuer, {
  clients: [{
    client_id: world.client,
    client_secret: world.secret,
    redirect_uris: [`${world.url}/login/oidc/back`],
    post_logout_redirect_uris: [`${world.url}/login`],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["of-this-test"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: id !== "eve" }),
  }),
  pkce: { required: () => true },
});
server.on("request", provider.callback());

const browser = await launched();

// A window of its own, which reaches nothing but the two.
async function visitor(options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  await context.route("**", (route) => [issuer, world.url].includes(new URL(route.request().url()).origin) ? route.continue() : route.abort());
  return context.newPage();
}

async function leave(page) {
  await page.goto(`${world.url}/findings`);
  await page.getByText(`Sign in with ${world.name}`).click();
  assert.equal(new URL(page.url()).origin, issuer, "the button leads to the provider");
}

async function signIn(page, login) {
  await leave(page);
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", "whatever");
  await page.click("button[type=submit]");
  await page.click("button[type=submit]");
  await page.waitForURL(`${world.url}/**`);
}

// The page that leads on to the provider stays, to be looked at: it is the button that leads there then.
async function staysAtLogout(page) {
  await page.route(`${world.url}/logout`, async (route) => {
    // What a browser says of itself is no part of a request that is held up.
    const said = { ...(await route.request().allHeaders()), "sec-fetch-site": "same-origin" };
    const response = await route.fetch({ headers: said });
    const headers = response.headers();
    assert.match(headers.refresh, /^0;url=http/, "it leads on by itself");
    delete headers.refresh;
    await route.fulfill({ response, headers });
  });
  await page.click("text=Sign out");
  await looksWell(page, "signed-out-of-provider");
  await page.click(`text=Sign out of ${world.name}`);
}

const alert = (page) => page.locator("[role=alert]").innerText();

for (const javaScriptEnabled of [true, false]) {
  const page = await visitor({ javaScriptEnabled });
  await signIn(page, "ada");
  assert.equal(page.url(), `${world.url}/findings`, "where she was going");
  assert.match(await page.locator(".who").innerText(), /ada@acme\.example/);
  if (javaScriptEnabled) await staysAtLogout(page);
  else await page.click("text=Sign out");
  await page.waitForURL(`${issuer}/**`);
  const out = new URL(page.url());
  assert.equal(out.searchParams.get("post_logout_redirect_uri"), `${world.url}/login`);
  await page.click("text=Yes, sign me out");
  await page.waitForURL(`${world.url}/login`);
  await page.goto(`${world.url}/findings`);
  assert.match(page.url(), /\/login/, "she is out");
  await leave(page);
  assert.ok(await page.locator("input[name=login]").isVisible(), "at the provider, too, which asks again who she is");
  console.log(`signed in and out, at the provider too, with scripts: ${javaScriptEnabled}`);
}

for (const [login, says] of [["mallory", /namewarden user add mallory@acme\.example/], ["eve", /not verified your mail address/]]) {
  const page = await visitor();
  await signIn(page, login);
  assert.match(await alert(page), says);
  console.log(`refused ${login}`);
}

const page = await visitor();
await leave(page);
await page.click("text=Cancel");
await page.waitForURL(`${world.url}/**`);
assert.match(await alert(page), /you declined/);
console.log("refused who declined");

await browser.close();
server.closeAllConnections();
server.close();
lines.close();
