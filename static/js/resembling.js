// While somebody types a new organisation: those that are here and could be meant. Without it, sending the form shows them.
(() => {
  const form = document.querySelector("form[data-resembling]");
  const place = document.getElementById("resembling");
  if (!form || !place) return;
  const names = ["name", "country", "city", "website", "next"];
  let waiting = 0;
  let last = "";

  const look = async () => {
    const typed = new URLSearchParams(names.map((name) => [name, form.elements[name]?.value ?? ""]));
    if (typed.get("name").trim().length < 3 || typed.toString() === last) return;
    last = typed.toString();
    try {
      const answer = await fetch(`${form.dataset.resembling}?${typed}`, { headers: { Accept: "text/html" } });
      if (answer.ok && typed.toString() === last && !form.elements.none_of_these?.checked) place.innerHTML = await answer.text();
    } catch {
      // the server shows them when the form is sent
    }
  };

  form.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(look, 600);
  });
})();
