// SPDX-License-Identifier: Apache-2.0
// Operators at the admin pages: from the console's secret to a pass that resets a password; and what
// must not work. admin.mjs URL PASSWORD CHROMIUM [PICTURES]; invitations are in INVITATIONS.
import assert from "node:assert/strict";
import {accessible, browser, codeIn, messages, messageTo, pagesSeen, portal, totp, url, visitor}
  from "./stage.mjs";

const admin = `${url}/admin`;
const invitations = JSON.parse(process.env.INVITATIONS);
const OPERATOR_PASSWORD = "granite window orbit violin";
const NEW_PASSWORD = "copper meadow engine willow";
const status = (page) => page.locator("[role=status]").innerText();
const alert = (page) => page.locator("[role=alert]").innerText();
const secrets = {};
let codeOfOlga = "";

async function see(page, path, label) {
  await page.goto(`${admin}${path}`);
  await accessible(page, label);
}

// Opens the user's page by searching for the name.
async function open(page, name) {
  await page.goto(`${admin}/users`);
  await page.fill("#q", name);
  await page.click("form[role=search] button");
  await page.click(`tbody a >> text=${name}`);
}

async function enrol(name, invitation, look = false) {
  const page = await visitor();
  await page.goto(admin);
  assert.ok(page.url().endsWith("/admin/sign-in"), "nothing without a session");
  if (look) await accessible(page, "admin-sign-in");
  await page.click("a[href$='/invitation']");
  await page.fill("#name", name);
  await page.fill("#code", invitation);
  if (look) await accessible(page, "admin-invitation");
  await page.click("form[action$='/invitation'] button");
  secrets[name] = (await page.locator(".key").innerText()).trim();
  if (look) await accessible(page, "admin-enrol");
  await page.goto(`${admin}/users`);
  assert.ok(page.url().endsWith("/enrol"), "an invitation alone opens nothing else");
  const code = totp(secrets[name]);
  if (name === "olga") codeOfOlga = code;
  await page.fill("#p1", OPERATOR_PASSWORD);
  await page.fill("#p2", OPERATOR_PASSWORD);
  await page.fill("#code", code);
  await page.click("form[action$='/enrol'] button");
  assert.match(await status(page), /account is ready/);
  if (look) await accessible(page, "admin-overview");
  return page;
}

async function firstAdministrator() {
  const page = await enrol("olga", invitations.olga, true);
  const cookies = await page.context().cookies();
  const session = cookies.find((one) => one.name === "__Host-sspr-admin");
  assert.ok(session.secure && session.httpOnly && session.sameSite === "Strict");

  const again = await visitor();
  await again.goto(`${admin}/invitation`);
  await again.fill("#name", "olga");
  await again.fill("#code", invitations.olga);
  await again.click("form[action$='/invitation'] button");
  assert.match(await alert(again), /not right, or the invitation is spent/);
  await again.goto(`${admin}/sign-in`);
  await again.fill("#name", "olga");
  await again.fill("#password", OPERATOR_PASSWORD);
  await again.fill("#code", codeOfOlga);
  await again.click("form[action$='/sign-in'] button");
  assert.match(await alert(again), /is not right/, "a code works once, also after the enrolment");
  await accessible(again, "admin-sign-in-wrong");
  await again.context().close();
  return page;
}

// Without script: the wait for a fresh step is not needed, since one step ahead is right too.
async function signsInWithoutScript() {
  const page = await visitor({javaScriptEnabled: false});
  await page.goto(`${admin}/sign-in`);
  await page.fill("#name", "olga");
  await page.fill("#password", OPERATOR_PASSWORD);
  await page.fill("#code", totp(secrets.olga, Date.now() + 30_000));
  await page.click("form[action$='/sign-in'] button");
  assert.equal(await page.locator("h1").innerText(), "Overview");
  await open(page, "erin@example.org");
  await page.click("button[value=unlock]");
  assert.match(await status(page), /forgotten/);
  await page.click("form[action$='/sign-out'] button");
  assert.ok(page.url().endsWith("/sign-in"));
  await page.goto(`${admin}/users`);
  assert.ok(page.url().endsWith("/sign-in"), "the session is over");
  await page.context().close();
}

