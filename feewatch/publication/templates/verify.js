"use strict";
// Verifies an edition with the browser's own WebCrypto: hashes, canonical bytes, Ed25519 signature.
// It asks nothing of any server but, where it is opened from one, for the files of the edition.
const ED25519 = "ed25519-sha256", SM2 = "sm2-sm3";
// DER of a public key up to its raw bytes, and how many these are. Browsers have no SM2 and no SM3.
const HEADS = [[ED25519, "302a300506032b6570032100", 32],
  [SM2, "3059301306072a8648ce3d020106082a811ccf5501822d034200", 65]];
const NO_SM2 = "浏览器没有 SM2/SM3：SM2 签名没有核验，请用命令 feewatch verify / browsers have no SM2/SM3: the SM2 signature was NOT verified; use feewatch verify";
const MANIFEST = "manifest.json", EDITION = "edition.json", TIMESTAMP = "timestamp.json", REVOKED = "revoked.json";
const ASIDE = [MANIFEST, TIMESTAMP, REVOKED];
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

// One public key: the name under which signatures call it, its suite, and how old it is by rank.
async function readKey(base64, rank) {
  let der;
  try {
    der = Uint8Array.from(atob(base64.replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
  } catch {
    throw noKey();
  }
  for (const [suite, head, size] of HEADS) {
    const raw = der.slice(head.length / 2);
    if (hex(der.slice(0, head.length / 2)) !== head || raw.length !== size) continue;
    const id = (await sha256(raw)).slice(0, 16);
    if (suite === SM2) return { id, suite, rank };
    try {
      return { id, suite, rank, key: await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]) };
    } catch (fault) {
      throw fault.name === "NotSupportedError" ? unsupported() : noKey();
    }
  }
  throw noKey();
}

const PEM = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/g;

// The public keys of a PEM text, or of a signed list of keys with their days, the newest first.
async function readKeys(text) {
  if (text.trimStart().startsWith("{")) return readKeyList(text);
  const keys = new Map(), blocks = [...text.matchAll(PEM)];
  if ((text.match(/-----BEGIN/g) || []).length !== blocks.length) throw noKey();
  for (const [rank, block] of blocks.entries()) {
    const key = await readKey(block[1], rank);
    keys.set(key.id, key);
  }
  if (!keys.size) throw new Wrong("请先选择公钥文件（PEM）", "choose the public key file (PEM) first");
  return keys;
}

async function readKeyList(text) {
  const keys = new Map();
  try {
    for (const [rank, row] of JSON.parse(text).keys.entries()) {
      const [block] = [...row.pem.matchAll(PEM)];
      const key = await readKey(block[1], rank);
      keys.set(key.id, { ...key, until: row.valid_until });
    }
    await readSigned(new TextEncoder().encode(text), keys, ["feewatch-keys/1"], []);
  } catch {
    throw new Wrong("密钥清单不是由所列密钥签署的", "the list of keys is not signed by one that it lists");
  }
  return keys;
}

function noKey() {
  return new Wrong("公钥文件里有不是 Ed25519 或 SM2 公钥的内容", "the key file holds what is no Ed25519 or SM2 public key");
}

