// SPDX-License-Identifier: Apache-2.0
// Microsoft's own client, unmodified, where a password is not enough: a second proof at sign-in and
// behind a reset, a method that is registered on the way in, a refresh, and a user at risk. run.py
// starts the service, sets the stage and hands over each message as a line of standard input.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";

globalThis.window = globalThis;
globalThis.navigator ??= { onLine: true };
globalThis.crypto ??= (await import("node:crypto")).webcrypto;
const { CustomAuthPublicClientApplication } = await import("@azure/msal-browser/custom-auth");

const [authority, password] = process.argv.slice(2);
const newPassword = "plum+kettle & 9 geese=é";

const messages = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function nextCode(to) {
  for (;;) {
    const { value, done } = await messages.next();
    assert.ok(!done, "a message was expected");
    const message = JSON.parse(value);
    const code = /\b\d{8}\b/.exec(message.text);
    if (!code) continue; // a notice of a changed password
    assert.ok(JSON.stringify(message.to).includes(to), `${value} is for ${to}`);
    return code[0];
  }
}

function newClient(capabilities = ["mfa_required", "registration_required"]) {
  return CustomAuthPublicClientApplication.create({
    auth: { clientId: "msal-conformance", authority },
    customAuth: { challengeTypes: ["oob", "password", "redirect"], capabilities },
  });
}

function step(text) {
  console.log(`ok: ${text}`);
}

async function passSecondProof(result, to) {
  assert.ok(result.isMfaRequired(), JSON.stringify(result.error));
  const methods = result.state.getAuthMethods();
  assert.equal(methods.length, 1, JSON.stringify(methods));
  const challenge = await result.state.requestChallenge(methods[0].id);
  assert.ok(challenge.isVerificationRequired(), JSON.stringify(challenge.error));
  const code = await nextCode(to);
  assert.equal(challenge.state.getCodeLength(), code.length);
  const wrong = await challenge.state.submitChallenge((code[0] === "9" ? "0" : "9") + code.slice(1));
  assert.ok(wrong.isFailed() && wrong.error.isIncorrectChallenge(), JSON.stringify(wrong.error));
  const right = await challenge.state.submitChallenge(code);
  assert.ok(right.isCompleted(), JSON.stringify(right.error));
  return right.data;
}

async function signInWithSecondProof() {
  const client = await newClient();
  const first = await client.signIn({ username: "alice@example.org", password });
  const account = await passSecondProof(first, "alice@example.org");
  assert.equal(account.getAccount().username, "alice@example.org");
  step("a second proof is asked for, a wrong code is told as such, the right one signs in");

  const before = await account.getAccessToken({});
  const refreshed = await account.getAccessToken({ forceRefresh: true });
  assert.ok(refreshed.isCompleted(), JSON.stringify(refreshed.error));
  assert.notEqual(refreshed.data.accessToken, before.data.accessToken);
  const again = await account.getAccessToken({ forceRefresh: true });
  assert.ok(again.isCompleted(), JSON.stringify(again.error));
  step("the refresh token is redeemed, and the one that follows it");

  const cannot = await (await newClient([])).signIn({ username: "alice@example.org", password });
  assert.ok(cannot.isFailed() && cannot.error.isRedirectRequired(), JSON.stringify(cannot.error));
  step("a client that cannot ask for a second proof is sent to a browser");
}

async function resetThenSecondProof() {
  const client = await newClient();
  const started = await client.resetPassword({ username: "bob@example.org" });
  assert.ok(started.isCodeRequired(), JSON.stringify(started.error));
  const proven = await started.state.submitCode(await nextCode("bob@example.org"));
  assert.ok(proven.isPasswordRequired(), JSON.stringify(proven.error));
  const completed = await proven.state.submitNewPassword(newPassword);
  assert.ok(completed.isCompleted(), JSON.stringify(completed.error));
  await passSecondProof(await completed.state.signIn({}), "+49301234567");
  step("behind a reset by e-mail the second proof is another one: the phone");
}

async function registerOnTheWayIn() {
  const client = await newClient();
  const first = await client.signIn({ username: "carol@example.org", password });
  assert.ok(first.isAuthMethodRegistrationRequired(), JSON.stringify(first.error));
  const methods = first.state.getAuthMethods();
  const email = methods.find((method) => method.challenge_channel === "email");
  assert.ok(email, JSON.stringify(methods));
  const bad = await first.state.challengeAuthMethod({ authMethodType: email, verificationContact: "no address" });
  assert.ok(bad.isFailed() && bad.error.isInvalidInput(), JSON.stringify(bad.error));
  const challenge = await first.state.challengeAuthMethod({
    authMethodType: email, verificationContact: "carol@example.org" });
  assert.ok(challenge.isVerificationRequired(), JSON.stringify(challenge.error));
  const done = await challenge.state.submitChallenge(await nextCode("carol@example.org"));
  assert.ok(done.isCompleted(), JSON.stringify(done.error));
  step("who has no method registers one and is signed in");
}

async function userAtRisk() {
  const refused = await (await newClient()).signIn({ username: "dave@example.org", password });
  assert.ok(refused.isFailed() && refused.error.isPasswordResetRequired(), JSON.stringify(refused.error));
  step("a user at risk is told to reset first");
}

await signInWithSecondProof();
await resetThenSecondProof();
await registerOnTheWayIn();
await userAtRisk();
process.exit(0);
