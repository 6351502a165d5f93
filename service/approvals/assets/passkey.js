// SPDX-License-Identifier: Apache-2.0
// Makes or uses a passkey and sends what the browser gives as the fields of the form.
const encode = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function use(data) {
  const { rawId, response } = await navigator.credentials.get({
    publicKey: { challenge: decode(data.challenge), rpId: data.host, userVerification: "required", timeout: 120000 },
  });
  return { credential: encode(rawId), client_data: encode(response.clientDataJSON),
           authenticator_data: encode(response.authenticatorData), signature: encode(response.signature) };
}

async function make(data) {
  const { response } = await navigator.credentials.create({
    publicKey: {
      challenge: decode(data.challenge), rp: { id: data.host, name: data.product },
      user: { id: decode(data.user), name: data.username, displayName: data.username },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none", timeout: 120000,
      excludeCredentials: (data.known || "").split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: decode(id) })),
    },
  });
  return { client_data: encode(response.clientDataJSON), authenticator_data: encode(response.getAuthenticatorData()) };
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const button = form.querySelector("[data-start]");
  const notice = form.querySelector("[data-notice]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    notice.hidden = true;
    try {
      const values = form.dataset.passkey === "get" ? await use(form.dataset) : await make(form.dataset);
      for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    } catch {
      notice.textContent = form.dataset.fault;
      notice.hidden = false;
      return;
    }
    form.requestSubmit();
  });
}
