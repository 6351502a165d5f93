// SPDX-License-Identifier: Apache-2.0
// People at the portal: registration, reset, unlock and removal as in life; and what must not work.
// portal.mjs URL PASSWORD CHROMIUM [PICTURES]; messages of the service come on standard input.
import assert from "node:assert/strict";
import http from "node:http";
import {accessible, browser, codeIn, messages, messageTo, pagesSeen, password, portal, signIn, totp, url,
        visitor} from "./stage.mjs";

const NEW_PASSWORD = "river stone lantern gravel";
const next = "button.stretch";
const heading = (page) => page.locator("h1").innerText();

async function headers() {
  const page = await visitor();
  const reply = await page.goto(portal);
  const got = reply.headers();
  const policy = got["content-security-policy"];
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'",
                      "base-uri 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), `${policy} lacks ${part}`);
  }
  assert.ok(!/unsafe|https?:|\*|data:/.test(policy), policy);
  assert.equal(got["cache-control"], "no-store");
  assert.equal(got["referrer-policy"], "no-referrer");
  assert.equal(got["x-content-type-options"], "nosniff");
  assert.equal(got["cross-origin-opener-policy"], "same-origin");
  assert.equal(got["cross-origin-resource-policy"], "same-origin");
  assert.equal(got["access-control-allow-origin"], undefined);
  for (const cookie of await page.context().cookies()) {
    assert.match(cookie.name, /^__Host-sspr-/);
    assert.ok(cookie.secure && cookie.httpOnly && cookie.sameSite === "Strict" && cookie.path === "/");
  }
  assert.ok(!/<(script|style)[^>]*>[^<]|\son\w+=|style=/.test(await page.content()), "nothing inline");
  const foreign = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL(url).origin)) foreign.push(request.url());
  });
  await page.reload();
  assert.deepEqual(foreign, [], "nothing from elsewhere");
  await accessible(page, "sign-in");
  await page.context().close();
}

async function languages() {
  for (const [locale, language, direction] of [["de-DE", "de", "ltr"], ["fr-FR", "fr", "ltr"],
                                               ["es-MX", "es", "ltr"], ["ar-EG", "ar", "rtl"],
                                               ["pl-PL", "en", "ltr"]]) {
    const page = await visitor({locale});
    await page.goto(portal);
    assert.equal(await page.getAttribute("html", "lang"), language);
    assert.equal(await page.getAttribute("html", "dir"), direction);
    if (language === "ar") {
      await accessible(page, "sign-in-ar");
      await page.goto(`${portal}/reset`);
      await accessible(page, "reset-ar");
      await page.click("button[value=de]");
      assert.equal(await page.getAttribute("html", "lang"), "de");
      assert.ok(page.url().endsWith("/portal/reset"), "the switch stays on the page");
      await page.goto(portal);
      assert.equal(await page.getAttribute("html", "lang"), "de", "and is remembered");
    }
    await page.context().close();
  }
}

