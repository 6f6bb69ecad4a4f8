"use strict";
// Verifies an edition with the browser's own WebCrypto: hashes, canonical bytes, Ed25519 signature.
// It asks nothing of any server but, where it is opened from one, for the files of the edition.
const SUITE = "ed25519-sha256";
const MANIFEST = "manifest.json", EDITION = "edition.json", TIMESTAMP = "timestamp.json";
const FORMATS = ["feewatch-edition/1", "feewatch-edition/2"];
const byId = (id) => document.getElementById(id);

class Wrong extends Error {
  constructor(zh, en) { super(zh + " / " + en); }
}

// RFC 8785: members sorted by UTF-16 units, texts and numbers as ECMAScript writes them.
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value !== null && typeof value === "object") {
    const members = Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key]));
    return "{" + members.join(",") + "}";
  }
  return JSON.stringify(value);
}

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

function unhex(text) {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
}

// The public keys of a PEM text, by the name under which signatures call them.
async function readKeys(pem) {
  const keys = new Map();
  for (const match of pem.matchAll(/-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/g)) {
    const der = Uint8Array.from(atob(match[1].replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
    let key;
    try {
      key = await crypto.subtle.importKey("spki", der, { name: "Ed25519" }, true, ["verify"]);
    } catch (fault) {
      if (fault.name === "NotSupportedError") throw unsupported();
      throw new Wrong("公钥文件里有不是 Ed25519 公钥的内容", "the key file holds what is no Ed25519 public key");
    }
    const raw = await crypto.subtle.exportKey("raw", key);
    keys.set((await sha256(raw)).slice(0, 16), key);
  }
  if (!keys.size) throw new Wrong("请先选择公钥文件（PEM）", "choose the public key file (PEM) first");
  return keys;
}

function unsupported() {
  return new Wrong(
    "此浏览器不能核验 Ed25519 签名：请换用较新的 Chrome、Edge、Firefox 或 Safari，或者用命令 feewatch verify",
    "this browser cannot verify Ed25519 signatures: use a recent Chrome, Edge, Firefox or Safari, or feewatch verify");
}

async function checkSupport() {
  if (!globalThis.crypto || !crypto.subtle)
    throw new Wrong(
      "此网页须以 https 或者从本机文件打开，浏览器才提供核验功能；也可以用命令 feewatch verify",
      "open this page by https or from a file of this computer, else the browser offers no verification; or use feewatch verify");
  try {
    await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  } catch {
    throw unsupported();
  }
}

// The document of signed bytes: canonical to the last one, signed by a key that is trusted.
async function readSigned(bytes, keys, formats) {
  let text, document;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    document = JSON.parse(text);
  } catch {
    throw new Wrong("不是有效的 JSON", "is no valid JSON");
  }
  if (document === null || typeof document !== "object" || !Array.isArray(document.signatures))
    throw new Wrong("没有签名", "carries no signatures");
  if (canonical(document) !== text) throw new Wrong("不是规范格式，内容被改动", "is not in canonical form: it was altered");
  const { signatures, ...bare } = document;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(bare)));
  if (!(await isSigned(signatures, digest, keys)))
    throw new Wrong("没有可信密钥的有效签名", "no valid signature by a trusted key");
  if (!formats.includes(document.format)) throw new Wrong("不是 " + formats.join("、") + " 文件", "is no " + formats.join(", ") + " document");
  return document;
}

async function isSigned(signatures, digest, keys) {
  for (const signature of signatures) {
    const key = signature && signature.suite === SUITE ? keys.get(signature.key_id) : undefined;
    const value = signature && unhex(signature.value);
    if (key && value && (await crypto.subtle.verify({ name: "Ed25519" }, key, value, digest))) return true;
  }
  return false;
}

// What is right and what is wrong with the files of one edition; `read` gives the bytes of a name or null.
async function verify(read, names, keys) {
  const faults = [], told = {};
  const fault = (name, error) => faults.push(name + "：" + error.message);
  const manifestBytes = await read(MANIFEST);
  if (!manifestBytes) return { faults: [MANIFEST + "：缺少清单 / the manifest is missing"], told };
  let manifest;
  try {
    manifest = await readSigned(manifestBytes, keys, ["feewatch-manifest/1"]);
  } catch (error) {
    fault(MANIFEST, error);
    return { faults, told };
  }
  let edition = null;
  for (const name of Object.keys(manifest.files).sort()) {
    const bytes = await read(name);
    if (!bytes) {
      fault(name, new Wrong("文件缺失", "the file is missing"));
    } else if ((await sha256(bytes)) !== manifest.files[name]) {
      fault(name, new Wrong("内容与签名清单不符", "does not agree with the signed manifest"));
    } else if (name === EDITION) {
      try { edition = await readSigned(bytes, keys, FORMATS); } catch (error) { fault(name, error); }
    }
  }
  for (const name of names)
    if (name !== MANIFEST && name !== TIMESTAMP && !(name in manifest.files))
      fault(name, new Wrong("不在签名清单中", "is not in the signed manifest"));
  if (!edition) {
    if (!(EDITION in manifest.files)) fault(EDITION, new Wrong("清单里没有这个文件", "is not in the manifest"));
    return { faults, told };
  }
  for (const key of ["district", "number", "cut_off"])
    if (edition[key] !== manifest[key]) fault(MANIFEST, new Wrong("清单与版次不符", "belongs to another edition"));
  Object.assign(told, { office: edition.office, district: edition.district, number: edition.number, cut_off: edition.cut_off });
  told.checked = Object.keys(manifest.files).length + 1;
  told.fresh = await freshness(read, keys, edition, manifest.files[EDITION], fault);
  return { faults, told };
}