// The keys with what a list revokes of them; believed where a newer trusted key, itself not revoked, signed it.
async function withRevoked(keys, bytes, notes) {
  const list = await readSigned(bytes, keys, ["feewatch-revoked/1"], notes);
  const revoked = new Map(list.revoked.map((row) => [row.key_id, row]));
  const staying = list.signatures.map((each) => keys.get(each.key_id)).filter((key) => key && !revoked.has(key.id));
  const marked = new Map(keys);
  for (const [id, row] of revoked) {
    const key = keys.get(id);
    if (!key) continue;
    if (!staying.some((each) => each.rank < key.rank))
      throw new Wrong("吊销名单不是由更新的可信密钥签署", "no newer trusted key signed the list of revoked keys");
    marked.set(id, { ...key, revoked: row });
    notes.push("密钥 " + id + " 自 " + row.revoked_on + " 起已吊销（" + row.reason + "），仍予确认的文件 " + row.stands_by.length
      + " 份 / key " + id + " is revoked from " + row.revoked_on + "; " + row.stands_by.length + " documents are stood by");
  }
  return marked;
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
async function readSigned(bytes, keys, formats, notes) {
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
  await checkSignatures(document, signatures, digest, bytes, keys, notes);
  if (!formats.includes(document.format)) throw new Wrong("不是 " + formats.join("、") + " 文件", "is no " + formats.join(", ") + " document");
  return document;
}

// Nothing where a trusted key carries the document and no signature of one is false; a suite that
// nobody knows is refused, and one that the browser lacks is told and never taken for verified.
async function checkSignatures(document, signatures, digest, bytes, keys, notes) {
  let wrong = new Wrong("没有可信密钥的有效签名", "no valid signature by a trusted key");
  for (const signature of signatures) {
    const suite = signature ? signature.suite : undefined;
    if (suite !== ED25519 && suite !== SM2)
      throw new Wrong("签名算法 " + suite + " 不认识", "signature suite " + suite + " is not known");
    if (suite === SM2) {
      if (!notes.includes(NO_SM2)) notes.push(NO_SM2);
      continue;
    }
    const key = keys.get(signature.key_id);
    if (!key || key.suite !== suite) continue;
    const value = unhex(signature.value);
    if (!value || value.length !== 64 || !(await crypto.subtle.verify({ name: "Ed25519" }, key.key, value, digest)))
      throw new Wrong("密钥 " + key.id + " 的签名无效", "the signature of key " + key.id + " is not valid");
    const refused = await refusal(document, bytes, key);
    wrong = refused === null || wrong === null ? null : refused;
  }
  if (wrong) throw wrong;
}

// Why a valid signature of a trusted key does not count; null where it does.
async function refusal(document, bytes, key) {
  if (key.revoked && !key.revoked.stands_by.includes(await sha256(bytes)))
    return new Wrong("密钥 " + key.id + " 自 " + key.revoked.revoked_on + " 起已吊销，本文件不在吊销名单所确认之列",
      "key " + key.id + " is revoked from " + key.revoked.revoked_on + ", which does not stand by this document");
  const day = document.cut_off || document.issued_on;
  if (key.until && day && day > key.until)
    return new Wrong("密钥 " + key.id + " 只用到 " + key.until + "，文件的日期在此之后",
      "key " + key.id + " was in use until " + key.until + ", before the day of the document");
  return null;
}

// What is right and what is wrong with the files of one edition; `read` gives the bytes of a name or null.
async function verify(read, names, trusted, place) {
  const faults = [], told = {}, notes = [];
  let keys = trusted;
  const fault = (name, error) => faults.push(name + "：" + error.message);
  const manifestBytes = await read(MANIFEST);
  if (!manifestBytes) return { faults: [MANIFEST + "：缺少清单 / the manifest is missing"], told, notes };
  const revokedBytes = await read(REVOKED);
  if (revokedBytes) {
    try { keys = await withRevoked(keys, revokedBytes, notes); } catch (error) { notes.push(REVOKED + "：" + error.message); }
  } else if (keys.size > 1) {
    notes.push("没有 keys/revoked.json，没有核对密钥是否已吊销 / keys/revoked.json was not given: whether a key is revoked was not checked");
  }
  let manifest;
  try {
    manifest = await readSigned(manifestBytes, keys, ["feewatch-manifest/1"], notes);
    if (manifest.files === null || typeof manifest.files !== "object") throw new Wrong("没有文件", "names no files");
  } catch (error) {
    fault(MANIFEST, error);
    return { faults, told, notes };
  }
  let edition = null;
  for (const name of Object.keys(manifest.files).sort()) {
    const bytes = await read(name);
    if (!bytes) {
      fault(name, new Wrong("文件缺失", "the file is missing"));
    } else if ((await sha256(bytes)) !== manifest.files[name]) {
      fault(name, new Wrong("内容与签名清单不符", "does not agree with the signed manifest"));
    } else if (name === EDITION) {
      try { edition = await readSigned(bytes, keys, FORMATS, notes); } catch (error) { fault(name, error); }
    }
  }
  for (const name of names)
    if (!ASIDE.includes(name) && !Object.hasOwn(manifest.files, name))
      fault(name, new Wrong("不在签名清单中", "is not in the signed manifest"));
  if (!edition) {
    if (!Object.hasOwn(manifest.files, EDITION)) fault(EDITION, new Wrong("清单里没有这个文件", "is not in the manifest"));
    return { faults, told, notes };
  }
  for (const key of ["district", "number", "cut_off"])
    if (edition[key] !== manifest[key]) fault(MANIFEST, new Wrong("清单与版次不符", "belongs to another edition"));
  checkPlace(place, edition, fault);
  Object.assign(told, { office: edition.office, district: edition.district, number: edition.number, cut_off: edition.cut_off });
  told.checked = Object.keys(manifest.files).length + 1;
  told.fresh = await freshness(read, keys, edition, manifest.files[EDITION], fault, notes);
  notes.push("只核验了这一期，没有核验以前各期；整条版次链用 feewatch verify / this edition alone was verified, not those before it: use feewatch verify for the chain");
  return { faults, told, notes };
}

// An edition under a name that is not its own was laid there by someone else.
function checkPlace(place, edition, fault) {
  const [district, number] = place ? place.split("/") : ["", ""];
  if (district && district !== edition.district)
    fault(MANIFEST, new Wrong("放在 " + district + " 名下，内容却是 " + edition.district + " 的", "lies under " + district + " and is of " + edition.district));
  if (/^\d+$/.test(number) && Number(number) !== edition.number)
    fault(MANIFEST, new Wrong("放在第 " + number + " 期名下，内容却是第 " + edition.number + " 期", "lies under edition " + number + " and is edition " + edition.number));
}

async function freshness(read, keys, edition, hash, fault, notes) {
  const bytes = await read(TIMESTAMP);
  if (!bytes) return "没有选择 timestamp.json，没有核验是否为最新一期 / timestamp.json was not given: whether it is the latest was not checked";
  try {
    const stamp = await readSigned(bytes, keys, ["feewatch-timestamp/1"], notes);
    if (stamp.district !== edition.district) throw new Wrong("属于其他地区", "belongs to another district");
    if (stamp.edition_sha256 === edition.previous_sha256)
      return "比 timestamp.json 所记的第 " + stamp.number + " 期新一期 / is the one after edition " + stamp.number + ", which timestamp.json names";
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

function show({ faults, told, notes }) {
  const place = byId("result");
  place.replaceChildren();
  place.className = faults.length ? "bad" : "good";
  const good = notes.includes(NO_SM2) ? "核验通过（仅 Ed25519 签名） / verified (Ed25519 signature alone)" : "核验通过 / verified";
  line(faults.length ? "核验不通过 / NOT verified" : good, place, "h2");
  if (told.office) {
    line(told.office + " · 行政区划 district " + told.district + " · 第 " + told.number + " 期 edition " + told.number, place);
    line("截止日 cut-off " + told.cut_off + "（距今 " + ageInDays(told.cut_off) + " 天 days ago）", place);
  }
  if (told.fresh) line(told.fresh, place);
  if (!faults.length) line("已核对 " + told.checked + " 个文件 / files checked: " + told.checked, place);
  for (const text of [...faults, ...notes]) line(text, place);
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
    let path = place + "/" + encodeURIComponent(name);
    if (name === TIMESTAMP) path = place.split("/")[0] + "/" + TIMESTAMP;
    if (name === REVOKED) path = "keys/" + REVOKED;
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
    const isChosen = byId("files").files.length > 0;
    const { read, names } = isChosen ? chosenFiles() : filesBeside(place);
    show(await verify(read, names, keys, isChosen ? "" : place));
  } catch (error) {
    refuse(error);
  }
}

byId("place").value = new URLSearchParams(location.search).get("edition") || "";
if (location.protocol === "file:") byId("beside").hidden = true;
byId("start").addEventListener("click", start);
checkSupport().catch(refuse);
