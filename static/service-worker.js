// After the first visit the page works without a network. Each version of the page keeps all its files together, so that
// parts of two never meet; a new one waits until it is asked for.
const VERSION = null;
const FILES = null;

// Several sites of one host may each have a page of their own.
const NAME = `saya ${self.registration.scope} `;

self.addEventListener('install', (event) => {
  // Asked for again, past what the browser remembers: a version holds what the server has now.
  const fresh = FILES.map((file) => new Request(file, { cache: 'no-cache' }));
  event.waitUntil(caches.open(NAME + VERSION).then((cache) => cache.addAll(fresh)));
});

self.addEventListener('activate', (event) => {
  const begin = async () => {
    for (const name of await caches.keys()) if (name.startsWith(NAME) && name !== NAME + VERSION) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(begin());
});

self.addEventListener('message', (event) => {
  if (event.data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || !address.href.startsWith(self.registration.scope)) return;
  const answer = async () => {
    const cache = await caches.open(NAME + VERSION);
    // The page is one file, whatever it is asked to show.
    address.search = '';
    address.hash = '';
    const path = address.href.replace(/\/index\.html$/, '/');
    return (await cache.match(path)) ?? fetch(request);
  };
  event.respondWith(answer());
});
