// SPDX-License-Identifier: Apache-2.0
// Microsoft's own client for browsers, unmodified, in plain Node: a reset with a wrong code, a code
// sent again, a weak password and a good one, and sign-ins behind it. run.py starts the service and
// hands over each delivered mail as a line of standard input.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

globalThis.window = globalThis;
globalThis.navigator ??= { onLine: true };
globalThis.crypto ??= (await import("node:crypto")).webcrypto; // Node 18, which Debian 12 has
const { CustomAuthPublicClientApplication } = await import("@azure/msal-browser/custom-auth");

const [authority, username, oldPassword] = process.argv.slice(2);
const newPassword = "plum+kettle & 9 geese=é";

const mails = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function nextMail() {
  const { value, done } = await mails.next();
  assert.ok(!done, "a mail was expected");
  return JSON.parse(value);
}
async function nextCode(length) {
  const code = new RegExp(`\\b\\d{${length}}\\b`).exec((await nextMail()).text);
  assert.ok(code, "the mail has a code");
  return code[0];
}
const otherCode = (code) => (code[0] === "9" ? "0" : "9") + code.slice(1);

// A client refuses to begin while an account is signed in, so each journey has its own.
function newClient(clientId = "msal-conformance") {
  return CustomAuthPublicClientApplication.create({
    auth: { clientId, authority },
    customAuth: { challengeTypes: ["oob", "password", "redirect"] },
  });
}

function step(text) {
  console.log(`ok: ${text}`);
}

async function resetThroughAllSteps() {
  const client = await newClient();
  const started = await client.resetPassword({ username });
  assert.ok(started.isCodeRequired(), JSON.stringify(started.error));
  const length = started.state.getCodeLength();
  assert.equal(length, 8);
  const first = await nextCode(length);
  step("start sends a code");

  const wrong = await started.state.submitCode(otherCode(first));
  assert.ok(wrong.isFailed() && wrong.error.isInvalidCode(), JSON.stringify(wrong.error));
  step("a wrong code is told as such");

  const resent = await started.state.resendCode();
  assert.ok(resent.isCodeRequired(), JSON.stringify(resent.error));
  const second = await nextCode(length);
  const voided = await resent.state.submitCode(first);
  assert.ok(voided.isFailed() && voided.error.isInvalidCode(), JSON.stringify(voided.error));
  step("a code that is sent again voids the one before");

  const proven = await resent.state.submitCode(second);
  assert.ok(proven.isPasswordRequired(), JSON.stringify(proven.error));
  step("the right code opens the next step");

  for (const weak of ["short", "x".repeat(257), "password1234567\u0007"]) {
    const refused = await proven.state.submitNewPassword(weak);
    assert.ok(refused.isFailed() && refused.error.isInvalidPassword(), JSON.stringify(refused.error));
  }
  step("passwords that break a rule are told as such");

  const completed = await proven.state.submitNewPassword(newPassword);
  assert.ok(completed.isCompleted(), JSON.stringify(completed.error));
  step("a good password completes the reset, polled to its end");

  const signedIn = await completed.state.signIn({});
  assert.ok(signedIn.isCompleted(), JSON.stringify(signedIn.error));
  const account = signedIn.data.getAccount();
  assert.equal(account.username, username);
  const claims = signedIn.data.getClaims();
  assert.equal(claims.iss, authority);
  assert.equal(claims.aud, "msal-conformance");
  assert.equal(account.homeAccountId, `${claims.oid}.${claims.tid}`);
  const token = await signedIn.data.getAccessToken({});
  assert.ok(token.isCompleted(), JSON.stringify(token.error));
  step("the finished reset signs in without a password");
}

async function signInWith(password) {
  const client = await newClient();
  return client.signIn({ username, password });
}

async function signInsAfterwards() {
  const good = await signInWith(newPassword);
  assert.ok(good.isCompleted(), JSON.stringify(good.error));
  step("the new password signs in");
  const old = await signInWith(oldPassword);
  assert.ok(old.isFailed() && old.error.isPasswordIncorrect(), JSON.stringify(old.error));
  step("the old password is refused");
}

async function unknownUsers() {
  const open = await (await newClient()).resetPassword({ username: "nobody@example.org" });
  assert.ok(open.isFailed() && open.error.isUserNotFound(), JSON.stringify(open.error));
  step("a client without concealment is told that a user is unknown");

  const hidden = await (await newClient("sspr-login")).resetPassword({ username: "nobody@example.org" });
  assert.ok(hidden.isCodeRequired(), JSON.stringify(hidden.error));
  const refused = await hidden.state.submitCode("1".repeat(hidden.state.getCodeLength()));
  assert.ok(refused.isFailed() && refused.error.isInvalidCode(), JSON.stringify(refused.error));
  step("any other client is not");

  const stranger = await (await newClient("stranger")).resetPassword({ username });
  assert.ok(stranger.isFailed(), "an unregistered client is refused");
  step("an unregistered client is refused");
}

await resetThroughAllSteps();
const notice = await nextMail();
assert.match(notice.subject, /changed/i);
step("the person is told by mail that the password was changed");
await signInsAfterwards();
await unknownUsers();
process.exit(0);
