"use strict";

// The map of a page: what the page holds, over our own images. It asks nothing of any other server.
(function () {
  const place = document.getElementById("carte");
  if (!place) return;
  const content = JSON.parse(document.getElementById("carte-contenu").textContent);
  const state = document.getElementById("carte-etat");
  const MOST = 1000;
  const FRANCE = [[41.3, -5.2], [51.1, 9.6]];

  const map = L.map(place, { maxZoom: 22, zoomControl: false });
  L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false }).addTo(map);

  for (const image of content.images) {
    L.tileLayer(image.tiles, { maxZoom: 22, attribution: escaped(image.attribution) }).addTo(map);
  }

  const layer = L.geoJSON(null, {
    style: { color: "#c62828", weight: 2, fillOpacity: 0.06 },
    pointToLayer: (_, where) => L.circleMarker(where, { radius: 6 }),
    onEachFeature: (feature, drawn) => drawn.bindPopup(() => popup(feature)),
  }).addTo(map);

  function escaped(text) {
    const holder = document.createElement("span");
    holder.textContent = text;
    return holder.innerHTML;
  }

  // Names come from the data: they are written as text, never as markup.
  function popup(feature) {
    const link = document.createElement("a");
    const properties = feature.properties || {};
    link.textContent = properties.name || feature.id;
    link.href = properties.page || content.items + "/" + encodeURIComponent(feature.id);
    return link;
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
    layer.clearLayers().addData(features);
    const number = features.length;
    state.textContent = number === MOST
      ? "Les " + MOST + " premiers objets de la vue : approchez la carte pour voir les autres."
      : number + " objet" + (number > 1 ? "s" : "") + " dans la vue.";
  }

  if (content.drawn) {
    layer.addData(content.drawn);
    const bounds = layer.getBounds();
    map.fitBounds(bounds.isValid() ? bounds.pad(0.15) : FRANCE, { maxZoom: 19 });
  } else {
    const [west, south, east, north] = content.extent || [];
    map.fitBounds(content.extent ? [[south, west], [north, east]] : FRANCE);
  }
  if (content.items) {
    map.on("moveend", refresh);
    refresh();
  }
  place.dataset.pret = "oui";
})();