// Who has nothing registers everything; what is new is proven first and told to all addresses.
async function registration() {
  const page = await visitor();
  await signIn(page, "bob", "wrong");
  assert.match(await page.locator("[role=alert]").innerText(), /do not belong together/);
  assert.equal(await page.inputValue("#username"), "bob@example.org");
  await accessible(page, "sign-in-wrong");
  const before = (await page.context().cookies()).map((one) => one.value);
  await signIn(page, "bob");
  assert.ok(page.url().endsWith("/methods"), page.url());
  const session = (await page.context().cookies()).find((one) => one.name === "__Host-sspr-portal");
  assert.ok(session && !before.includes(session.value), "a new token with the proof");
  await accessible(page, "methods-none");

  let from = messages.length;
  await page.goto(`${portal}/add/email`);
  await accessible(page, "add-email");
  await page.fill("#address", "bob@mail.example.net");
  await page.click(next);
  const mail = await messageTo("bob@mail.example.net", from);
  assert.equal(mail.subject, "Confirm your address");
  await accessible(page, "confirm");
  await page.fill("#code", codeIn(mail) === "000000" ? "111111" : "000000");
  await page.click(next);
  assert.match(await page.locator("[role=alert]").innerText(), /not right/);
  await page.goto(`${portal}/methods`);
  assert.ok(!(await page.content()).includes("bob@mail.example.net"), "nothing before the code");
  await page.goto(`${portal}/confirm`);
  from = messages.length;
  await page.fill("#code", codeIn(mail));
  await page.click(next);
  assert.match(await page.locator("[role=status]").innerText(), /only after a while/);
  await messageTo("bob@mail.example.net", from, (one) => /methods changed/.test(one.subject));
  assert.match(await page.locator("main").innerText(), /usable from/);
  const renewed = (await page.context().cookies()).find((one) => one.name === "__Host-sspr-portal");
  assert.notEqual(renewed.value, session.value, "each proof has a token of its own");

  await page.goto(`${portal}/add/app`);
  await accessible(page, "add-app");
  await page.click("form[action$='/add/app'] button");
  await page.click("summary");
  const secret = await page.locator(".key").innerText();
  assert.ok(await page.locator(".qr svg[role=img]").isVisible());
  await accessible(page, "confirm-app");
  await page.reload();
  assert.ok(!(await page.content()).includes(secret), "the secret is shown once");
  await accessible(page, "confirm-app-again");
  await page.fill("#code", totp(secret));
  await page.click(next);
  await page.locator("[role=status]").waitFor();

  await page.goto(`${portal}/add/questions`);
  await accessible(page, "add-questions");
  for (let i = 1; i <= 5; ++i) await page.fill(`#answer_${i}`, i === 5 ? "answer 4" : `answer ${i}`);
  await page.selectOption("#question_1", "own");
  await page.fill("#own_1", "<script>window.xss=1</script> & why?");
  await page.click(next);
  assert.match(await page.locator("[role=alert]").innerText(), /Answer 5 is the same/);
  for (let i = 1; i <= 5; ++i) await page.fill(`#answer_${i}`, `answer ${i}`);
  await page.click(next);
  await page.locator("[role=status]").waitFor();

  await page.goto(`${portal}/add/codes`);
  const used = await page.inputValue("form[action$='/add/codes'] [name=form_token]");
  await page.click("form[action$='/add/codes'] button");
  assert.equal(await page.locator("#codes li").count(), 10);
  await accessible(page, "recovery-codes");
  const code = await page.locator("#codes li").first().innerText();
  await page.click("a.button[href$='/methods/codes']");
  const again = await page.evaluate(async ([action, form_token]) => {
    const reply = await fetch(action, {method: "POST", body: new URLSearchParams({form_token})});
    return reply.status;
  }, [`${portal}/add/codes`, used]);
  assert.equal(again, 403, "the form that made the codes makes no others when it is sent again");

  await page.goto(`${portal}/methods`);
  await accessible(page, "methods");
  await page.click("form[action$='/test'] button[aria-label*='Authenticator']");
  await accessible(page, "test");
  // The step that registered it is used up; the next one is taken, ahead of its time.
  await page.fill("#code", totp(secret, Date.now() + 30_000));
  await page.click(next);
  assert.match(await page.locator("[role=status]").innerText(), /works/);
  await page.click("form[action$='/prefer'] button");
  assert.match(await page.locator("[role=status]").innerText(), /first/);
  await page.click("button[value=ar]");
  await accessible(page, "methods-ar");
  await page.click("button[value=en]");
  return {page, code};
}

