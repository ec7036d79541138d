"use strict";

// "a" and "12" are sent as the plan writes them: "0A" and "0012".
for (const form of document.querySelectorAll("form.recherche")) {
  form.addEventListener("submit", () => {
    for (const field of form.querySelectorAll("[data-longueur]")) {
      field.value = field.value.trim().toUpperCase().padStart(Number(field.dataset.longueur), "0");
    }
  });
}
