"use strict";

// The map of a page: what the page holds, over our own images. It asks nothing of any other server.
(function () {
  const place = document.getElementById("carte");
  if (!place) return;
  const content = JSON.parse(document.getElementById("carte-contenu").textContent);
  const state = document.getElementById("carte-etat");
  const MOST = 1000;
  const around = framed(content.around); // the ground of the installation, where there is nothing to show

  const map = L.map(place, { maxZoom: 22, zoomControl: false });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false }).addTo(map);

  for (const image of content.images) {
    L.tileLayer(image.tiles, { maxZoom: 22, attribution: escaped(image.attribution) }).addTo(map);
  }

  // What is grave is larger too: colour alone says nothing to some.
  const GRAVITIES = {
    bloquante: { color: "#7f0000", fillColor: "#b71c1c", radius: 10 },
    majeure: { color: "#8a3d00", fillColor: "#ef6c00", radius: 7 },
    mineure: { color: "#6b5600", fillColor: "#f9d835", radius: 5 },
  };
  const drawings = new Map();
  const layer = L.geoJSON(null, {
    style: look,
    pointToLayer: (_, where) => L.circleMarker(where, { radius: 6 }),
    onEachFeature: (feature, drawn) => {
      drawn.bindPopup(() => popup(feature));
      drawn.on("popupopen", () => choose(feature.id, true)).on("popupclose", () => choose(feature.id, false));
      drawings.set(String(feature.id), drawn);
    },
  }).addTo(map);

  function look(feature) {
    const grave = GRAVITIES[(feature.properties || {}).gravite];
    return grave ? { ...grave, weight: 1.5, fillOpacity: 0.85 } : { color: "#c62828", weight: 2, fillOpacity: 0.06 };
  }

  const key = L.control({ position: "bottomright" });
  key.onAdd = () => L.DomUtil.create("div", "legende");
  function legend(features) {
    const present = Object.keys(GRAVITIES).filter((name) => features.some((one) => (one.properties || {}).gravite === name));
    key.remove();
    if (!present.length) return;
    key.addTo(map);
    for (const name of present) {
      const line = L.DomUtil.create("div", "", key.getContainer());
      L.DomUtil.create("span", "point " + name, line);
      line.append(name[0].toUpperCase() + name.slice(1));
    }
  }

  // The list and the map show each other: each row has a button, what is drawn can be reached by the keyboard.
  const rows = new Map([...document.querySelectorAll("tr[data-objet]")].map((row) => [row.dataset.objet, row]));
  function choose(id, chosen) {
    const row = rows.get(String(id));
    if (row) row.classList.toggle("choisi", chosen);
  }
  function tie(id, row) {
    const drawn = drawings.get(id);
    if (!drawn) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "situer";
    button.textContent = "Situer";
    button.setAttribute("aria-label", "Situer " + id + " sur la carte");
    button.addEventListener("click", () => {
      const centre = drawn.getBounds ? drawn.getBounds().getCenter() : drawn.getLatLng();
      map.setView(centre, Math.max(map.getZoom(), 17), { animate: false });
      drawn.openPopup();
    });
    row.querySelector("th").append(" ", button);
    const shape = drawn.getElement && drawn.getElement();
    if (!shape) return;
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", row.innerText.replace(/\s+/g, " "));
    shape.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      drawn.openPopup();
    });
    const bare = look(drawn.feature);
    row.addEventListener("mouseenter", () => drawn.setStyle({ weight: 5 }));
    row.addEventListener("mouseleave", () => drawn.setStyle({ weight: bare.weight }));
  }

  function framed([west, south, east, north]) {
    return [[south, west], [north, east]];
  }

  function escaped(text) {
    const holder = document.createElement("span");
    holder.textContent = text;
    return holder.innerHTML;
  }

  // Names come from the data: they are written as text, never as markup.
  function popup(feature) {
    const link = document.createElement("a");
    const properties = feature.properties || {};
    link.textContent = properties.message ? "Voir l'anomalie" : properties.name || feature.id;
    link.href = properties.page || content.items + "/" + encodeURIComponent(feature.id);
    if (!properties.message) return link;
    const whole = document.createElement("div");
    const head = document.createElement("strong");
    const said = document.createElement("p");
    head.textContent = "Anomalie " + properties.gravite;
    said.textContent = properties.message + (properties.objet ? " Objet : " + properties.objet + "." : "");
    whole.append(head, said, link);
    return whole;
  }

  function box() {
    const bounds = map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((side) => side.toFixed(6));
  }

  let asked = 0;
  async function refresh() {
    const mine = ++asked;
    const answer = await fetch(content.items + "?f=json&limit=" + MOST + "&bbox=" + box().join(","), { credentials: "same-origin" });
    if (mine !== asked) return;
    if (!answer.ok) {
      state.textContent = "Les objets n'ont pas pu être lus.";
      return;
    }
    const features = (await answer.json()).features;
    drawings.clear();
    layer.clearLayers().addData(features);
    legend(features);
    const number = features.length;
    state.textContent = number === MOST
      ? "Les " + MOST + " premiers objets de la vue : approchez la carte pour voir les autres."
      : number + " objet" + (number > 1 ? "s" : "") + " dans la vue.";
  }

  if (content.drawn) {
    layer.addData(content.drawn);
    legend(content.drawn.features);
    const bounds = layer.getBounds();
    map.fitBounds(bounds.isValid() ? bounds.pad(0.15) : around, { maxZoom: 19 });
    rows.forEach((row, id) => tie(id, row));
  } else {
    map.fitBounds(content.extent ? framed(content.extent) : around);
  }
  if (content.items) {
    map.on("moveend", refresh);
    refresh();
  }
  place.dataset.pret = "oui";
})();
