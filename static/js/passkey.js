// Passkeys: a button with data-passkey="use" or "add" asks the browser for one and sends its form with the answer.
// data-options is where the question comes from. Without this script the buttons stay hidden; every page has another way.
"use strict";

(() => {
  const SAID = {
    NotAllowedError: "Nothing was sent: it was cancelled, or took too long, or there is no passkey of yours for this site on this device.",
    InvalidStateError: "There is a passkey for your account on this device already.",
    SecurityError: "Passkeys do not work at this address: they need the name of the site, such as localhost instead of 127.0.0.1.",
    NotSupportedError: "This browser or device cannot make a passkey that fits.",
  };

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  function question(options) {
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user.id = toBytes(options.user.id);
    for (const each of [...(options.allowCredentials || []), ...(options.excludeCredentials || [])]) each.id = toBytes(each.id);
    return { publicKey: options };
  }

  function answer(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults: {} });
  }

  async function send(button) {
    const form = button.form;
    const said = form.querySelector("[data-passkey-said]");
    if (button.dataset.passkey === "add" && !form.reportValidity()) return;
    said.textContent = "";
    button.disabled = true;
    try {
      const found = await fetch(button.dataset.options, { headers: { Accept: "application/json" } });
      if (!found.ok) throw new Error("The site did not answer. Load the page again.");
      const { challenge, options } = await found.json();
      const asked = question(JSON.parse(options));
      const credential = await (button.dataset.passkey === "add" ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
      form.querySelector("[data-passkey-challenge]").value = challenge;
      form.querySelector("[data-passkey-answer]").value = answer(credential);
      form.submit();
    } catch (fault) {
      button.disabled = false;
      said.textContent = SAID[fault.name] || (fault instanceof TypeError ? "No connection. Please try again." : fault.message);
    }
  }

  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential) {
      button.form.querySelector("[data-passkey-said]").textContent = "This browser knows no passkeys here. They need a recent browser, and https.";
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", () => send(button));
  }
})();
