"use strict";

// The form of an export: it asks for the job, then shows it.
(function () {
  const form = document.getElementById("export");
  const state = document.getElementById("export-etat");
  const wanted = [...form.elements.dataset.options].find((option) => "#" + option.value === location.hash);
  if (wanted) wanted.selected = true;

  // `form.dataset` is the field of that name.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const inputs = { dataset: form.elements.dataset.value, crs: form.elements.crs.value, format: form.elements.format.value };
    const communes = form.elements.communes.value.split(/[\s,;]+/).filter(Boolean);
    if (communes.length) inputs.communes = communes;
    state.textContent = "Demande en cours…";
    const answer = await fetch(form.getAttribute("data-execution"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ inputs }),
    });
    if (answer.ok) {
      location.assign(new URL(answer.headers.get("Location")).pathname);
    } else {
      state.textContent = (await answer.json()).detail;
    }
  });
})();
