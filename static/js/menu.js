// The account menu is a <details> that works by itself; here it also closes on Escape and on a click elsewhere.
"use strict";

(() => {
  const menu = document.querySelector(".account");
  if (!menu) return;
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
