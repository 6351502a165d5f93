// SPDX-License-Identifier: Apache-2.0
// The code of the complete address stands behind "#", which no server sees: it is put into the
// field, and sent when the person confirms it.
const form = document.querySelector("[data-code-form]");
const code = decodeURIComponent(location.hash.slice(1));
if (form && /^[A-Za-z-]{8,10}$/.test(code)) {
  form.querySelector("#user_code").value = code;
  history.replaceState(null, "", location.pathname);
}