async function invites(olga, name, role) {
  await olga.goto(`${admin}/operators`);
  await olga.fill("#name", name);
  await olga.selectOption("#role", role);
  await olga.click("button[value=add]");
  if (role === "admin") return "";
  const invitation = (await olga.locator(".once").innerText()).trim();
  if (name === "hal") await accessible(olga, "admin-invited");
  return invitation;
}

async function helpDesk(hal) {
  await see(hal, "/users", "admin-users");
  assert.ok(await hal.locator("text=Next page").isVisible());
  await hal.click("text=Next page");
  assert.ok(await hal.locator("text=First page").isVisible());
  await open(hal, "carol@example.org");
  assert.equal(await hal.locator("#address, #groups, button[value=disable]").count(), 0);
  const text = await hal.locator("main").innerText();
  assert.ok(!text.includes("carol@mail.example.net"), "addresses are masked");
  await accessible(hal, "admin-user-help-desk");

  let from = messages.length;
  await hal.click("button[value=begin_proof]");
  const mail = await messageTo("carol@mail.example.net", from);
  assert.equal(mail.subject, "The help desk asks whether it is you");
  await hal.fill("#oob", codeIn(mail) === "000000" ? "111111" : "000000");
  await hal.click("button[value=check_proof]");
  assert.match(await alert(hal), /not right/);
  await hal.fill("#oob", codeIn(mail));
  await hal.click("button[value=check_proof]");
  assert.match(await status(hal), /code is right/);
  await accessible(hal, "admin-user-proved");
  from = messages.length;
  await hal.click("button[value=issue_pass]");
  const pass = (await hal.locator(".once").innerText()).trim();
  assert.match(pass, /^[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]$/);
  await accessible(hal, "admin-pass");
  await messageTo("carol@mail.example.net", from, (one) => /temporary pass/.test(one.subject));
  await hal.click("text=I have passed it on");
  assert.ok(!(await hal.content()).includes(pass), "shown once");

  const carol = await visitor();
  await carol.goto(`${portal}/reset`);
  await carol.fill("#username", "carol@example.org");
  await carol.click("button.stretch");
  await carol.click("button[name=method]:has-text('help desk')");
  await carol.fill("#code", pass);
  await carol.click("button.stretch");
  await carol.fill("#new_password", NEW_PASSWORD);
  await carol.fill("#again", NEW_PASSWORD);
  await carol.click("button.stretch");
  assert.equal(await carol.locator("h1").innerText(), "Your new password is set");
  await carol.context().close();
}

async function fourEyes(hal, olga) {
  await open(hal, "dave@example.org");
  await hal.fill("#note", "called back on the known number");
  await hal.click("button[value=issue_pass]");
  assert.match(await status(hal), /Another administrator has to approve/);
  assert.equal(await hal.locator("button[value=approve], button[value=carry_out]").count(), 0);
  await see(olga, "/requests", "admin-requests");
  await olga.click("li:has-text('dave@example.org') button[value=approve]");
  assert.match(await status(olga), /approved/);
  assert.equal(await olga.locator("li:has-text('dave@example.org') button").count(), 0);
  await hal.goto(`${admin}/requests`);
  await hal.click("button[value=carry_out]");
  assert.ok(await hal.locator(".once").isVisible());
  await hal.goto(`${admin}/requests`);
  assert.equal(await hal.locator("button[value=carry_out]").count(), 0, "once");
}

// The form token of a page that the operator sees.
const tokenOf = (page) => page.locator("input[name=form_token]").first().inputValue();

async function post(page, path, form, headers = {}) {
  const answer = await page.context().request.post(`${admin}${path}`, {
    form, headers: {"Sec-Fetch-Site": "same-origin", "Origin": new URL(url).origin, ...headers},
    maxRedirects: 0, ignoreHTTPSErrors: true});
  return answer.status();
}

