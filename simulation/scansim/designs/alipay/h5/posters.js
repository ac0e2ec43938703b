const city = await (await fetch("/h5/city.json")).json();
const list = document.getElementById("posters");

function element(name, text, lang) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (lang) made.lang = lang;
  return made;
}

for (const place of city.places.filter((one) => one.scene === "poster")) {
  const poster = element("li"), picture = element("img");
  picture.src = `/h5/posters/${encodeURIComponent(place.id)}.svg`;
  picture.alt = `QR: ${place.name} ${place.english}`;
  picture.width = picture.height = 240;
  picture.loading = "lazy";
  poster.append(picture, element("h2", place.name), element("p", place.english, "en"), element("p", place.id));
  list.append(poster);
}
