// Keeps the pages of the rounds at hand that were opened last, for when there is no connection.
// What the server says comes first; nothing but the own rounds and their style is kept, and a page
// that asks to log in empties the store.
"use strict";

const STORE = "rounds";
const MOST = 40;

function isKept(url) {
  const path = url.pathname;
  return path === "/rounds/" || path === "/rounds/visits/new" || path.startsWith("/static/");
}

async function remember(request, answer) {
  const store = await caches.open(STORE);
  await store.put(request, answer);
  const keys = await store.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) await store.delete(key);
}

async function answerOf(request) {
  try {
    const answer = await fetch(request);
    if (answer.status === 401 || answer.status === 403) await caches.delete(STORE);
    else if (answer.ok && !answer.redirected) await remember(request, answer.clone());
    return answer;
  } catch (fault) {
    const store = await caches.open(STORE);
    const known = await store.match(request);
    if (known) return known;
    throw fault;
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.origin === self.location.origin && isKept(url)) {
    event.respondWith(answerOf(event.request));
  }
});
