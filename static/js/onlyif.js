// Questions that are asked only if another has a certain answer are hidden until it has. Without this script all are shown,
// and what does not apply is left out when the answers are sent.
"use strict";

(() => {
  const questions = [...document.querySelectorAll("[data-only-if]")];

  function given(name) {
    const fields = [...document.querySelectorAll(`[name="${CSS.escape(name)}"], [name^="${CSS.escape(name)}-"]`)];
    return fields.filter((each) => (/^(radio|checkbox)$/.test(each.type) ? each.checked : each.value.trim())).map((each) => each.value);
  }

  function show() {
    for (const question of questions) {
      const wanted = question.dataset.answers.split(" ").filter(Boolean);
      const found = document.querySelector(`section:has([name="${CSS.escape(question.dataset.onlyIf)}"])`)?.hidden ? [] : given(question.dataset.onlyIf);
      question.hidden = wanted.length ? !found.some((each) => wanted.includes(each)) : !found.length;
    }
  }

  document.addEventListener("input", show);
  show();
})();
