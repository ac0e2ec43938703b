// What the phone tells the page on it, in place of a real one: where it is, what time it is, whose it is.
(() => {
  const told = JSON.parse(document.currentScript.dataset.phone);
  window.superapp = told.superapp;

  let now = Date.now(), heard = performance.now();
  Date.now = () => Math.round(now + performance.now() - heard);
  new EventSource("/phone/clock").addEventListener("message", ({ data }) => {
    now = Number(data);
    heard = performance.now();
  });

  const locate = async (found, failed) => {
    try {
      const answer = await fetch("/phone/position", { cache: "no-store" });
      found({ coords: await answer.json(), timestamp: Date.now() });
    } catch {
      failed?.({ code: 2, message: "no position" });
    }
  };
  Object.defineProperty(navigator, "geolocation", { value: { getCurrentPosition: locate } });

  // Whose phone it is fills in forms, and opens the list of checkpoints at the nearest one.
  document.addEventListener("DOMContentLoaded", () => {
    for (const [id, value] of Object.entries(told.person)) document.getElementById(id)?.setAttribute("value", value);
    document.getElementById("tab-scan")?.addEventListener("click", async () => {
      const place = await (await fetch("/phone/place", { cache: "no-store" })).json();
      const options = [...(document.getElementById("place")?.options ?? [])];
      const nearest = options.find((option) => option.value.startsWith(`${place}-`));
      if (nearest) nearest.selected = true;
    });
  });
})();
