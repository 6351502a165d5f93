// SPDX-License-Identifier: Apache-2.0
// See pages_test.py. The login screen is played here, by requests; the phone is Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as cryptography from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const { SSPR_URL: base, SSPR_LINK: link, SSPR_MAIL: mail, SSPR_CHROMIUM: executablePath } = process.env;
const { SSPR_CONTROL: control, SSPR_CONFIG: config, SSPR_SHOTS: shots, SSPR_FOLDER: folder, SSPR_PASSWORD: password } = process.env;
const ALICE = "alice@example.org";
const client_id = "sspr-login";

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const ssprctl = (...words) => execFileSync(control, ["--config", config, ...words], { encoding: "utf8" });

// Looks at the page as somebody who does not see it, and keeps a picture where one is wanted.
async function shoot(page, name) {
  await page.evaluate(axe);
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    // Colours that still change are neither scheme's.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((one) => one.finished)));
    if (shots) await page.screenshot({ path: `${shots}/${name}-${colorScheme}.png`, fullPage: true });
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map((one) =>
      `${name}, ${colorScheme}: ${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`), []);
  }
}

async function post(path, form) {
  const reply = await fetch(base + path, { method: "POST", body: new URLSearchParams({ client_id, ...form }) });
  return { status: reply.status, body: await reply.json() };
}
async function start() {
  const { status, body } = await post("/resetpassword/v1.0/start", {
    username: ALICE, challenge_type: "oob totp redirect",
    capabilities: "reset_introspect reset_mfa_required reset_final_submit push handoff",
  });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
async function challenge(token, methods, channel) {
  const method = methods.find((one) => one.challenge_channel === channel);
  assert.ok(method, `${channel} is offered: ${JSON.stringify(methods)}`);
  const { status, body } = await post("/resetpassword/v1.0/challenge", { continuation_token: token, id: method.id });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
const poll = (token, grant_type = "oob") =>
  post("/resetpassword/v1.0/continue", { continuation_token: token, grant_type });
async function pollUntil(token, done, grant_type) {
  for (let i = 0; i < 40; ++i) {
    const answer = await poll(token, grant_type);
    if (!["authorization_pending", "slow_down"].includes(answer.body.error)) {
      assert.ok(done(answer), JSON.stringify(answer));
      return answer.body;
    }
    await pause(1000);
  }
  throw new Error("the phone's answer never came");
}
async function codeIn(text) {
  for (let i = 0; i < 200; ++i) {
    if (existsSync(mail)) {
      const found = /^\s*([0-9]{6})\s*$/m.exec(readFileSync(mail, "utf8"));
      if (found) return found[1];
    }
    await pause(50);
  }
  throw new Error(`no mail with a code: ${text}`);
}

const browser = await chromium.launch({
  executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", "--ignore-certificate-errors"],
});
const context = await browser.newContext({
  ignoreHTTPSErrors: true, locale: "en-US", viewport: { width: 390, height: 844 },
});
const faults = [];
context.on("page", (page) => {
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${error}`));
  page.on("console", (message) => { if (/Content Security Policy/.test(message.text())) faults.push(message.text()); });
});

async function enrolPhone() {
  const phone = await context.newPage();
  await phone.goto(link);
  await shoot(phone, "enrol");
  await phone.getByLabel("Name of this phone").fill("Alice's phone");
  await phone.getByRole("button", { name: "Register this phone" }).click();
  await phone.getByText("Nothing waits for").waitFor();
  assert.equal(new URL(phone.url()).hash, "", "the code is gone from the address");
  assert.match(ssprctl("methods", "list", ALICE), /Alice's phone/);
  await shoot(phone, "home");
  return phone;
}

// The key that signs cannot be read out by any script of the page.
async function keyStaysInside(phone) {
  const extractable = await phone.evaluate(() => new Promise((resolve, reject) => {
    const open = indexedDB.open("sspr-approve", 1);
    open.onsuccess = () => {
      const request = open.result.transaction("phone").objectStore("phone").getAll();
      request.onsuccess = () => resolve(request.result[0].key.extractable);
      request.onerror = reject;
    };
  }));
  assert.equal(extractable, false);
}

async function approve(phone) {
  const begun = await start();
  const asked = await challenge(begun.continuation_token, begun.methods, "push");
  assert.match(asked.display_code, /^[0-9]{2}$/);
  assert.equal(asked.binding_method, "none");
  assert.equal((await poll(asked.continuation_token)).body.error, "authorization_pending");
  await phone.getByText("Somebody is resetting YOUR password").waitFor();
  await shoot(phone, "asks");
  await phone.getByLabel(/Number on the login screen/).fill(asked.display_code);
  await phone.getByRole("button", { name: "Approve" }).click();
  await phone.getByText("Approved. Go on at the login screen.").waitFor();
  const second = await pollUntil(asked.continuation_token, ({ body }) => body.suberror === "reset_mfa_required");
  assert.ok(second.methods.every((one) => !["push", "authenticator"].includes(one.challenge_channel)),
            "another class of method is due");
}

// A phone as a browser is, played here: its key, its subscription, and the push service that holds it.
async function webPush() {
  const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
  const { privateKey, publicKey } = cryptography.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const point = b64(Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]));
  const sign = (...lines) =>
    b64(cryptography.sign("sha256", Buffer.from(lines.join("\n")), { key: privateKey, dsaEncoding: "ieee-p1363" }));
  const send = async (path, body) => {
    const reply = await fetch(`${base}/portal/approve/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return { status: reply.status, body: await reply.json() };
  };
  const { link: offered } = JSON.parse(ssprctl("--json", "methods", "offer-phone", ALICE));
  const code = offered.split("#enrol=")[1];
  const enrolled = await send("enrol", {
    code, name: "Second phone", public_key: point, signature: sign("sspr-approval-enrol v1", base, code, point),
  });
  assert.equal(enrolled.status, 200, JSON.stringify(enrolled.body));
  const device = enrolled.body.device;

  const receiver = cryptography.createECDH("prime256v1");
  const p256dh = b64(receiver.generateKeys());
  const auth = b64(cryptography.randomBytes(16));
  let arrived;
  const message = new Promise((resolve) => { arrived = resolve; });
  const pushService = https.createServer({ key: readFileSync(`${folder}/server.key`), cert: readFileSync(`${folder}/server.pem`) },
    (request, reply) => {
      const pieces = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => {
        reply.writeHead(201).end();
        arrived({ headers: request.headers, url: request.url, body: Buffer.concat(pieces) });
      });
    });
  await new Promise((resolve) => { pushService.listen(0, "127.0.0.1", resolve); });
  const origin = `https://localhost:${pushService.address().port}`;
  const subscribe = async (endpoint) => {
    const at = Math.floor(Date.now() / 1000);
    return send("subscribe", { device, at, endpoint, p256dh, auth,
      signature: sign("sspr-approval-push v1", base, device, at, endpoint, p256dh, auth) });
  };
  assert.equal((await subscribe("https://169.254.169.254/latest")).status, 400, "no host of the list");
  assert.equal((await subscribe("http://localhost/x")).status, 400, "no https");
  assert.equal((await subscribe(`${origin}/push/abc`)).status, 200);

  const begun = await start();
  const asked = await challenge(begun.continuation_token, begun.methods, "push");
  const { headers, url, body } = await message;
  pushService.close();
  assert.equal(url, "/push/abc");
  assert.equal(headers["content-encoding"], "aes128gcm");
  assert.equal(headers.ttl, "120");
  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization);
  const [head, claims, signature] = token.split(".");
  const k = Buffer.from(key, "base64url");
  const vapid = cryptography.createPublicKey({ format: "jwk", key: {
    kty: "EC", crv: "P-256", x: b64(k.subarray(1, 33)), y: b64(k.subarray(33)) } });
  assert.ok(cryptography.verify("sha256", Buffer.from(`${head}.${claims}`), { key: vapid, dsaEncoding: "ieee-p1363" },
                                Buffer.from(signature, "base64url")));
  assert.equal(JSON.parse(Buffer.from(claims, "base64url")).aud, origin);
  // RFC 8291, by another library than the service's.
  const salt = body.subarray(0, 16);
  const sender = body.subarray(21, 86);
  const hkdf = (ikm, saltOf, info, size) => Buffer.from(cryptography.hkdfSync("sha256", ikm, saltOf, info, size));
  const ikm = hkdf(receiver.computeSecret(sender), Buffer.from(auth, "base64url"),
                   Buffer.concat([Buffer.from("WebPush: info\0"), Buffer.from(p256dh, "base64url"), sender]), 32);
  const cipher = cryptography.createDecipheriv("aes-128-gcm", hkdf(ikm, salt, "Content-Encoding: aes128gcm\0", 16),
                                               hkdf(ikm, salt, "Content-Encoding: nonce\0", 12));
  cipher.setAuthTag(body.subarray(-16));
  const plain = Buffer.concat([cipher.update(body.subarray(86, -16)), cipher.final()]);
  assert.equal(plain.toString(), '{"type":"approval"}\u0002', "no account, no number");

  const at = Math.floor(Date.now() / 1000);
  const list = await send("list", { device, at, signature: sign("sspr-approval-list v1", base, device, at) });
  const request = list.body.requests[0];
  const answer = { device, request: request.id, answer: "deny", number: "",
                   signature: sign("sspr-approval-answer v1", base, device, request.id, "deny", "") };
  assert.equal((await send("answer", answer)).body.outcome, "taken");
  assert.equal((await send("answer", answer)).body.outcome, "nothing_waits", "an answer is good once");
  assert.equal((await poll(asked.continuation_token)).body.suberror, "approval_denied");
}

