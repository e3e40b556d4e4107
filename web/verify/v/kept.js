// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the page remembers from visit to visit, in this browser: the pinned roots, and the newest lists it has seen.
// Values by key, each replaced in one transaction that looks at the old value first, so that two tabs never go back.
//
// Not for: cards.  Nothing that was scanned is kept.

const DATABASE = 'profbilet-verify',
  STORE = 'kept';

function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

class InDatabase {
  constructor(database) {
    this.database = database;
  }

  store(mode) {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }

  get(key) {
    return asPromise(this.store('readonly').get(key));
  }

  // The values whose keys begin so.
  all(prefix) {
    return asPromise(this.store('readonly').getAll(IDBKeyRange.bound(prefix, `${prefix}\uFFFF`)));
  }

  // `decide` is given what is there (or undefined) and gives what is to be there, or undefined for no change.
  async replace(key, decide) {
    const store = this.store('readwrite');
    const next = decide(await asPromise(store.get(key)));
    if (next !== undefined) await asPromise(store.put(next, key));
  }
}

// The same for as long as the page is open: for browsers that keep nothing, and for tests.
export class InMemory {
  constructor() {
    this.values = new Map();
  }

  async get(key) {
    return this.values.get(key);
  }

  async all(prefix) {
    return [...this.values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
  }

  async replace(key, decide) {
    const next = decide(this.values.get(key));
    if (next !== undefined) this.values.set(key, next);
  }
}

export async function openKept() {
  try {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return new InDatabase(await asPromise(request));
  } catch {
    return new InMemory();
  }
}
