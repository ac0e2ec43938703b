// The mini-program. What it sends has the very forms of ../formats.py; what it shows of an answer it shows as text.
import { wgs84ToGcj02 } from "/h5/gcj02.js";

const VERSION = "10.1.85";
const GATEWAY_APP = { AppId: "HC33010017", WorkspaceId: "default", Version: VERSION };
const OPERATION = "com.healthcode.h5.";
const STARTUP = "com.superapp.client.startup";
const REFRESH_MS = 60_000; // while the code is shown
const STALE_MS = 5 * 60_000; // since the holder last asked for it: then it is refreshed by hand
const COLOURS = {
  green: { sign: "✓", zh: "绿码", en: "Green" },
  yellow: { sign: "!", zh: "黄码", en: "Yellow" },
  red: { sign: "✕", zh: "红码", en: "Red" },
};

const $ = (id) => document.getElementById(id);
const main = $("main");
const store = {
  get: (key, otherwise) => JSON.parse(localStorage.getItem(key) ?? JSON.stringify(otherwise)),
  set: (key, value) => localStorage.setItem(key, JSON.stringify(value)),
};
// A super-app that holds this page tells it which phone it is; a browser alone makes a device id of its own.
const device = window.superapp ?? { utdid: ownId(), model: "BROWSER", secret: "scansim" };
const hasConsented = () => store.get("consented", false);
let city; // gates, districts: what the super-app's map service knows

function ownId() {
  let id = store.get("utdid", "");
  if (!id) {
    id = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
    store.set("utdid", id);
  }
  return id;
}

// What leaves

class Offline extends Error {}

const quote = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
const form = (fields) => Object.entries(fields).map(([name, value]) => `${quote(name)}=${quote(value)}`).join("&");
const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (text) => btoa(String.fromCharCode(...utf8(text)));

async function sign(operation, data, ts) {
  const key = await crypto.subtle.importKey("raw", utf8(device.secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(`${operation}&${data}&${ts}`)));
  return [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Offline();
  }
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

async function post(operation, body) {
  const data = JSON.stringify([{ _requestBody: body }]), ts = String(Date.now());
  const headers = {
    ...GATEWAY_APP,
    Did: device.utdid,
    "Operation-Type": operation,
    Ts: ts,
    Sign: await sign(operation, data, ts),
    "Content-Type": "application/json",
  };
  return (await ask("/mgw.htm", { method: "POST", headers, body: data })).result;
}

async function query(operation, body) {
  const data = JSON.stringify([body]), ts = String(Date.now());
  const fields = { operationType: operation, requestData: data, ts, sign: await sign(operation, data, ts) };
  return (await ask(`/mgw.htm?${form(fields)}`)).result;
}

const verify = (body) =>
  ask("/h5/verify.json", { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body });

// Where the phone is

function fix() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve({ code: 1 });
    const options = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 0 };
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), resolve, options);
  });
}

// How far a gate is, in degrees of latitude.
const away = ({ latitude, longitude }, gate) =>
  Math.hypot(gate.latitude - latitude, (gate.longitude - longitude) * Math.cos((latitude * Math.PI) / 180));

function nearest(coords) {
  return city.places.reduce((best, place) => (away(coords, place.gates[0]) < away(coords, best.gates[0]) ? place : best));
}

// What my.getLocation with `type: 1` returns, all strings; an error without a position; nothing if it is refused.
async function getLocation() {
  const coords = await fix();
  if (coords.code === 1) return null;
  if (coords.code) return { error: "13", errorMessage: "定位失败" };
  const [latitude, longitude] = wgs84ToGcj02(coords.latitude, coords.longitude);
  const accuracy = coords.accuracy.toFixed(1);
  return {
    longitude: longitude.toFixed(6),
    latitude: latitude.toFixed(6),
    accuracy,
    horizontalAccuracy: accuracy,
    country: "中国",
    countryCode: "156",
    ...nearest(coords).area,
  };
}

