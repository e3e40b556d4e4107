// SPDX-License-Identifier: GPL-3.0-or-later
//
// What this page goes by: the roots the office has put beside it (v/roots.pem), pinned at the first visit, and the
// lists of its update file (v/update.cbor), or of one that came by another way.
//
// Not for: judging lists (update.js) or cards (verdict.js).

import { sha256, toHex } from './bytes.js';
import { readRoots } from './certificate.js';
import { statusKept, takeUpdate, trustKept } from './update.js';

const ROOTS = '/v/roots.pem',
  UPDATE = '/v/update.cbor';

async function fetchFile(name) {
  const answer = await fetch(name, { cache: 'no-cache', credentials: 'omit', referrerPolicy: 'no-referrer' });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

export class Lists {
  constructor(kept) {
    this.kept = kept;
    this.rootsChanged = false; // the office's file names other roots than those pinned here
    this.trust = null;
  }

  async load() {
    this.trust = await trustKept(this.kept);
  }

  // Only who takes lists in needs them: what was taken in is believed.
  async roots() {
    return readRoots((await this.kept.get('roots')) ?? '');
  }

  status(code, test, number) {
    return statusKept(this.kept, code, test, number);
  }

  // The first roots stay: who could exchange them could trust whom he likes.
  async pinRoots(bytes) {
    const offered = new TextDecoder().decode(bytes),
      hexOf = roots => roots.map(root => toHex(root.bytes)).join();
    const roots = await readRoots(offered);
    if (roots.length === 0) return;
    await this.kept.replace('roots', present => present ?? offered);
    this.rootsChanged = hexOf(roots) !== hexOf(await this.roots());
  }

  // From the office's server.  True when something new was taken in.
  async fetch() {
    const [pem, bytes] = await Promise.all([ROOTS, UPDATE].map(fetchFile)),
      digest = toHex(await sha256(bytes));
    await this.pinRoots(pem);
    if ((await this.kept.get('update')) === digest) return false;
    const told = await this.take(bytes);
    if (told) await this.kept.replace('update', () => digest);
    return true;
  }

  // What became of each part of an update file; null when it is none.
  async take(bytes) {
    const told = await takeUpdate(bytes, this.kept, await this.roots());
    this.trust = await trustKept(this.kept);
    return told;
  }

  // [{ name: [code, number], order: when it was signed }], in the order of their names
  statuses() {
    return this.kept.all('status:');
  }

  // As `openssl x509 -fingerprint -sha256` shows them.
  async fingerprints() {
    return Promise.all(
      (await this.roots()).map(async root =>
        toHex(await sha256(root.bytes))
          .toUpperCase()
          .match(/../g)
          .join(':'),
      ),
    );
  }
}
