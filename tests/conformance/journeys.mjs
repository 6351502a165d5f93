// SPDX-License-Identifier: Apache-2.0
// Every journey of Microsoft's own client that applies to a reset service, by the client unmodified.
// The same file runs in plain Node and, cross-origin, in Chromium; the host (in_node.mjs,
// in_chromium.mjs) hands it the client and the world outside of a page.

const alice = "alice@example.org";
const oldPassword = "an old password of hers"; // of everybody, as run.py sets it
const newPassword = "plum+kettle & 9 geese=é";

function assert(condition, what) {
  if (condition) return;
  throw new Error(typeof what === "string" ? what : `not so: ${JSON.stringify(what)}`);
}
function assertEqual(seen, wanted) {
  assert(seen === wanted, `seen ${JSON.stringify(seen)}, wanted ${JSON.stringify(wanted)}`);
}
function assertRedirect(result) {
  assert(result.isFailed() && result.error.isRedirectRequired(), result.error ?? "the client was let on");
}
const otherCode = (code) => (code[0] === "9" ? "0" : "9") + code.slice(1);

// host: {create, authority, nextCode(to), control(...words), step(text)}
// part: "all", or "late" against a directory and a clock that do as they are told (late_service.cc).
export async function play(part, host) {
  // A client refuses to begin while an account is signed in, so each journey has its own.
  function newClient({ clientId = "msal-conformance", capabilities = ["mfa_required", "registration_required"],
    challengeTypes = ["oob", "password", "redirect"], authority = host.authority } = {}) {
    return host.create({
      auth: { clientId, authority },
      cache: { cacheLocation: "memoryStorage" },
      customAuth: { challengeTypes, capabilities },
    });
  }
  const step = host.step;

  async function startReset(username = alice, options = {}) {
    const started = await (await newClient(options)).resetPassword({ username });
    assert(started.isCodeRequired(), started.error);
    return started;
  }
  async function prove(username = alice, options = {}) {
    const started = await startReset(username, options);
    const proven = await started.state.submitCode(await host.nextCode(username));
    assert(proven.isPasswordRequired(), proven.error);
    return proven;
  }
  async function signInWith(password, username = alice, options = {}) {
    return (await newClient(options)).signIn({ username, password });
  }

  async function resetThroughAllSteps() {
    const started = await startReset();
    const length = started.state.getCodeLength();
    assertEqual(length, 8);
    const first = await host.nextCode(alice);
    step("start sends a code");

    const wrong = await started.state.submitCode(otherCode(first));
    assert(wrong.isFailed() && wrong.error.isInvalidCode(), wrong.error);
    step("a wrong code is told as such");

    const resent = await started.state.resendCode();
    assert(resent.isCodeRequired(), resent.error);
    const second = await host.nextCode(alice);
    const voided = await resent.state.submitCode(first);
    assert(voided.isFailed() && voided.error.isInvalidCode(), voided.error);
    step("a code that is sent again voids the one before");

    const proven = await resent.state.submitCode(second);
    assert(proven.isPasswordRequired(), proven.error);
    step("the right code opens the next step");

    for (const weak of ["short", "x".repeat(257), "password1234567\u0007", "password password", oldPassword]) {
      const refused = await proven.state.submitNewPassword(weak);
      assert(refused.isFailed() && refused.error.isInvalidPassword(), refused.error);
    }
    step("passwords that break a rule are told as such");

    const completed = await proven.state.submitNewPassword(newPassword);
    assert(completed.isCompleted(), completed.error);
    step("a good password completes the reset, polled to its end");

    const signedIn = await completed.state.signIn({});
    assert(signedIn.isCompleted(), signedIn.error);
    const account = signedIn.data.getAccount();
    assertEqual(account.username, alice);
    const claims = signedIn.data.getClaims();
    assertEqual(claims.iss, host.authority);
    assertEqual(claims.aud, "msal-conformance");
    assertEqual(account.homeAccountId, `${claims.oid}.${claims.tid}`);
    const token = await signedIn.data.getAccessToken({});
    assert(token.isCompleted(), token.error);
    step("the finished reset signs in without a password");

    assert((await signInWith(newPassword)).isCompleted(), "the new password is refused");
    const old = await signInWith(oldPassword);
    assert(old.isFailed() && old.error.isPasswordIncorrect(), old.error);
    step("the new password signs in, the old one is refused");
  }

  async function unknownUsers() {
    const open = await (await newClient()).resetPassword({ username: "nobody@example.org" });
    assert(open.isFailed() && open.error.isUserNotFound(), open.error);
    const signIn = await signInWith("whatever it is", "nobody@example.org");
    assert(signIn.isFailed() && signIn.error.isUserNotFound(), signIn.error);
    step("a client that may know is told of an unknown user");

    const concealed = await startReset("nobody@example.org", { clientId: "sspr-login" });
    const refused = await concealed.state.submitCode("12345678");
    assert(refused.isFailed() && refused.error.isInvalidCode(), refused.error);
    const password = await signInWith("whatever it is", "nobody@example.org", { clientId: "sspr-login" });
    assert(password.isFailed() && password.error.isPasswordIncorrect(), password.error);
    step("to any other client an unknown user looks like a known one");
  }

  async function lateRefusal() {
    await host.control("directory", "refuse-late");
    const proven = await prove();
    const refused = await proven.state.submitNewPassword("gravel & 7 lanterns, late");
    assert(refused.isFailed() && refused.error.isInvalidPassword(), refused.error);
    const again = await proven.state.submitNewPassword("gravel & 8 lanterns, later");
    assert(again.isCompleted(), again.error);
    assert((await again.state.signIn({})).isCompleted(), "no sign-in behind it");
    step("what the directory refuses late is told at the poll, and another password completes the reset");
  }

  async function expiredToken() {
    const started = await startReset();
    const code = await host.nextCode(alice);
    await host.control("clock", "+901");
    const refused = await started.state.submitCode(code);
    assert(refused.isFailed() && refused.error.isTokenExpired(), refused.error);
    step("a reset that took too long is told as expired");
  }

  async function tooManyTries() {
    const started = await startReset("erin@example.org");
    const code = await host.nextCode("erin@example.org");
    for (let i = 0; i < 5; ++i) {
      const wrong = await started.state.submitCode(otherCode(code));
      assert(wrong.isFailed(), "a wrong code passed");
    }
    const right = await started.state.submitCode(code);
    assert(right.isFailed() && right.error.errorData.error !== "", right.error);
    assert(!right.isPasswordRequired?.(), "the sixth try passed");
    step("behind five wrong codes the right one does not pass");
  }

  async function passSecondProof(result, to) {
    assert(result.isMfaRequired(), result.error);
    const methods = result.state.getAuthMethods();
    assertEqual(methods.length, 1);
    const challenge = await result.state.requestChallenge(methods[0].id);
    assert(challenge.isVerificationRequired(), challenge.error);
    const code = await host.nextCode(to);
    assertEqual(challenge.state.getCodeLength(), code.length);
    const wrong = await challenge.state.submitChallenge(otherCode(code));
    assert(wrong.isFailed() && wrong.error.isIncorrectChallenge(), wrong.error);
    const right = await challenge.state.submitChallenge(code);
    assert(right.isCompleted(), right.error);
    return right.data;
  }

  async function signInWithSecondProof() {
    const first = await signInWith(oldPassword, "frank@example.org");
    const account = await passSecondProof(first, "frank@example.org");
    assertEqual(account.getAccount().username, "frank@example.org");
    step("a second proof is asked for, a wrong code is told as such, the right one signs in");

    const before = await account.getAccessToken({});
    const refreshed = await account.getAccessToken({ forceRefresh: true });
    assert(refreshed.isCompleted(), refreshed.error);
    assert(refreshed.data.accessToken !== before.data.accessToken, "the same token again");
    const again = await account.getAccessToken({ forceRefresh: true });
    assert(again.isCompleted(), again.error);
    step("the refresh token is redeemed, and the one that follows it");
  }

  async function resetThenSecondProof() {
    const proven = await prove("bob@example.org");
    const completed = await proven.state.submitNewPassword(newPassword);
    assert(completed.isCompleted(), completed.error);
    await passSecondProof(await completed.state.signIn({}), "+49301234567");
    step("behind a reset by e-mail the second proof is another one: the phone");
  }

  async function registerOnTheWayIn() {
    const first = await signInWith(oldPassword, "carol@example.org");
    assert(first.isAuthMethodRegistrationRequired(), first.error);
    const methods = first.state.getAuthMethods();
    const email = methods.find((method) => method.challenge_channel === "email");
    assert(email, methods);
    const bad = await first.state.challengeAuthMethod({ authMethodType: email, verificationContact: "no address" });
    assert(bad.isFailed() && bad.error.isInvalidInput(), bad.error);
    const challenge = await first.state.challengeAuthMethod({
      authMethodType: email, verificationContact: "carol@example.org" });
    assert(challenge.isVerificationRequired(), challenge.error);
    const code = await host.nextCode("carol@example.org");
    const wrong = await challenge.state.submitChallenge(otherCode(code));
    assert(wrong.isFailed() && wrong.error.isIncorrectChallenge(), wrong.error);
    const done = await challenge.state.submitChallenge(code);
    assert(done.isCompleted(), done.error);
    step("who has no method registers one and is signed in");
  }

  async function userAtRisk() {
    const refused = await signInWith(oldPassword, "dave@example.org");
    assert(refused.isFailed() && refused.error.isPasswordResetRequired(), refused.error);
    const proven = await prove("dave@example.org");
    const completed = await proven.state.submitNewPassword(newPassword);
    assert(completed.isCompleted(), completed.error);
    step("a user at risk is told to reset first, and does");
  }

  // Where the policy needs what the client did not announce, it is sent to a browser: at each step.
  async function redirects() {
    const cannot = await signInWith(oldPassword, "frank@example.org", { capabilities: [] });
    assert(cannot.isFailed() && cannot.error.isRedirectRequired(), cannot.error);
    step("redirect at the token: a second proof that the client cannot ask for");

    const noRegistration = await signInWith(oldPassword, "grace@example.org", { capabilities: ["mfa_required"] });
    assert(noRegistration.isFailed() && noRegistration.error.isRedirectRequired(), noRegistration.error);
    step("redirect at the token: a method is to be registered, which the client cannot");

    await host.control("policy", "required_gates", "2");
    const started = await startReset("bob@example.org");
    const second = await started.state.submitCode(await host.nextCode("bob@example.org"));
    assert(second.isFailed() && second.error.isRedirectRequired(), second.error);
    step("redirect at the code: a second gate, which V1 has no words for");
    await host.control("policy", "required_gates", "1");

    const app = await (await newClient()).resetPassword({ username: "henry@example.org" });
    assert(app.isFailed() && app.error.isRedirectRequired(), app.error ?? "the client was let on");
    const concealed = await (await newClient({ clientId: "sspr-login" })).resetPassword({ username: "henry@example.org" });
    assert(!concealed.isFailed(), "a client that may not know was told of the user");
    step("redirect at the reset's start: a user with an app alone, to a client that may know of users");

    assertRedirect(await (await newClient({ challengeTypes: ["password", "redirect"] })).resetPassword({ username: alice }));
    step("redirect at the reset's start: a client that can ask for no code");

    assertRedirect(await signInWith(newPassword, alice, { challengeTypes: ["oob", "redirect"] }));
    step("redirect at the sign-in's start: a client that can ask for no password");

    const open = await startReset("dave@example.org");
    await host.control("policy", "methods.email", "off");
    assertRedirect(await open.state.resendCode());
    await host.control("policy", "methods.email", "on");
    step("redirect at the reset's challenge: no method is left that the client can ask for");
  }

  async function wrongUses() {
    const foreign = await (await newClient({ clientId: "not-registered" })).resetPassword({ username: alice });
    assert(foreign.isFailed(), "a client that is not registered was let on");
    assertEqual(foreign.error.errorData.error, "invalid_client");
    const nowhere = await (await newClient({ authority: `${host.authority}-other` })).resetPassword({ username: alice });
    assert(nowhere.isFailed(), "another tenant answered");
    step("a client that is not registered, and a tenant that is not there");
  }

  if (part === "late") {
    await lateRefusal();
    await expiredToken();
    return;
  }
  await resetThroughAllSteps();
  await unknownUsers();
  await tooManyTries();
  await wrongUses();
  await host.control("policy", "sign_in.gates", "2");
  await signInWithSecondProof();
  await resetThenSecondProof();
  await registerOnTheWayIn();
  await userAtRisk();
  await redirects();
}