// In the portal, by a virtual authenticator that verifies its person.
async function makePasskey() {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true } });
  await page.goto(`${base}/portal`);
  await page.getByLabel("User name").fill(ALICE);
  await page.getByLabel("Password", { exact: true }).fill(password);
  rmSync(mail, { force: true });
  await page.locator("main form button:not(.toggle)").first().click();
  // The account is opened at its full strength: one more proof.
  await page.getByRole("button", { name: /e-mail/i }).first().click();
  await page.locator("input.code").fill(await codeIn("sign-in"));
  await page.locator("main form button").first().click();
  await page.getByRole("heading", { name: /methods/i }).first().waitFor();
  assert.equal(await page.locator(`a[href$="/add/approval"]`).count(), 1);
  await page.locator(`a[href$="/add/approval"]`).click();
  await page.getByRole("button", { name: "Show the link for my phone" }).click();
  await page.getByText("The link works once").waitFor();
  await shoot(page, "add_phone");
  await page.goto(`${base}/portal/add/passkey`);
  await shoot(page, "add_passkey");
  await page.getByLabel("Name").fill("Key of the test");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.waitForURL(/\/methods$/);
  await page.getByText("Key of the test").waitFor();
  await shoot(page, "methods");
  return { page, devtools, authenticatorId };
}

