// SPDX-License-Identifier: Apache-2.0
// Wakes the person when a question waits. What is asked is not in the message: the page fetches it,
// signed by the phone's key. Nothing is cached, so that no old page ever answers.
"use strict";

const TEXTS = {
  en: ["Password reset", "A question about your password waits. Open it only if you are at a login screen now."],
  de: ["Passwort zurücksetzen",
       "Eine Frage zu Ihrem Passwort wartet. Sagen Sie nur ja, wenn Sie gerade an einem Anmeldebildschirm sind."],
  fr: ["Réinitialisation du mot de passe",
       "Une question sur votre mot de passe attend. N’acceptez que si vous êtes devant un écran de connexion."],
  es: ["Restablecer la contraseña",
       "Hay una pregunta sobre su contraseña. Acéptela solo si está ahora ante una pantalla de inicio de sesión."],
  ar: ["إعادة تعيين كلمة المرور", "هناك سؤال عن كلمة مرورك. وافق فقط إذا كنت الآن أمام شاشة تسجيل الدخول."],
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const language = (self.navigator.language || "en").slice(0, 2);
  const [title, body] = TEXTS[language] || TEXTS.en;
  event.waitUntil(self.registration.showNotification(title, {
    body, tag: "approval", renotify: true, requireInteraction: true, icon: "icon.svg",
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const page = self.registration.scope;
    for (const client of await self.clients.matchAll({ type: "window" })) {
      if (client.url.startsWith(page)) return client.focus();
    }
    return self.clients.openWindow(page);
  })());
});