async function freshness(read, keys, edition, hash, fault) {
  const bytes = await read(TIMESTAMP);
  if (!bytes) return "没有选择 timestamp.json，没有核验是否为最新一期 / timestamp.json was not given: whether it is the latest was not checked";
  try {
    const stamp = await readSigned(bytes, keys, ["feewatch-timestamp/1"]);
    if (stamp.district !== edition.district) throw new Wrong("属于其他地区", "belongs to another district");
    if (stamp.number !== edition.number)
      throw new Wrong("最新一期是第 " + stamp.number + " 期", "names edition " + stamp.number + " as the latest");
    if (stamp.edition_sha256 !== hash) throw new Wrong("指向内容不同的版次", "names an edition of other content");
    if (today() > stamp.expires_on)
      throw new Wrong("时效已于 " + stamp.expires_on + " 届满", "vouched for this edition until " + stamp.expires_on + " only");
  } catch (error) {
    fault(TIMESTAMP, error);
    return "";
  }
  return "是最新一期（" + today() + "） / is the latest edition on " + today();
}

// The legal day in China, wherever the reader is.
const today = () => new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10);
const ageInDays = (day) => Math.round((Date.parse(today()) - Date.parse(day)) / 86400000);

function line(text, parent, tag = "p") {
  const element = document.createElement(tag);
  element.textContent = text;
  parent.append(element);
}

function show({ faults, told }) {
  const place = byId("result");
  place.replaceChildren();
  place.className = faults.length ? "bad" : "good";
  line(faults.length ? "核验不通过 / NOT verified" : "核验通过 / verified", place, "h2");
  if (told.office) {
    line(told.office + " · 行政区划 district " + told.district + " · 第 " + told.number + " 期 edition " + told.number, place);
    line("截止日 cut-off " + told.cut_off + "（距今 " + ageInDays(told.cut_off) + " 天 days ago）", place);
  }
  if (told.fresh) line(told.fresh, place);
  if (!faults.length) line("已核对 " + told.checked + " 个文件 / files checked: " + told.checked, place);
  for (const fault of faults) line(fault, place);
}

function refuse(error) {
  const place = byId("result");
  place.className = "bad";
  place.replaceChildren();
  line(error instanceof Wrong ? error.message : "无法核验 / cannot verify: " + error.message, place);
}

// Files that the reader chose: a whole folder, or the files of one.
function chosenFiles() {
  const files = new Map();
  for (const file of byId("files").files) files.set(file.name, file);
  return { read: async (name) => (files.has(name) ? files.get(name).arrayBuffer() : null), names: [...files.keys()] };
}

// Files beside this page: DISTRICT/NUMBER/ under the folder in which it lies.
function filesBeside(place) {
  const read = async (name) => {
    const path = name === TIMESTAMP ? place.split("/")[0] + "/" + TIMESTAMP : place + "/" + encodeURIComponent(name);
    const answer = await fetch(path, { cache: "no-store" });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Wrong("无法读取 " + path, "cannot read " + path);
    return answer.arrayBuffer();
  };
  return { read, names: [] };
}

async function start() {
  try {
    await checkSupport();
    const keyFile = byId("key").files[0];
    const keys = await readKeys(keyFile ? await keyFile.text() : byId("pem").value);
    const place = byId("place").value.trim();
    if (!byId("files").files.length && !/^\d{6}\/(\d+|latest)$/.test(place))
      throw new Wrong("请选择一期的文件，或者写明 行政区划/期次", "choose the files of an edition, or name DISTRICT/NUMBER");
    const { read, names } = byId("files").files.length ? chosenFiles() : filesBeside(place);
    show(await verify(read, names, keys));
  } catch (error) {
    refuse(error);
  }
}

byId("place").value = new URLSearchParams(location.search).get("edition") || "";
if (location.protocol === "file:") byId("beside").hidden = true;
byId("start").addEventListener("click", start);
checkSupport().catch(refuse);