async function handOff(page) {
  const begun = await start();
  const { body: offered } = await post("/resetpassword/v1.0/handoff", { continuation_token: begun.continuation_token });
  assert.match(offered.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  assert.equal(offered.verification_uri, `${base}/portal/go`);
  const grant = "urn:ietf:params:oauth:grant-type:device_code";
  assert.equal((await poll(offered.continuation_token, grant)).body.error, "authorization_pending");

  await page.goto(offered.verification_uri_complete);
  await page.waitForFunction(() => document.querySelector("#user_code").value !== "");
  assert.equal(new URL(page.url()).hash, "");
  await shoot(page, "go_code");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("somebody is trying to take over your account").waitFor();
  await shoot(page, "go_confirm");
  await page.getByRole("button", { name: "That is me: go on" }).click();
  await shoot(page, "go_method");
  rmSync(mail, { force: true });
  await page.getByRole("button", { name: /A code by e-mail/ }).click();
  await page.getByLabel("Code").fill(await codeIn("first gate"));
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("Proof 2 of 2").waitFor();
  assert.equal((await poll(offered.continuation_token, grant)).body.error, "authorization_pending");
  await page.getByRole("button", { name: "Your passkey" }).click();
  await shoot(page, "go_passkey");
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await page.getByText("You are done here").waitFor();
  await shoot(page, "go_done");
  const proved = await pollUntil(offered.continuation_token, ({ status }) => status === 200, grant);
  assert.ok(proved.policy.min_length >= 8, "the password is set at the login screen");
}

async function refuseHandOff() {
  const begun = await start();
  const { body: offered } = await post("/resetpassword/v1.0/handoff", { continuation_token: begun.continuation_token });
  const page = await context.newPage();
  await page.goto(offered.verification_uri);
  await page.getByLabel("Code", { exact: true }).fill(offered.user_code.toLowerCase().replace("-", " "));
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("button", { name: "That is not me" }).click();
  await page.getByText("The reset was stopped").waitFor();
  await page.close();
  const { body } = await poll(offered.continuation_token, "urn:ietf:params:oauth:grant-type:device_code");
  assert.equal(body.suberror, "approval_reported");
}

async function report(phone) {
  const begun = await start();
  const asked = await challenge(begun.continuation_token, begun.methods, "push");
  await phone.getByText("Somebody is resetting YOUR password").waitFor();
  await phone.getByRole("button", { name: "This was not me: report it" }).click();
  await phone.getByText("Reported. Resets of your account are stopped").waitFor();
  const body = await pollUntil(asked.continuation_token, ({ body: answer }) => answer.error === "access_denied");
  assert.equal(body.suberror, "approval_reported");
  assert.match(ssprctl("users", "allow-resets", ALICE), /may reset again/);
}

try {
  const phone = await enrolPhone();
  await keyStaysInside(phone);
  await approve(phone);
  await webPush();
  const { page } = await makePasskey();
  await handOff(page);
  await refuseHandOff();
  await report(phone);
  assert.deepEqual(faults, []);
  console.log("the pages of phones: all done");
} finally {
  await browser.close();
}