async function foreignIds(page) {
  const alice = await visitor();
  await signIn(alice, "carol");
  await alice.context().close();
  for (const id of ["0".repeat(32), "questions%00", "../methods", "x"]) {
    const reply = await page.goto(`${portal}/remove/${id}`);
    assert.ok([404].includes(reply.status()) || page.url().endsWith("/methods"), id);
  }
  await page.goto(`${portal}/methods`);
  const status = await page.evaluate(async () => {
    const form = document.querySelector("form[action$='/test']");
    const body = new URLSearchParams({
      form_token: form.elements.form_token.value, method: "0".repeat(32)});
    const replies = [];
    for (const path of ["test", "remove", "prefer"]) {
      const reply = await fetch(form.action.replace(/test$/, path), {method: "POST", body});
      replies.push(reply.status);
    }
    return replies;
  });
  assert.deepEqual(status, [404, 404, 404]);
}

// Forms from another origin: a page there, and requests that say what a browser would.
async function foreignForms(page) {
  await page.goto(`${portal}/methods`);
  const token = await page.inputValue("form[action$='/sign-out'] [name=form_token]");
  const paths = ["sign-out", "still-right", "remove", "prefer", "test", "add/email", "add/codes",
                 "add/app", "add/questions", "confirm", "language", "reset", "proof/password"];
  const evil = http.createServer((request, reply) => {
    const path = request.url.slice(1);
    reply.setHeader("content-type", "text/html");
    reply.end(`<form method=post action="${portal}/${path}"><input name=form_token value=${token}>
      <input name=language value=de><input name=method value=questions></form>
      <script>document.forms[0].submit()</script>`);
  });
  await new Promise((resolve) => evil.listen(0, "127.0.0.1", resolve));
  for (const path of paths) {
    const tab = await page.context().newPage();
    const answer = tab.waitForResponse((one) => one.url() === `${portal}/${path}`);
    await tab.goto(`http://127.0.0.1:${evil.address().port}/${path}`).catch(() => {});
    assert.equal((await answer).status(), 403, path);
    await tab.close();
  }
  const framed = await page.context().newPage();
  await framed.setContent(`<iframe src="${portal}"></iframe>`);
  await framed.waitForTimeout(0);
  for (const frame of framed.frames().slice(1)) {
    assert.ok(!(await frame.content()).includes("username"), "no frame of ours");
  }
  await framed.close();
  evil.close();
  await page.goto(`${portal}/methods`);
  assert.equal(await page.locator("h1").innerText(), "Your sign-in and reset methods");
  assert.equal(await page.getAttribute("html", "lang"), "en");
}

async function removal(page) {
  const from = messages.length;
  await page.goto(`${portal}/methods`);
  await page.click("a.danger[aria-label*='bob@mail.example.net']");
  await accessible(page, "remove");
  await page.click("form[action$='/remove'] button");
  assert.match(await page.locator("[role=status]").innerText(), /removed/);
  await messageTo("bob@mail.example.net", from, (one) => /removed/.test(one.text));
  assert.ok(!(await page.locator("main").innerText()).includes("bob@mail.example.net"));
}

// From now on the password alone is not enough; a recovery code is used up.
async function secondProof(code) {
  const page = await visitor();
  await signIn(page, "bob");
  assert.ok(page.url().endsWith("/proof"), page.url());
  await accessible(page, "second-proof");
  await page.goto(`${portal}/methods`);
  assert.ok(!(await page.content()).includes("Your sign-in and reset methods"), "half signed in is not in");
  await signIn(page, "bob");
  await page.click("button[name=method]:has-text('Recovery code')");
  await page.fill("#code", code.toLowerCase());
  await page.click(next);
  assert.ok(page.url().endsWith("/methods"), page.url());
  assert.match(await page.locator("main").innerText(), /Codes left: 9/);
  await page.click("form[action$='/sign-out'] button");
  assert.match(await page.locator("[role=status]").innerText(), /signed out/);
  const reply = await page.goto(`${portal}/methods`);
  assert.equal(reply.status(), 401);
  await page.context().close();
}

