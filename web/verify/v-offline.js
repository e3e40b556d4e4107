// SPDX-License-Identifier: GPL-3.0-or-later
//
// Keeps the page in the browser, so that it opens where there is no network (a service worker).  It stands beside the
// folder v/ and not in it, because the address on a card is /v, which is above everything in /v/.
//
// A page is always answered from what is kept, and then the files are fetched anew behind its back: all of them, and
// they replace the old ones only when every one came, so that no page is made of two versions.  What is asked for here
// is this list of names and nothing else: no request of the page is ever passed on with its address.
//
// Not for: roots and lists, which the page keeps itself (v/kept.js).

const CACHE = 'profbilet-verify';
const FILES = [
  '/v/',
  '/v/page.css',
  '/v/icon.svg',
  '/v/page.js',
  '/v/address.js',
  '/v/bytes.js',
  '/v/cbor.js',
  '/v/certificate.js',
  '/v/cose.js',
  '/v/credential.js',
  '/v/der.js',
  '/v/kept.js',
  '/v/lists.js',
  '/v/scan.js',
  '/v/show.js',
  '/v/status.js',
  '/v/trust.js',
  '/v/update.js',
  '/v/values.js',
  '/v/verdict.js',
  '/v/words.js',
];
// Where the page was built without its scanner these are not there.
const SCANNER = [
  '/v/scanner/worker.js',
  '/v/scanner/share.js',
  '/v/scanner/reader/index.js',
  '/v/scanner/zxing_reader.wasm',
];

async function fetchAll(names) {
  const answers = await Promise.all(names.map(name => fetch(name, { cache: 'no-cache', credentials: 'omit' })));
  if (!answers.every(answer => answer.ok)) throw new Error('not all of the page is there');
  return answers;
}

async function keep(names) {
  const answers = await fetchAll(names),
    cache = await caches.open(CACHE);
  await Promise.all(names.map((name, i) => cache.put(name, answers[i])));
}

async function keepEverything() {
  await keep(FILES);
  await keep(SCANNER).catch(() => {});
}

// The address of a page may end in what a card says: only its path is looked at.
function nameOf(request) {
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== 'GET') return null;
  if (request.mode === 'navigate')
    return pathname === '/v' || pathname === '/v/' || pathname === '/v/index.html' ? '/v/' : null;
  return FILES.includes(pathname) || SCANNER.includes(pathname) ? pathname : null;
}

async function answer(name) {
  const kept = await caches.match(name, { cacheName: CACHE });
  return kept ?? fetch(name, { credentials: 'omit' });
}

addEventListener('install', event => {
  skipWaiting();
  event.waitUntil(keepEverything());
});

addEventListener('activate', event => event.waitUntil(clients.claim()));

addEventListener('fetch', event => {
  const name = nameOf(event.request);
  if (name === null) return;
  event.respondWith(answer(name));
});

// A page that has said its verdict has time for a newer version of itself.
addEventListener('message', event => event.waitUntil(keepEverything().catch(() => {})));
