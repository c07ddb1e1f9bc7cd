// What one types into a form with data-keep is kept in this browser, and offered again after an accident: a closed tab, a lost
// connection, an error page. It is never put back silently, never shown to another person, and forgotten after a week,
// once it was sent, and when signing out. Without this script nothing is kept; nothing depends on it.
"use strict";

(() => {
  const WEEK = 7 * 24 * 60 * 60 * 1000;
  const person = document.body.dataset.person || "";
  const prefix = `mobility:kept:${person}:`;
  const here = `${prefix}${location.pathname}`;
  const made = (document.body.dataset.made || "").split(" "); // the keys of forms that have just made something
  const left = "mobility:left"; // tells other tabs that somebody has signed out
  const store = openStore();
  let over = false;
  if (!store) return;

  function openStore() {
    try {
      return window.localStorage;
    } catch {
      return null; // storage is switched off in this browser
    }
  }

  function typedFields(form) {
    return [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type) && !field.readOnly);
  }

  function valueOf(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => option.value);
    return field.value;
  }

  function put(field, value) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = value;
    else if (field.type === "select-multiple") [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
    else field.value = value;
  }

  // Which field it is: its name, and the value for boxes that share one name.
  function nameOf(field) {
    return field.type === "checkbox" || field.type === "radio" ? `${field.name}=${field.value}` : field.name;
  }

  function read(key) {
    try {
      return JSON.parse(store.getItem(key));
    } catch {
      return null;
    }
  }

  // Whoever leaves leaves nothing, in no tab.
  function forget() {
    over = true;
    keptKeys().forEach((key) => store.removeItem(key));
  }

  function keptKeys() {
    return Object.keys(store).filter((key) => key.startsWith(prefix));
  }

  // A sent form that leads to another page has arrived, and so has one that made something on its own page; what is a week old helps nobody.
  function tidy() {
    for (const key of keptKeys()) {
      const kept = read(key);
      const arrived = kept && kept.sent && (!key.startsWith(here) || made.includes(kept.made));
      if (!kept || arrived || Date.now() - kept.at > WEEK) store.removeItem(key);
    }
  }

  function keep(key, form, sent) {
    if (over) return;
    const values = Object.fromEntries(typedFields(form).map((field) => [nameOf(field), valueOf(field)]));
    try {
      store.setItem(key, JSON.stringify({ at: Date.now(), sent, made: form.elements.form_key?.value, values }));
    } catch {
      // the browser's store is full: then nothing is kept
    }
  }

  // The server writes what it saved in its own way: without spaces at the ends, and 1 000 as 1.000,00. That is not lost.
  function plain(field, value) {
    if (typeof value !== "string") return JSON.stringify(value);
    const text = value.replace(/\s+/g, " ").trim();
    if (field.inputMode !== "decimal") return text;
    const figures = text.replace(/[^\d.,]/g, "").replace(/[.,](?=\d{3}(\D|$))/g, "");
    return figures.replace(/([.,]\d)0$/, "$1").replace(/[.,]0?$/, "").replace(",", ".");
  }

  function differing(form, kept) {
    return typedFields(form).filter((field) => {
      const value = kept.values[nameOf(field)];
      return value !== undefined && plain(field, value) !== plain(field, valueOf(field));
    });
  }

  function button(text, css, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `btn ${css}`;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function offer(form, key, kept, fields) {
    const notice = document.createElement("div");
    notice.className = "notice notice-mine kept";
    notice.setAttribute("role", "status");
    const inner = document.createElement("div");
    const text = document.createElement("p");
    const when = new Date(kept.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    text.textContent = `What you typed here on ${when} was not saved.`;
    const buttons = document.createElement("p");
    buttons.className = "kept-buttons";
    buttons.append(
      button("Restore it", "btn-primary", () => {
        fields.forEach((field) => put(field, kept.values[nameOf(field)]));
        notice.remove();
        fields[0].focus();
      }),
      button("Discard it", "btn-outline-primary", () => {
        store.removeItem(key);
        notice.remove();
      }),
    );
    inner.append(text, buttons);
    notice.append(inner);
    form.before(notice);
  }

  function watch(form, number) {
    const key = `${here}#${form.id || number}`;
    const kept = read(key);
    const fields = kept ? differing(form, kept) : [];
    if (form.dataset.rearranged !== undefined) keep(key, form, false); // the same page, with its rows elsewhere
    else if (fields.length) offer(form, key, kept, fields);
    else store.removeItem(key);
    let timer = null;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => keep(key, form, false), 400);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      keep(key, form, true);
    });
  }

  tidy();
  document.querySelectorAll("form[data-keep]").forEach(watch);
  document.querySelectorAll("form[data-forget]").forEach((form) => {
    form.addEventListener("submit", () => {
      forget();
      store.setItem(left, `${person} ${Date.now()}`);
      store.removeItem(left);
    });
  });
  window.addEventListener("storage", (event) => {
    if (event.key === left && event.newValue?.startsWith(`${person} `)) forget();
  });
})();