function network() {
  const { type, effectiveType } = navigator.connection ?? {};
  return type === "wifi" ? "WIFI" : (effectiveType ?? "4g").toUpperCase();
}

// Scans that wait for the network

async function flush() {
  let sent = 0;
  for (let waiting = store.get("queue", []); waiting.length; waiting = store.get("queue", [])) {
    try {
      await verify(waiting[0]);
      sent += 1;
    } catch (error) {
      if (error instanceof Offline) break;
      say("error", "一条登记被拒绝", `A scan that waited was refused (${error.message}).`);
    }
    store.set("queue", waiting.slice(1));
  }
  showQueue();
  return sent;
}

function showQueue() {
  const { length } = store.get("queue", []);
  main.dataset.queued = length;
  $("queue-count").textContent = length;
  $("queue").hidden = !length;
}

// What is shown

function say(state, zh, en) {
  $("status").dataset.state = state;
  $("status-zh").textContent = zh;
  $("status-en").textContent = en;
  $("status").hidden = false;
}

function show(view) {
  for (const section of main.querySelectorAll(":scope > section")) section.hidden = section.id !== view;
  for (const tab of $("tabs").children) tab.setAttribute("aria-current", tab.id === `tab-${view}` ? "page" : "false");
  $("tabs").hidden = !hasConsented();
  $("status").hidden = true;
  $("verdict").hidden = true;
  if (!$("tabs").contains(document.activeElement)) main.focus(); // what had the focus is gone
  if (view !== "scan") stopCamera();
}

function paint(element, colour) {
  const known = Object.hasOwn(COLOURS, colour);
  element.dataset.colour = known ? colour : "";
  return known ? COLOURS[colour] : { sign: "?", zh: String(colour), en: "" };
}

let running = Promise.resolve();

// One action at a time. The page says that it is busy at once, and what went wrong in the end.
function act(task) {
  main.ariaBusy = "true";
  const mine = running.then(task).catch((error) => {
    if (error instanceof Offline) say("offline", "没有网络", "No network: nothing was sent. Try again later.");
    else say("error", "操作失败", `That did not work (${error.message}).`);
  });
  running = mine;
  mine.then(() => {
    if (running === mine) main.ariaBusy = "false";
  });
  return mine;
}

const on = (id, type, task) =>
  $(id).addEventListener(type, (event) => {
    event.preventDefault();
    act(() => task(event));
  });

// Sign-up and consent

async function openForm() {
  const notice = await ask("/h5/notice.json");
  for (const lang of ["zh", "en"]) {
    const told = notice[lang], and = lang === "zh" ? "、" : ", ";
    $(`notice-title-${lang}`).textContent = told.title;
    $(`notice-${lang}`).textContent = told.text;
    $(`notice-purpose-${lang}`).textContent = told.purpose;
    $(`notice-collected-${lang}`).textContent = told.collected.join(and);
    $(`notice-receivers-${lang}`).textContent = told.receivers.join(and);
  }
  show("form");
}

const list = (id) => $(id).value.split(/[,，、]/).map((one) => one.trim()).filter(Boolean);

async function register() {
  const symptoms = [...document.querySelectorAll("[name=symptom]:checked")].map((box) => box.value);
  const { codeNo } = await post(`${OPERATION}register`, {
    name: $("name").value.trim(),
    idCardNo: $("id-card").value.trim().toUpperCase(),
    mobile: $("mobile").value.trim(),
    recentTravel: list("travel"),
    symptoms: [...symptoms, ...list("other-symptoms")],
  });
  store.set("codeNo", codeNo);
  $("ready-number").textContent = codeNo;
  show("ready");
  if (!hasConsented()) $("consent").showModal();
}

