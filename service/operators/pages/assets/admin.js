// SPDX-License-Identifier: Apache-2.0
// Figures stay fresh: the part of the page that is live is fetched anew. Without script there is a
// link that does the same.
const live = document.querySelector("[data-live]");
if (live) {
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, {headers: {"Accept": "text/html"}});
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (fresh) live.replaceChildren(...fresh.childNodes);
    } catch { /* the next time */ }
  };
  setInterval(refresh, Number(live.dataset.live) * 1000);
}
