// SPDX-License-Identifier: Apache-2.0
// What the journeys stand on: the browser, the mailbox, axe, an authenticator.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import readline from "node:readline";
import {createRequire} from "node:module";
import {chromium} from "playwright-core";

export const [url, password, chromiumPath, pictures] = process.argv.slice(2);
export const portal = `${url}/portal`;
const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"],
});

// Messages of the service, as they come.
export const messages = [];
const waiting = new Set();
readline.createInterface({input: process.stdin}).on("line", (line) => {
  messages.push(JSON.parse(line));
  for (const wake of waiting) wake();
});

// Waits for a message that matches, from the given place in the list on.
export async function messageTo(to, from, matches = () => true) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = messages.slice(from).find((one) => one.to === to && matches(one));
    if (found) return found;
    assert.ok(Date.now() < deadline, `no message to ${to}`);
    await new Promise((resolve) => {
      waiting.add(resolve);
      setTimeout(resolve, 1000).unref?.();
    });
  }
}
export const codeIn = (message) => message.text.match(/\b\d{6,8}\b/)[0];

export async function visitor(options = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, locale: "en-US", viewport: {width: 1280, height: 900}, ...options});
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(`a script failed: ${error}`));
  page.on("console", (line) => {
    if (line.type() === "error" && !/status of 4\d\d/.test(line.text())) {
      assert.fail(`console: ${line.text()}`);
    }
  });
  return page;
}

let seen = 0;
// axe finds nothing, in light and in dark.
export async function accessible(page, label) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
    await page.evaluate(axeSource);
    const {violations} = await page.evaluate(() => globalThis.axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}));
    assert.deepEqual(violations.map((one) => ({
      rule: one.id, where: one.nodes.map((node) => node.html + " " + node.failureSummary)})), [],
      `axe, ${label}, ${colorScheme}`);
    seen += 1;
  }
  await page.emulateMedia({colorScheme: "light"});
  await picture(page, label);
}
export const pagesSeen = () => seen;

export async function picture(page, label) {
  if (!pictures) return;
  for (const [name, width, scheme] of [["desktop", 1280, "light"], ["phone", 390, "light"],
                                        ["dark", 1280, "dark"], ["phone-dark", 390, "dark"]]) {
    await page.emulateMedia({colorScheme: scheme});
    await page.setViewportSize({width, height: 844});
    await page.screenshot({path: `${pictures}/${label}-${name}.png`, fullPage: true});
  }
  await page.setViewportSize({width: 1280, height: 900});
  await page.emulateMedia({colorScheme: "light"});
}

// RFC 6238 with SHA-1 and six digits.
export function totp(base32, at = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...base32].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = crypto.createHmac("sha1", key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

export async function signIn(page, name, secret = password) {
  await page.goto(portal);
  await page.fill("#username", `${name}@example.org`);
  await page.fill("#password", secret);
  await page.click("form[action$='/sign-in'] button:not([type])");
}