async function agree() {
  $("consent").close();
  const location = await getLocation();
  const body = { cityName: city.name, codeNo: store.get("codeNo", "") };
  await post(`${OPERATION}reportInfoAndLocationToPolice`, location ? { location, ...body } : body);
  store.set("consented", true);
  show("ready");
  if (location?.latitude) say("ok", "授权完成", "Done.");
  else say("ok", "授权完成，未获取位置", "Done, without your location.");
}

function decline() {
  $("consent").close();
  show("welcome");
  say("error", "未授权，无法出示健康码", "Without your consent the code is not shown.");
}

// The code

let asked = 0; // when the holder last asked for the code

async function refresh() {
  const codeNo = store.get("codeNo", "");
  const shown = await query(`${OPERATION}queryCode`, { codeNo });
  const { sign: mark, zh, en } = paint($("card"), shown.colour);
  $("sign").textContent = mark;
  $("colour-zh").textContent = zh;
  $("colour-en").textContent = en;
  $("number").textContent = shown.codeNo;
  $("refreshed").dateTime = shown.refreshedAt;
  $("refreshed").textContent = new Date(shown.refreshedAt).toLocaleString("zh-CN", { hour12: false });
  $("legend").replaceChildren(
    ...shown.legend.map((row) => {
      const line = document.createElement("li"), english = document.createElement("span");
      line.dataset.colour = row.colour;
      english.lang = "en";
      english.textContent = row.en;
      line.append(`${row.zh} `, english);
      return line;
    }),
  );
  $("qr").alt = `${zh} ${en}: ${shown.codeNo}`;
  $("qr").src = `/h5/code.svg?${form({ codeNo: shown.codeNo, ts: String(Date.parse(shown.refreshedAt)) })}`;
  await $("qr").decode().catch(() => {
    throw navigator.onLine ? new Error("the picture of the code did not come") : new Offline();
  });
}

async function showCode() {
  if (!hasConsented()) return $("consent").showModal();
  show("code");
  await refresh();
  asked = Date.now();
  age();
}

function age() {
  const stale = Date.now() - asked >= STALE_MS;
  $("card").dataset.stale = stale;
  $("stale").hidden = !stale;
  return stale;
}

setInterval(() => {
  if (!$("code").hidden && !document.hidden && !age()) act(refresh);
}, REFRESH_MS);

// Scans

let decoder = null;

function loadDecoder() {
  const { prepareZXingModule } = window.ZXingWASM;
  const overrides = { locateFile: () => "/h5/zxing-wasm/zxing_reader.wasm" };
  decoder ??= prepareZXingModule({ overrides, fireImmediately: true }).catch(() => {
    decoder = null;
    throw new Error("the QR reader could not be loaded: choose a checkpoint instead");
  });
  return decoder;
}

async function read(picture) {
  await loadDecoder();
  const found = await window.ZXingWASM.readBarcodes(picture, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 1 });
  return found[0]?.text ?? "";
}

// The place that a poster's link names, under two layers of percent-encoding. The link is never followed.
function placeOf(text) {
  if (!text.startsWith("alipays://platformapi/startapp?")) return null;
  const link = new URLSearchParams(text.slice(text.indexOf("?") + 1)).get("url") ?? "";
  if (!URL.canParse(link) || new URL(link).hostname !== (device.host ?? location.hostname)) return null;
  const id = new URLSearchParams(new URL(link).searchParams.get("query") ?? "").get("orgCode");
  return city.places.find((place) => place.id === id) ?? null;
}

async function openScan() {
  show("scan");
  await loadDecoder().catch(() => say("offline", "无法读取二维码", "The QR reader could not be loaded: choose a checkpoint."));
}

async function scanned(text) {
  const place = placeOf(text);
  if (!place) return say("error", "不是场所码", text ? "This is not a place code." : "No QR code was found in the picture.");
  return checkIn(place, "poster", text);
}

