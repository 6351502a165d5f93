// SPDX-License-Identifier: Apache-2.0
// Small comforts; every page works without them.

// A button beside each password that shows what was typed.
for (const field of document.querySelectorAll(".with-toggle")) {
  const input = field.querySelector("input");
  const toggle = field.querySelector(".toggle");
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    toggle.setAttribute("aria-pressed", String(show));
    input.focus();
  });
  input.form.addEventListener("submit", () => { input.type = "password"; });
}

// A form is sent once.
for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// A field that belongs to one choice of a list is there when that is chosen.
for (const list of document.querySelectorAll("[data-reveals]")) {
  const field = document.getElementById(list.dataset.reveals).closest(".field");
  const follow = () => { field.hidden = list.value !== "own"; };
  list.addEventListener("change", follow);
  follow();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).innerText);
    button.textContent = button.dataset.copied;
  });
}

// The notice is read out and stands first.
document.querySelector(".notice.bad")?.scrollIntoView({block: "nearest"});
