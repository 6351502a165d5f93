// SPDX-License-Identifier: Apache-2.0
// The journeys in headless Chromium, from a page of another origin: every call is cross-origin and
// preflighted. in_chromium.mjs AUTHORITY PART PAGE_PORT FOLDER, where FOLDER has the certificate
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { chromium } from "playwright-core";
import { connectHost } from "./host.mjs";

const [authority, part, pagePort, folder] = process.argv.slice(2);
const bundle = "node_modules/@azure/msal-browser/lib/custom-auth-path/msal-custom-auth.js";
const files = {
  "/": ["text/html", "<!doctype html><html lang=en><title>client</title><script src=/msal.js></script></html>"],
  "/msal.js": ["text/javascript", await readFile(bundle)],
  "/journeys.mjs": ["text/javascript", await readFile("journeys.mjs")],
};

async function servePage(port) {
  const server = createServer(
    { cert: await readFile(`${folder}/server.pem`), key: await readFile(`${folder}/server.key`) },
    (request, response) => {
      const file = files[request.url];
      response.writeHead(file ? 200 : 404, { "Content-Type": file?.[0] ?? "text/plain" });
      response.end(file?.[1] ?? "");
    });
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  return `https://localhost:${server.address().port}/`;
}

const host = connectHost();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function openPage(url) {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  page.on("pageerror", (error) => console.log(`page: ${error}`));
  for (const name of ["nextCode", "control", "step"]) {
    await page.exposeFunction(`host_${name}`, (...words) => host[name](...words));
  }
  await page.goto(url);
  return page;
}

try {
  const page = await openPage(await servePage(Number(pagePort)));
  await page.evaluate(async ([where, which]) => {
    const { play } = await import("/journeys.mjs");
    await play(which, {
      authority: where, nextCode: window.host_nextCode, control: window.host_control, step: window.host_step,
      create: (config) => window.msalCustomAuth.CustomAuthPublicClientApplication.create(config) });
  }, [authority, part]);

  const foreign = await openPage(await servePage(0));
  const seen = await foreign.evaluate(async (where) => {
    const client = await window.msalCustomAuth.CustomAuthPublicClientApplication.create({
      auth: { clientId: "msal-conformance", authority: where },
      cache: { cacheLocation: "memoryStorage" },
      customAuth: { challengeTypes: ["oob", "password", "redirect"] } });
    const result = await client.resetPassword({ username: "alice@example.org" });
    return result.isFailed() ? String(result.error.errorData.error) : "let on";
  }, authority);
  if (!/fetch|network|http_request_failed/.test(seen)) throw new Error(`an origin that is not configured: ${seen}`);
  host.step("an origin that is not configured reads nothing");
} finally {
  await browser.close();
}
process.exit(0);