// A poster does not say at which gate it hangs: the first will do.
async function checkIn(place, scene, qrCode, gate = "0") {
  const direction = document.querySelector("[name=direction]:checked").value;
  const where = await getLocation();
  const data = {
    ...(where && { location: JSON.stringify(where) }),
    scanTime: String(Date.now()),
    placeId: place.id,
    gateId: `${place.id}-${gate}-${direction}`,
    ...(scene === "poster" && { qrCode }),
  };
  const ext = { utdid: device.utdid, model: device.model, network: network() };
  const body = form({ data: JSON.stringify(data), ext: base64(JSON.stringify(ext)), codeNo: store.get("codeNo", ""), scene });
  let answer;
  try {
    await flush();
    answer = await verify(body);
  } catch (error) {
    if (!(error instanceof Offline)) throw error;
    store.set("queue", [...store.get("queue", []), body]);
    showQueue();
    $("verdict").hidden = true;
    return say("queued", "没有网络，登记将稍后发送", "No network: the scan is kept and sent later.");
  }
  const { sign: mark, zh, en } = paint($("verdict"), answer.colour);
  $("verdict-zh").textContent = `${mark} ${zh}，${answer.pass ? "请通行" : "请勿入内"}`;
  $("verdict-en").textContent = `${en}: ${answer.pass ? "you may pass" : "you should not pass"}`;
  $("verdict-where").textContent = `${place.name} ${place.english}`;
  $("verdict").hidden = false;
  scrollTo({ top: 0 });
  say("ok", "已登记", where?.latitude ? "Registered." : "Registered, without your location.");
}

let stream = null;

async function startCamera() {
  stopCamera();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    return say("error", "无法使用相机", `The camera cannot be used (${error.name}): choose a photo or a checkpoint.`);
  }
  $("viewfinder").hidden = false;
  $("video").srcObject = stream;
  await $("video").play();
  look(stream);
}

function look(watched) {
  $("video").requestVideoFrameCallback(async () => {
    if (stream !== watched) return;
    const { videoWidth: width, videoHeight: height } = $("video");
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage($("video"), 0, 0);
    const text = await read(context.getImageData(0, 0, width, height)).catch(() => "");
    if (stream !== watched) return;
    if (!text) return look(watched);
    stopCamera();
    act(() => scanned(text));
  });
}

function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  $("video").srcObject = null;
  $("viewfinder").hidden = true;
}

async function scanPhoto() {
  const [photo] = $("photo").files;
  if (!photo) return;
  const text = await read(photo).catch((error) => { throw new Error(error.message || "not a picture"); });
  $("photo").value = ""; // the same photo can be chosen again
  await scanned(text);
}

function scanPlace() {
  const [, id, gate] = $("place").value.match(/^(.*)-(\d+)$/);
  const place = city.places.find((one) => one.id === id);
  return checkIn(place, place.scene, place.qrCode, gate);
}

function listPlaces() {
  for (const place of city.places) {
    for (const [number, gate] of place.gates.entries()) {
      const option = document.createElement("option");
      option.value = `${place.id}-${number}`;
      option.textContent = `${place.name} ${place.english} ${gate.name}`;
      $("place").append(option);
    }
  }
}

on("sign-up", "click", openForm);
on("tab-form", "click", openForm);
on("declaration", "submit", register);
on("agree", "click", agree);
on("decline", "click", decline);
on("consent", "cancel", decline);
on("show-code", "click", showCode);
on("tab-code", "click", showCode);
on("refresh", "click", showCode);
on("tab-scan", "click", openScan);
on("camera", "click", startCamera);
on("camera-off", "click", stopCamera);
on("photo", "change", scanPhoto);
on("at-place", "click", scanPlace);
on("flush", "click", flush);
window.addEventListener("online", () => act(flush));

act(async () => {
  city = await ask("/h5/city.json");
  listPlaces();
  showQueue();
  await post(STARTUP, { model: device.model, os: "Android 10", coldStart: true });
  if (!hasConsented()) return show("welcome");
  await flush();
  await showCode();
});