async function auditor(anna) {
  for (const [path, label] of [["", "overview"], ["/policy", "policy"], ["/banned", "banned"],
                               ["/clients", "clients"], ["/operators", "operators"],
                               ["/campaign", "campaign"], ["/devices", "devices"], ["/audit", "audit"], ["/policy-history", "policy-history"]]) {
    await see(anna, path, `auditor-${label}`);
    const forms = await anna.locator("main form:not([method=get])").count();
    assert.equal(forms, 0, `${path || "/"} offers an auditor nothing to change`);
  }
  await open(anna, "erin@example.org");
  assert.equal(await anna.locator("main form:not([method=get])").count(), 0);
  const user = new URL(anna.url()).pathname.split("/admin")[1];
  const form_token = await tokenOf(anna);
  for (const [path, form] of [[user, {do: "unlock"}], [user, {do: "disable"}],
                              [user, {do: "issue_pass", note: "seen"}],
                              [user, {do: "add_email", address: "x@example.net"}],
                              [user, {do: "groups", groups: "admins"}]]) {
    const said = await post(anna, path, {form_token, ...form});
    assert.equal(said, 422, `${form.do} by an auditor`);
  }
  for (const [path, form] of [["/policy/required_gates", {do: "set", value: "2"}],
                              ["/banned", {do: "add", words: "contoso"}],
                              ["/clients", {do: "remove", client: "sspr-login"}],
                              ["/operators", {do: "remove", account: "olga"}]]) {
    assert.equal(await post(anna, path, {form_token, ...form}), 403, `${path} by an auditor`);
  }
  await anna.reload();
  assert.ok((await anna.locator("main").innerText()).includes("Enabled") ||
            !(await anna.locator("main").innerText()).includes("Disabled"));
}

async function foreignForms(olga) {
  await open(olga, "erin@example.org");
  const user = new URL(olga.url()).pathname.split("/admin")[1];
  const form_token = await tokenOf(olga);
  const form = {form_token, do: "disable"};
  assert.equal(await post(olga, user, {do: "disable"}), 403, "no token");
  assert.equal(await post(olga, user, {...form, form_token: "0".repeat(64)}), 403);
  assert.equal(await post(olga, user, form, {"Origin": "https://evil.example"}), 403);
  assert.equal(await post(olga, user, form, {"Sec-Fetch-Site": "cross-site"}), 403);
  await olga.reload();
  assert.ok(await olga.locator("button[value=disable]").isVisible(), "nothing was done");
  assert.equal(await post(olga, user, {form_token, do: "become_root"}), 400);
}

async function markupIsInert(olga) {
  await open(olga, "mallory@example.org");
  assert.ok((await olga.locator("main").innerText()).includes("<img src=x onerror=window.xss=1>"));
  await olga.goto(`${admin}/users?q=${encodeURIComponent("<script>window.xss=1</script>")}`);
  await olga.goto(`${admin}/users?q=mallory&after=${encodeURIComponent("\"><img src=x onerror=window.xss=1>")}`);
  await olga.goto(`${admin}/campaign`);
  await olga.goto(`${admin}/users?done=${encodeURIComponent("<b>x</b>")}`);
  assert.equal(await olga.locator("[role=status]").count(), 0);
  assert.equal(await olga.evaluate(() => globalThis.xss), undefined);
}

