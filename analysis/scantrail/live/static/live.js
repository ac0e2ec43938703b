// The maps of the live page: gives them the data of each event, and carries the phone where one clicks.
const plots = {}; // by the id of their element
const data = {}; // what they are to show, by the same

const show = (id) => {
  for (const [name, columns] of Object.entries(data[id] ?? {})) {
    const source = plots[id]?.get_model_by_name(name);
    if (source) source.data = columns;
  }
};

document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const { id, classList } = event.target;
  if (event.detail.type === "reload") return location.reload();
  if (!classList.contains("map")) return;
  event.preventDefault(); // data, not markup
  data[id] = JSON.parse(event.detail.data);
  show(id);
});

document.addEventListener("DOMContentLoaded", async () => {
  for (const { id } of document.querySelectorAll(".map")) {
    const item = await (await fetch(`map/${id}`)).json();
    const [view] = await Bokeh.embed.embed_item(item, id);
    plots[id] = view.model.document;
    if (id === "city" && document.body.classList.contains("lead")) {
      view.model.on_event("tap", ({ x, y }) => htmx.ajax("POST", "do/move", { values: { x, y }, swap: "none" }));
    }
    show(id);
  }
  document.documentElement.dataset.maps = "ready";
});