// A whole reset with script switched off; then the same steps for a name that is nobody's.
async function resetWithoutScript() {
  const page = await visitor({javaScriptEnabled: false});
  await page.goto(`${portal}/reset`);
  await page.fill("#username", "carol@example.org");
  await page.click(next);
  let from = messages.length;
  await page.click("button[name=method]:has-text('e-mail')");
  const mail = await messageTo("carol@mail.example.net", from);
  assert.equal(await page.getAttribute("#code", "autocomplete"), "one-time-code");
  await page.fill("#code", codeIn(mail).replace(/./g, (digit) => String((Number(digit) + 1) % 10)));
  await page.click(next);
  assert.match(await page.locator("[role=alert]").innerText(), /Tries left: 4/);
  await page.fill("#code", codeIn(mail));
  await page.click(next);
  assert.equal(await heading(page), "Choose a new password");
  assert.equal(await page.getAttribute("#new_password", "autocomplete"), "new-password");
  for (const [first, again, says] of [["short", "short", /at least this many characters/],
                                      [NEW_PASSWORD, "another", /not the same/],
                                      ["passwordpasswordpassword", null, /many people use/]]) {
    await page.fill("#new_password", first);
    await page.fill("#again", again ?? first);
    await page.click(next);
    assert.match(await page.locator("[role=alert]").innerText(), says);
    assert.equal(await page.inputValue("#new_password"), "", "a password does not come back");
  }
  from = messages.length;
  await page.fill("#new_password", NEW_PASSWORD);
  await page.fill("#again", NEW_PASSWORD);
  await page.click(next);
  assert.equal(await heading(page), "Your new password is set");
  await messageTo("carol@mail.example.net", from, (one) => one.subject === "Your password was changed");

  const shape = async (name) => {
    await page.goto(`${portal}/reset`);
    await page.fill("#username", name);
    await page.click(next);
    const title = await heading(page);
    const byMail = page.locator("button[name=method]:has-text('e-mail')");
    if (await byMail.count() === 0) return null;
    await byMail.click();
    return [title, await heading(page), (await page.locator("main").innerText())
      .replace(/\*\*\*@\S+/, "ADDRESS")];
  };
  const known = await shape("erin@example.org");
  // Not each name that is nobody's is offered a code by e-mail, as not each person has one.
  let nobody = null;
  for (let i = 0; i < 20 && nobody === null; ++i) nobody = await shape(`nobody.${i}@example.org`);
  assert.deepEqual(nobody, known);
  await page.fill("#code", "12345678");
  await page.click(next);
  assert.match(await page.locator("[role=alert]").innerText(), /Tries left: 4/);
  await page.context().close();
}

// The new password ends the sessions that were there before it.
async function sessionsEnd() {
  const page = await visitor();
  await signIn(page, "carol", NEW_PASSWORD);
  assert.ok(page.url().endsWith("/proof"));
  const from = messages.length;
  await page.click("button[name=method]:has-text('e-mail')");
  await page.fill("#code", codeIn(await messageTo("carol@mail.example.net", from)));
  await page.click(next);
  assert.ok(page.url().endsWith("/methods"), page.url());
  await page.context().close();
}

// An administrator needs two proofs of different kinds.
async function twoGates() {
  const page = await visitor();
  await page.goto(`${portal}/reset`);
  await accessible(page, "reset");
  await page.fill("#username", "dave@example.org");
  await page.click(next);
  await accessible(page, "proof-method");
  let from = messages.length;
  await page.click("button[name=method]:has-text('e-mail')");
  await accessible(page, "proof-code");
  await page.fill("#code", codeIn(await messageTo("dave@mail.example.net", from)));
  await page.click(next);
  assert.match(await page.locator(".progress").innerText(), /Step 2 of 2/);
  assert.equal(await page.locator("button[name=method]:has-text('e-mail')").count(), 0);
  from = messages.length;
  await page.click("button[name=method]:has-text('text message')");
  await page.fill("#code", codeIn(await messageTo("+49301234567", from)));
  await page.click(next);
  await accessible(page, "proof-password");
  await page.click(".toggle");
  assert.equal(await page.getAttribute("#new_password", "type"), "text");
  await page.fill("#new_password", NEW_PASSWORD);
  await page.fill("#again", NEW_PASSWORD);
  await page.click(next);
  assert.equal(await heading(page), "Your new password is set");
  await accessible(page, "changed");
  await page.context().close();
}