async function administrator(olga) {
  await open(olga, "erin@example.org");
  await accessible(olga, "admin-user");
  await olga.fill("#address", "not an address@");
  await olga.evaluate(() => { document.querySelector("#address").type = "text"; });
  await olga.click("button[value=add_email]");
  assert.match(await alert(olga), /no mail address/);
  await accessible(olga, "admin-user-refused");
  await olga.fill("#number", "+49 170 1234567");
  const from = messages.length;
  await olga.click("button[value=add_phone]");
  assert.match(await status(olga), /told at every address/);
  await messageTo("erin@mail.example.net", from);
  await olga.selectOption("#level", "high");
  await olga.fill("#detail", "seen elsewhere");
  await olga.click("form:has(#level) button");
  assert.ok((await olga.locator("main").innerText()).includes("Risk: High"));
  await olga.click("button[value=disable]");
  assert.ok((await olga.locator("main").innerText()).includes("Disabled"));
  await olga.click("button[value=enable]");

  await see(olga, "/policy", "admin-policy");
  await olga.click("a >> text=required_gates");
  await accessible(olga, "admin-policy-key");
  await olga.fill("#value", "9");
  await olga.click("button[value=try]");
  assert.match(await alert(olga), /refused/);
  await olga.fill("#value", "2");
  await olga.click("button[value=try]");
  assert.ok((await olga.locator(".notice.bad").innerText()).includes("carol@example.org"));
  await accessible(olga, "admin-policy-change");
  await olga.click("button[value=set]");
  assert.match(await status(olga), /setting is changed/);
  await see(olga, "/policy-history", "admin-policy-history");
  assert.ok((await olga.locator("main").innerText()).includes("required_gates"));

  await olga.goto(`${admin}/banned`);
  await olga.fill("#words", "contoso\nbridgeway");
  await olga.click("button[value=add]");
  await accessible(olga, "admin-banned");
  await olga.click("button[aria-label='Remove: contoso']");
  assert.ok(!(await olga.locator("main").innerText()).includes("contoso"));
  await see(olga, "/clients", "admin-clients");
  await olga.fill("#client", "kiosk");
  await olga.click("button[value=put]");
  assert.ok((await olga.locator("main").innerText()).includes("kiosk"));

  await see(olga, "/campaign", "admin-campaign");
  const csv = await olga.context().request.get(`${admin}/campaign.csv`, {ignoreHTTPSErrors: true});
  assert.match(csv.headers()["content-disposition"], /attachment/);
  const text = await csv.text();
  assert.ok(text.includes("\"'=HYPERLINK(0)\""), "no cell is a formula");
  assert.ok(text.includes("person44@example.org"), "all of it, not a page");
  await olga.goto(`${admin}/audit`);
  await olga.fill("#operator", "hal");
  await olga.fill("#event", "admin.pass.*");
  await olga.click("form[role=search] button");
  const found = await olga.locator("tbody").innerText();
  assert.ok(found.includes("carol@example.org") && found.includes("called back on the known number"), found);
  await accessible(olga, "admin-audit");
  const lines = await (await olga.context().request.get(
    new URL(await olga.getAttribute("a[download]", "href"), url).href, {ignoreHTTPSErrors: true})).text();
  assert.ok(lines.includes("admin.pass.issue") && !lines.includes("operator.sign_in"));
  await olga.fill("#since", "yesterday");
  await olga.click("form[role=search] button");
  assert.match(await alert(olga), /refused/);
  await see(olga, "", "admin-overview-later");
  const figures = await olga.locator(".chart:has-text('Passwords reset') .total").first().innerText();
  assert.ok(Number(figures) >= 0);
  await see(olga, "/devices", "admin-devices-none");
  await olga.fill("#uses", "3");
  await olga.click("button[value=token]");
  assert.ok((await olga.locator(".once").innerText()).length > 20);
  await olga.click("text=I have passed it on");
  assert.ok((await olga.locator("main").innerText()).includes("uses left: 3"));
  await accessible(olga, "admin-devices");
  await olga.click("button[value=remove_token]");
  assert.match(await status(olga), /removed/);
  await see(olga, "/operators", "admin-operators");
  await olga.click("button[aria-label='Disable: anna']");
}

async function otherLanguages(olga) {
  for (const language of ["de", "ar"]) {
    await olga.goto(`${admin}/users`);
    await olga.click(`button[value=${language}]`);
    assert.ok(olga.url().endsWith("/admin/users"));
    await accessible(olga, `admin-users-${language}`);
    for (const path of ["", "/policy", "/campaign", "/operators", "/requests", "/banned", "/clients"]) {
      await olga.goto(`${admin}${path}`);
      const text = await olga.locator("body").innerText();
      assert.ok(!/\[[a-z_]+\.[a-z_]+\]|\{\{/.test(text), `a text is missing in ${language}: ${path}`);
    }
  }
  await open(olga, "erin@example.org");
  await accessible(olga, "admin-user-ar");
}

try {
  const olga = await firstAdministrator();
  await enrol("otto", invitations.otto);
  const hal = await enrol("hal", await invites(olga, "hal", "helpdesk"));
  const anna = await enrol("anna", await invites(olga, "anna", "auditor"));
  await invites(olga, "eve", "admin");
  assert.match(await status(olga), /Another administrator has to approve/);
  await signsInWithoutScript();
  await helpDesk(hal);
  await fourEyes(hal, olga);
  await auditor(anna);
  await foreignForms(olga);
  await markupIsInert(olga);
  await administrator(olga);
  await anna.goto(`${admin}/users`);
  assert.ok(anna.url().endsWith("/sign-in"), "who is disabled is out at once");
  await otherLanguages(olga);
  console.log(`axe found nothing on ${pagesSeen()} pages`);
} finally {
  await browser.close();
}
process.exit(0);
