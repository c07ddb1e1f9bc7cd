// Questions that are asked only if another has a certain answer are hidden until it has. Without this script all are shown,
// and what does not apply is left out when the answers are sent. What counts is as in questionnaires/items.py: of an item that
// is answered by line one line is enough, and words beside a choice are no answer to choose.
"use strict";

(() => {
  const questions = [...document.querySelectorAll("[data-only-if]")];
  const chosen = (each) => /^(radio|checkbox)$/.test(each.type);

  function given(name) {
    const fields = [...document.querySelectorAll(`[name="${CSS.escape(name)}"], [name^="${CSS.escape(name)}-"]`)];
    const asked = fields.filter((each) => !each.closest("section").hidden);
    return asked.filter((each) => (chosen(each) ? each.checked : each.value.trim()));
  }

  function show() {
    for (const question of questions) {
      const wanted = question.dataset.answers.split(" ").filter(Boolean);
      const found = given(question.dataset.onlyIf);
      question.hidden = wanted.length ? !found.some((each) => chosen(each) && wanted.includes(each.value)) : !found.length;
    }
  }

  document.addEventListener("input", show);
  show();
})();