async function unlock() {
  const page = await visitor();
  for (let i = 0; i < 10; ++i) await signIn(page, "erin", `wrong ${i}`);
  await signIn(page, "erin");
  assert.match(await page.locator("[role=alert]").innerText(), /Too many tries/);
  await page.click("a[href$='/unlock']");
  await accessible(page, "unlock");
  await page.fill("#username", "erin@example.org");
  await page.click(next);
  const from = messages.length;
  await page.click("button[name=method]:has-text('e-mail')");
  await page.fill("#code", codeIn(await messageTo("erin@mail.example.net", from)));
  await page.click(next);
  await accessible(page, "proof-unlock");
  await page.click("form[action$='/proof/unlock'] button");
  assert.equal(await heading(page), "Your account is unlocked");
  await signIn(page, "erin");
  assert.ok(page.url().endsWith("/proof"), page.url());
  await page.context().close();
}

// No mouse: Tab, text and Enter only, and the focus can be seen.
async function keyboard() {
  const page = await visitor();
  await page.goto(portal);
  await page.waitForFunction(() => document.activeElement.id === "username");
  await page.keyboard.type("frank@example.org");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/methods");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  for (let i = 0; i < 30; ++i) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => ({
      href: document.activeElement.getAttribute("href") ?? "",
      outline: getComputedStyle(document.activeElement).outlineStyle}));
    assert.notEqual(focus.outline, "none", "the focus is seen");
    if (focus.href.endsWith("/add/sms")) break;
    assert.ok(i < 29, "the link is reached");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL("**/add/sms");
  await page.waitForFunction(() => document.activeElement.id === "address");
  const from = messages.length;
  await page.keyboard.type("+49 (30) 765-4321");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/confirm");
  await page.waitForFunction(() => document.activeElement.id === "code");
  await page.keyboard.type(codeIn(await messageTo("+49307654321", from)));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/methods/added_cooling");
  assert.match(await page.locator("main").innerText(), /\+49307654321/);
  await page.context().close();
}

async function markupIsText() {
  const page = await visitor();
  await signIn(page, "mallory");
  assert.ok((await page.locator("main").innerText()).includes("<img src=x"));
  assert.equal(await page.locator("main img").count(), 0);
  await page.goto(`${portal}/add/email`);
  await page.fill("#address", `"><script>window.xss=1</script>@example.org`);
  await page.locator("form[action$='/add/email']").evaluate((form) => { form.noValidate = true; });
  await page.click(next);
  assert.match(await page.locator("[role=alert]").innerText(), /no e-mail address/);
  assert.equal(await page.evaluate(() => window.xss), undefined);
  await page.context().close();
}

async function play(name, work) {
  const begun = Date.now();
  const result = await work();
  console.log(`${name}: ${Date.now() - begun} ms`);
  return result;
}

try {
  await play("headers", headers);
  await play("languages", languages);
  const {page, code} = await play("registration", registration);
  await play("foreign ids", () => foreignIds(page));
  await play("foreign forms", () => foreignForms(page));
  await play("removal", () => removal(page));
  await page.context().close();
  await play("second proof", () => secondProof(code));
  await play("reset without script", resetWithoutScript);
  await play("sign-in with the new password", sessionsEnd);
  await play("two gates", twoGates);
  await play("unlock", unlock);
  await play("keyboard", keyboard);
  await play("markup", markupIsText);
  console.log(`axe found nothing on ${pagesSeen()} pages`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}
