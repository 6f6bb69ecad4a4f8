// Lets a visit wait on the phone while there is no connection, and sends it once there is one.
// Without it the form sends itself. The server knows a visit by its token, so that one that was
// sent and whose answer was lost is sent again and counted once.
"use strict";

(() => {
  const bar = document.getElementById("queue");
  const words = bar.dataset;
  const form = document.getElementById("visit");
  let isSending = false;

  function freshToken() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function tell(text) {
    bar.textContent = text;
    bar.hidden = text === "";
  }

  function open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open("rounds", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("visits", { keyPath: "token" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async function store(mode, act) {
    const base = await open();
    try {
      return await new Promise((resolve, reject) => {
        const work = base.transaction("visits", mode);
        const request = act(work.objectStore("visits"));
        work.oncomplete = () => resolve(request.result);
        work.onabort = work.onerror = () => reject(work.error);
      });
    } finally {
      base.close();
    }
  }

  const keep = (visit) => store("readwrite", (visits) => visits.put(visit));
  const drop = (token) => store("readwrite", (visits) => visits.delete(token));

  async function waiting() {
    const visits = await store("readonly", (all) => all.getAll());
    return visits.filter((visit) => visit.person === words.person && !visit.refused);
  }

  async function currentWord() {
    const answer = await fetch(words.token, { headers: { Accept: "application/json" } });
    const type = answer.headers.get("Content-Type") || "";
    if (!answer.ok || !type.includes("json")) return null;
    const told = await answer.json();
    return told.person === words.person ? told.csrf_token : null;
  }

  // The address of the visit on record, or what was wrong with it.
  async function send(visit, word) {
    const body = new FormData();
    for (const [name, value, fileName] of visit.fields) {
      if (name === "csrf_token") continue;
      if (fileName) body.append(name, value, fileName);
      else body.append(name, value);
    }
    body.append("csrf_token", word);
    const answer = await fetch(visit.action, { method: "POST", body });
    if (answer.ok && answer.redirected) return { address: answer.url };
    if (answer.status === 401 || answer.status === 403 || answer.status === 429 || answer.status >= 500) {
      throw new Error("later");
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const wrong = page.querySelector("#refusal .what, main h1");
    return { refusal: wrong ? wrong.textContent.trim() : String(answer.status) };
  }

  async function flush() {
    if (isSending) return;
    isSending = true;
    try {
      let visits = await waiting();
      const all = visits.length;
      while (visits.length > 0) {
        const word = await currentWord();
        if (word === null) { tell(words.login.replace("{n}", visits.length)); return; }
        const visit = visits[0];
        const came = await send(visit, word);
        if (came.refusal) {
          // what is wrong the person has to mend: the form is still there, or is filled in anew
          await drop(visit.token);
          tell(words.refused + came.refusal);
          return;
        }
        await drop(visit.token);
        if (form && form.elements.token.value === visit.token) {
          location.assign(came.address);
          return;
        }
        visits = await waiting();
      }
      if (all > 0) tell(words.sent);
    } catch {
      const left = await waiting();
      tell(left.length ? words.waiting.replace("{n}", left.length) : "");
    } finally {
      isSending = false;
    }
  }

  if (form) {
    // a page from the store of the phone would send the token of the visit before
    form.elements.token.value = freshToken();
    addEventListener("pageshow", (event) => {
      if (event.persisted) form.elements.token.value = freshToken();
    });
    form.addEventListener("change", (event) => {
      if (event.target.type === "radio" && event.target.value === "fail") {
        event.target.closest("fieldset").querySelector("details").open = true;
      }
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const most = Number(form.dataset.mostMb);
      const fields = [];
      for (const [name, value] of new FormData(form)) {
        if (!(value instanceof File)) fields.push([name, value]);
        else if (value.size > most * 1048576) { tell(words.large.replace("{mb}", most)); return; }
        else if (value.size > 0) fields.push([name, new Blob([await value.arrayBuffer()], { type: value.type }), value.name]);
      }
      const visit = { token: form.elements.token.value, person: words.person, action: form.action, fields };
      await keep(visit);
      await flush();
    });
  }

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(words.worker, { scope: words.scope }).catch(() => {});
  }
  addEventListener("online", flush);
  setInterval(() => { if (navigator.onLine) flush(); }, 15000);
  flush();
})();
