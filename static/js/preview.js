// Forms with data-preview="URL" and data-preview-into="ID" are sent there while one types; the answer, a piece of a page made
// on the server, replaces what is in the element. Nothing is saved. Without this script the form's own button does it.
"use strict";

(() => {
  const PAUSE = 350;

  function watch(form) {
    const target = document.getElementById(form.dataset.previewInto);
    if (!target) return;
    let timer = null;
    let running = null;

    async function show() {
      if (running) running.abort();
      running = new AbortController();
      try {
        const body = new FormData(form);
        form.querySelectorAll("input[type=file]").forEach((input) => body.delete(input.name)); // nothing shown depends on them
        const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: running.signal });
        if (!answer.ok || answer.redirected) return;
        const piece = await answer.text();
        if (piece.trim() !== target.innerHTML.trim()) target.innerHTML = piece;
      } catch {
        // no connection, or typed on meanwhile: what is shown stays until the next try
      }
    }

    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer); // what is shown of a form that is sent would come too late
      if (running) running.abort();
    });
  }

  document.querySelectorAll("form[data-preview]").forEach(watch);
})();
