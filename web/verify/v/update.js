// SPDX-License-Identifier: GPL-3.0-or-later
//
// The update file (card-applet-spec/update-file.md): trust list and status lists in one, by any channel.  Each part is
// judged by its own rules and taken in or not; an older one never replaces a newer one.

import { sha256, toHex } from './bytes.js';
import { STATUS_LIST, chainFault, readCertificate, readSigner } from './certificate.js';
import { Reader } from './cbor.js';
import { typeOf } from './cose.js';
import { STATUS_TYPE, readStatusList } from './status.js';
import { TRUST_TYPE, readTrustList } from './trust.js';

const FILE_MAX = 8 * 1024 * 1024,
  DER_MAX = 2048;

// The parts of a file, [kind, bytes]; null when it is not a sequence of whole items: then no part is looked at.
export function splitUpdate(bytes) {
  const reader = new Reader(bytes),
    parts = [];
  if (bytes.length === 0 || bytes.length > FILE_MAX) return null;
  while (reader.left() > 0) {
    const item = reader.skip();
    if (item === null) return null;
    const der = new Reader(item).byteString(0, Infinity);
    parts.push(der ? ['signer', der] : [kindOf(item), item]);
  }
  return parts;
}

function kindOf(token) {
  switch (typeOf(token)) {
    case TRUST_TYPE:
      return 'trust_list';
    case STATUS_TYPE:
      return 'status_list';
    default:
      return 'unknown';
  }
}

// Puts `next` in place unless what is there forbids it; `order` is where one list stands among its likes.
async function advance(kept, key, next) {
  let fault = 'none';
  await kept.replace(key, present => {
    if (present && present.test === next.test) {
      if (next.order < present.order) fault = 'rollback';
      else if (next.order === present.order && next.digest !== present.digest) fault = 'fork';
      if (next.order <= present.order) return undefined;
    }
    return next;
  });
  return fault;
}

async function takeTrustList(token, kept, roots) {
  const { fault, list } = await readTrustList(token, roots);
  if (fault !== 'none') return fault;
  return advance(kept, 'trust', { order: list.sequence, digest: toHex(await sha256(token)), token });
}

async function takeSigner(der, kept, roots) {
  const cert = der.length <= DER_MAX ? await readCertificate(der) : null,
    signer = cert && readSigner(cert, STATUS_LIST);
  if (!signer) return 'wrong_purpose';
  if ((await chainFault(cert, signer, roots, signer.from)) !== 'none') return 'foreign_root';
  await kept.replace(`signer:${toHex(cert.kid)}`, present => present ?? der);
  return 'none';
}

async function signersKept(kept) {
  return (await Promise.all((await kept.all('signer:')).map(readCertificate))).filter(cert => cert);
}

async function takeStatusList(token, kept, roots, signers) {
  const { fault, list } = await readStatusList(token, signers, roots);
  if (fault !== 'none') return fault;
  const next = {
    name: [list.issuer, list.number],
    order: list.issuedAt,
    digest: toHex(await sha256(token)),
    test: list.test,
    token,
  };
  return advance(kept, `status:${list.issuer}:${list.number}`, next);
}

// What became of each part, [kind, fault], in the order of the file; null when it is no such file.  The status lists of
// a country are taken in beside each other, all else one after another.
export async function takeUpdate(bytes, kept, roots) {
  const parts = splitUpdate(bytes),
    told = [];
  let signers = null;
  for (const [kind, part] of parts ?? []) {
    if (kind === 'status_list') {
      signers ??= await signersKept(kept);
      told.push([kind, takeStatusList(part, kept, roots, signers)]);
    } else {
      signers = null;
      told.push([kind, await takeOther(kind, part, kept, roots)]);
    }
  }
  return parts && Promise.all(told.map(async ([kind, fault]) => [kind, await fault]));
}

function takeOther(kind, part, kept, roots) {
  if (kind === 'signer') return takeSigner(part, kept, roots);
  return kind === 'trust_list' ? takeTrustList(part, kept, roots) : 'ignored';
}

// ---- what is known here

// The trust list that was taken in last; null when none was.
export async function trustKept(kept) {
  const present = await kept.get('trust');
  return present ? ((await readTrustList(present.token, null)).list ?? null) : null;
}

// The status list of that issuer and number; null when it is not here.  A TEST list speaks of TEST cards alone, and no
// other does.
export async function statusKept(kept, issuer, test, number) {
  const present = await kept.get(`status:${issuer}:${number}`);
  return present && present.test === test ? ((await readStatusList(present.token, [], null)).list ?? null) : null;
}
