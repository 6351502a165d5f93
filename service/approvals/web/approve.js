// SPDX-License-Identifier: Apache-2.0
// The approval page. The phone's key is made here, cannot be read out by any script, and signs all
// that the phone says; the service knows its public half alone.
"use strict";

(() => {
  const { base, url, vapid } = document.body.dataset;
  const area = `${base}/portal/approve`;
  const POLL_MS = 4000;
  const [language, T] = approvalTexts(navigator.languages || [navigator.language]);
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  const screen = document.getElementById("screen");
  const status = document.getElementById("status");
  let phone = null;
  let offset = 0;  // seconds that the service's clock is ahead
  let shown = "";  // ids of the requests on the screen
  let worker = null;

  // ---- storage: the key object itself lies in IndexedDB; it is not extractable
  function database() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open("sspr-approve", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("phone");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
  async function stored(mode, work) {
    const db = await database();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = db.transaction("phone", mode);
        const request = work(transaction.objectStore("phone"));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      db.close();
    }
  }
  const loadPhone = () => stored("readonly", (store) => store.get(url));
  const savePhone = (value) => stored("readwrite", (store) => store.put(value, url));
  const forgetPhone = () => stored("readwrite", (store) => store.delete(url));

  // ---- signing
  const encoder = new TextEncoder();
  function base64url(buffer) {
    let text = "";
    for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }
  function bytesOf(text) {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(raw, (c) => c.charCodeAt(0));
  }
  async function sign(key, ...lines) {
    const text = encoder.encode(lines.join("\n"));
    return base64url(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, text));
  }
  const seconds = () => Math.floor(Date.now() / 1000) + offset;

  function post(path, body) {
    return fetch(`${area}/${path}`, {
      method: "POST", credentials: "omit", cache: "no-store", redirect: "error",
      headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
  }
  async function send(path, body) {
    const reply = await post(path, body);
    const value = reply.headers.get("Content-Type")?.startsWith("application/json") ? await reply.json() : {};
    return { ok: reply.ok, status: reply.status, value };
  }
  async function proof(kind, ...more) {
    const at = seconds();
    return { device: phone.id, at, signature: await sign(phone.key, `sspr-approval-${kind} v1`, url, phone.id, at, ...more) };
  }
  // Once more when the service says that our clock is wrong.
  async function proved(path, kind, more, members) {
    let reply = await send(path, { ...await proof(kind, ...more), ...members });
    if (reply.value.error === "clock") {
      offset += reply.value.now - seconds();
      reply = await send(path, { ...await proof(kind, ...more), ...members });
    }
    return reply;
  }

  // ---- screen
  function make(tag, text, properties = {}) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    Object.assign(node, properties);
    return node;
  }
  function button(text, className, work) {
    const node = make("button", text, { type: "button", className });
    node.addEventListener("click", async () => {
      for (const other of screen.querySelectorAll("button")) other.disabled = true;
      try {
        await work();
      } catch {
        say(T.unreachable);
      }
      for (const other of screen.querySelectorAll("button")) other.disabled = false;
    });
    return node;
  }
  function say(text) { status.textContent = text; }
  function show(...nodes) { screen.replaceChildren(...nodes.filter(Boolean)); }
  document.getElementById("title").textContent = T.title;
  document.title = T.title;

  // ---- enrolment
  function askName(code) {
    const id = "phone-name";
    const input = make("input", "", { id, maxLength: 40, autocomplete: "off", value: guessName() });
    show(make("p", T.enrolIntro), make("label", T.nameLabel, { htmlFor: id }), input,
         button(T.enrol, "", () => enrol(code, input.value.trim() || guessName())));
    input.focus();
  }
  function guessName() {
    const agent = navigator.userAgent;
    if (/iPhone/.test(agent)) return "iPhone";
    if (/iPad/.test(agent)) return "iPad";
    if (/Android/.test(agent)) return "Android";
    return T.phone;
  }
  async function enrol(code, name) {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    const publicKey = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
    const signature = await sign(pair.privateKey, "sspr-approval-enrol v1", url, code, publicKey);
    const reply = await send("enrol", { code, name, public_key: publicKey, signature });
    if (!reply.ok) {
      say(reply.status === 400 ? T.codeRefused : T.unreachable);
      return;
    }
    phone = { id: reply.value.device, key: pair.privateKey, user: reply.value.user };
    await savePhone(phone);
    history.replaceState(null, "", area);
    say(T.enrolled);
    await home();
  }

  // ---- waking
  async function wakeButton() {
    if (!vapid || !worker || !("PushManager" in window)) return null;
    if (await worker.pushManager.getSubscription()) return null;
    return button(T.wake, "quiet", async () => {
      if (await Notification.requestPermission() !== "granted") {
        say(T.wakeRefused);
        return;
      }
      await subscribe(await navigator.serviceWorker.ready);
      say(T.wakeOn);
      await home();
    });
  }
  async function subscribe(ready) {
    const made = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(vapid) });
    const { endpoint, keys } = made.toJSON();
    const reply = await proved("subscribe", "push", [endpoint, keys.p256dh, keys.auth],
                               { endpoint, p256dh: keys.p256dh, auth: keys.auth });
    if (!reply.ok) await made.unsubscribe();
  }

  // ---- requests
  async function refresh() {
    const reply = await proved("list", "list", [], {});
    if (reply.ok) {
      showRequests(reply.value);
      return true;
    }
    if (reply.value.error !== "unknown_phone") return true;
    await forgetPhone();
    phone = null;
    show(make("p", T.notRegisteredAnyMore));
    return false;
  }
  function showRequests({ user, requests }) {
    const ids = requests.map((one) => one.id).join(" ");
    if (ids === shown && screen.childElementCount > 0) return;
    shown = ids;
    if (requests.length === 0) {
      home();
      return;
    }
    say("");
    show(...requests.map((one) => card(user, one)));
    screen.querySelector("input")?.focus();
    if ("vibrate" in navigator) navigator.vibrate?.(200);
  }
  function card(user, request) {
    const id = `number-${request.id}`;
    const node = make("section", "", { className: "card asks" });
    const when = new Date(request.created_at * 1000).toLocaleTimeString(language);
    const facts = make("dl");
    for (const [name, value] of [[T.account, user], [T.machine, request.machine || T.unknownMachine],
                                 [T.place, request.place], [T.time, when]]) {
      const shownValue = make("dd");
      shownValue.append(make("bdi", value));  // a name may run the other way than the page
      facts.append(make("dt", name), shownValue);
    }
    const input = make("input", "", {
      id, className: "number", inputMode: "numeric", autocomplete: "off", maxLength: request.digits, pattern: "[0-9]*",
    });
    const form = make("form");
    const approve = make("button", T.approve, { type: "submit" });
    form.append(make("label", T.numberLabel.replace("{n}", request.digits), { htmlFor: id }), input, approve);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (input.value.length !== request.digits) {
        say(T.numberShort.replace("{n}", request.digits));
        input.focus();
        return;
      }
      approve.disabled = true;
      answer(request, "approve", input.value).catch(() => say(T.unreachable)).finally(() => { approve.disabled = false; });
    });
    node.append(make("h2", request.operation === "unlock" ? T.unlockTitle : T.resetTitle), make("p", T.warning), facts, form,
                button(T.deny, "quiet", () => answer(request, "deny", "")),
                button(T.report, "stop", () => answer(request, "report", "")));
    return node;
  }
  async function answer(request, word, number) {
    const signature = await sign(phone.key, "sspr-approval-answer v1", url, phone.id, request.id, word, number);
    const reply = await send("answer", { device: phone.id, request: request.id, answer: word, number, signature });
    const outcome = reply.ok ? reply.value.outcome : "";
    shown = "";
    if (outcome === "taken") {
      say({ approve: T.approved, deny: T.denied, report: T.reported }[word]);
    } else {
      say({ wrong_number: T.wrongNumber, nothing_waits: T.tooLate }[outcome] || T.unreachable);
    }
    if (reply.ok) await home();
  }
  async function home() {
    shown = "";
    const wake = await wakeButton();
    show(make("p", T.home.replace("{user}", phone.user)), make("p", T.keepOpen), wake);
  }

  // ---- being told: a stream of events where it holds, questions every few seconds where not
  async function stream() {
    const reply = await post("events", await proof("list"));
    if (!reply.ok || !reply.body) return false;
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return true;
      rest += value;
      const events = rest.split("\n\n");
      rest = events.pop();
      if (events.some((one) => one.startsWith("event: waiting")) && !await refresh()) return true;
    }
  }
  async function listen() {
    while (phone) {
      let held = false;
      try {
        if (!await refresh()) return;
        held = await stream();
      } catch {
        held = false;  // the line is gone, or the page was asleep
      }
      if (!held) await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    }
  }

  async function start() {
    if (!window.isSecureContext || !crypto.subtle || !window.indexedDB) {
      show(make("p", T.tooOld));
      return;
    }
    if ("serviceWorker" in navigator) {
      worker = await navigator.serviceWorker.register(`${area}/sw.js`, { scope: area }).catch(() => null);
    }
    phone = await loadPhone() || null;
    const code = new URLSearchParams(location.hash.slice(1)).get("enrol");
    if (code && !phone) {
      askName(code);
      const waiting = setInterval(() => {
        if (!phone) return;
        clearInterval(waiting);
        listen();
      }, 500);
    } else if (phone) {
      if (code) history.replaceState(null, "", area);
      await home();
      listen();
    } else {
      show(make("p", T.notRegistered));
    }
  }
  start().catch(() => say(T.unreachable));
})();
