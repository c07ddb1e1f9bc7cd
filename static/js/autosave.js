// Forms with data-autosave="URL" are saved while one types: two seconds after the last key their fields are posted there.
// The answer may be {"version": N}: the version the object has from now on, for the form's hidden field of that name.
// Without this script the form has its "Save draft" button; nothing depends on it.
"use strict";

(() => {
  const PAUSE = 2000;
  const NOT_SAVED = {
    400: "You have signed in again since. Save it with the button: what you typed is kept.",
    401: "You are signed out. Sign in again in another tab, then carry on here.",
    409: "Not saved: this has changed in another window. Save it with the button, and you see both.",
  };

  function statusLine(form) {
    const line = document.createElement("p");
    line.className = "saved";
    line.setAttribute("role", "status");
    form.append(line);
    return line;
  }

  function watch(form) {
    const line = statusLine(form);
    let timer = null;
    let running = Promise.resolve();
    let leaving = false;

    async function save() {
      if (leaving) return;
      try {
        const body = new FormData(form);
        form.querySelectorAll("input[type=file]").forEach((input) => body.delete(input.name)); // sent with a button only
        const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(NOT_SAVED[answer.status] || "Not saved yet. We try again as you type.");
        await takeVersion(answer);
        const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
        line.textContent = `Saved at ${time}`;
      } catch (fault) {
        line.textContent = fault instanceof TypeError ? "Not saved: no connection." : fault.message;
      }
    }

    async function takeVersion(answer) {
      if (!(answer.headers.get("Content-Type") || "").includes("json")) return;
      const { version } = await answer.json();
      if (version !== undefined && form.elements.version) form.elements.version.value = version;
    }

    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { running = running.then(save); }, PAUSE);
    });
    // A save still under way would make the version of this form old: wait for it, then send.
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (leaving) return;
      event.preventDefault();
      const button = event.submitter;
      // Not before this event is over: a form that is being submitted takes no second wish to be.
      running.then(() => setTimeout(() => { leaving = true; form.requestSubmit(button); }));
    });
    window.addEventListener("pageshow", () => { leaving = false; });
  }

  document.querySelectorAll("form[data-autosave]").forEach(watch);
})();
