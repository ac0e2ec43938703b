// Moves the map of the report: shows what the data beside it says of the hour that the slider stands at.
(async () => {
  const of = (id) => document.getElementById(id);
  const data = JSON.parse(of("moving-data").textContent);
  const slider = of("moving-time");
  of("moving").hidden = false;
  const views = await Bokeh.embed.embed_item(data.plot);
  const touched = [...views.roots][0]?.canvas_view?.events_el;
  if (touched) touched.style.touchAction = "pan-y pinch-zoom"; // a finger scrolls past the map
  const bokeh = Bokeh.documents[Bokeh.documents.length - 1];
  const [now, told, trail] = ["now", "told", "trail"].map((name) => bokeh.get_model_by_name(name));
  const ranges = ["east", "north"].map((name) => bokeh.get_model_by_name(name));

  const words = (person, hour) =>
    person.look[hour] === null ? "not known" : `${person.look[hour]}, ${person.sure[hour]}%`;

  const show = () => {
    const hour = Number(slider.value);
    const said = data.people.map((person) => `${person.name}: ${words(person, hour)}`);
    of("moving-when").textContent = data.times[hour];
    slider.setAttribute("aria-valuetext", `${data.times[hour]}. ${said.join("; ")}`);
    data.people.forEach((person, row) => {
      of(`moving-${row}`).textContent = words(person, hour);
    });

    const there = data.people.filter((person) => person.x[hour] !== null);
    now.data = {
      x: there.map((person) => person.x[hour]),
      y: there.map((person) => person.y[hour]),
      name: there.map((person) => person.name),
      what: there.map((person) => `${person.name}: ${words(person, hour)}`),
      colour: there.map((person) => data.looks[person.look[hour]][0]),
      marker: there.map((person) => data.looks[person.look[hour]][1]),
      alpha: there.map((person) => 0.25 + 0.0075 * person.sure[hour]),
    };

    const recent = (row) => data.told.hour[row] <= hour && data.told.hour[row] > hour - 24;
    const rows = data.told.hour.map((_, row) => row);
    told.data = { ...data.told, size: rows.map((row) => data.sizes[recent(row) ? 1 : 0]) };
    const ways = data.people.map((person) => rows.filter((row) => recent(row) && data.told.who[row] === person.name));
    trail.data = {
      xs: ways.map((way) => way.map((row) => data.told.x[row])),
      ys: ways.map((way) => way.map((row) => data.told.y[row])),
    };
  };

  // Shows another part: so many times as large, and so many of its widths and heights further.
  const look = (by, ...further) => {
    ranges.forEach((range, axis) => {
      const [middle, half] = [(range.start + range.end) / 2, (range.end - range.start) / 2];
      const there = middle + 2 * half * (further[axis] ?? 0);
      range.setv({ start: there - half * by, end: there + half * by });
    });
  };
  const keys = {
    ArrowLeft: [1, -0.25],
    ArrowRight: [1, 0.25],
    ArrowDown: [1, 0, -0.25],
    ArrowUp: [1, 0, 0.25],
    "+": [0.5],
    "-": [2],
  };

  let playing = 0;
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    of("moving-play").textContent = "Play";
  };
  const step = () => {
    if (Number(slider.value) >= Number(slider.max)) return stop();
    slider.value = Number(slider.value) + 1;
    show();
  };
  of("moving-play").addEventListener("click", () => {
    if (playing) return stop();
    if (Number(slider.value) >= Number(slider.max)) slider.value = 0;
    of("moving-play").textContent = "Pause";
    playing = setInterval(step, matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 250);
  });
  of("moving-in").addEventListener("click", () => look(0.5));
  of("moving-out").addEventListener("click", () => look(2));
  of("moving-map").addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    look(...keys[event.key]);
  });
  slider.addEventListener("input", show);
  show();
  document.documentElement.dataset.moving = "ready";
})();
