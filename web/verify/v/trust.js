// SPDX-License-Identifier: GPL-3.0-or-later
//
// The trust list: whose credentials count (card-applet-spec/trust-list.md).  A refusal is a value with the name it has
// in keys/trust_list.def; the order of the questions is that of keys/trust_list_read.c.
//
// Not for: which list was seen last (update.js), what becomes of a card of a retired issuer (verdict.js).

import { compareBytes, sameBytes } from './bytes.js';
import { TRUST_LIST, chainFault, readCertificate, readSigner } from './certificate.js';
import { Reader } from './cbor.js';
import {
  ALG,
  ES256,
  KID,
  KID_BYTES,
  TYP,
  X5CHAIN,
  importPoint,
  isSignedBy,
  kidOfPoint,
  openEnvelope,
  readKey,
} from './cose.js';
import { isCode, isPrintable, readLine, readSeconds } from './values.js';

export const TRUST_TYPE = 'application/vnd.profbilet.trustlist+cwt';
const TOKEN_MAX = 262144,
  ISSUERS_MAX = 1024,
  FIELDS_MAX = 32,
  DER_MAX = 2048,
  POINT_BYTES = 65;
const ISS = 1,
  EXP = 4,
  IAT = 6,
  LIST = -65538,
  SEQUENCE = 1,
  ENTRIES = 2;
const LATER = 11;
const STATES = ['active', 'retired', 'compromised'];

// ---- values

function readCode(reader) {
  const code = reader.text(1, 16);
  return isCode(code) ? code : null;
}

function readAddress(reader) {
  const text = reader.text(1, 128);
  return text !== null && /^https:\/\/./.test(text) && isPrintable(text) ? text : null;
}

function readVerifierKey(reader) {
  const text = reader.text(1, 255);
  return text !== null && isPrintable(text) ? text : null;
}

// ---- the issuers: a row per field, [name, how it is read]; null refuses it
const FIELDS = new Map([
  [1, ['kid', reader => reader.byteString(KID_BYTES, KID_BYTES)]],
  [2, ['code', readCode]],
  [3, ['name', reader => readLine(reader, 1, 256)]],
  [4, ['validUntil', readSeconds]],
  [5, ['validFrom', readSeconds]],
  [6, ['lastSigning', readSeconds]],
  [7, ['statusBase', readAddress]],
  [8, ['point', readKey]],
  [9, ['state', reader => STATES[reader.uint(STATES.length - 1)] ?? null]],
  [10, ['test', reader => reader.bool() || null]], // absent when it is not so
  [11, ['checkpoint', readVerifierKey]],
]);
const REQUIRED = ['kid', 'code', 'name', 'validUntil', 'validFrom', 'lastSigning', 'point', 'state'];

// A field of a later version is read over: an old page goes on with a new list.
function readFields(reader) {
  const map = reader.map(FIELDS_MAX),
    entry = { test: false };
  if (!map) return null;
  for (let key; (key = reader.next(map)) !== undefined;) {
    const [name, read] = FIELDS.get(key) ?? [null, () => (key > LATER ? reader.skip() : null)];
    const value = read(reader);
    if (value === null) return null;
    if (name) entry[name] = value;
  }
  return !reader.failed && REQUIRED.every(name => name in entry) ? entry : null;
}

// A list that was believed before had good keys then: to import a thousand of them anew would take longer than a
// verdict.
async function entryFault(entry, believed) {
  if (!believed && !(await importPoint(entry.point))) return 'bad_entry';
  if (!believed && !sameBytes(await kidOfPoint(entry.point), entry.kid)) return 'entry_kid';
  return entry.validFrom > entry.lastSigning || entry.lastSigning > entry.validUntil ? 'entry_dates' : 'none';
}

function inOrder(before, after) {
  return (compareBytes(before.kid, after.kid) || compareBytes(before.point, after.point)) < 0;
}

async function readEntries(reader, count, list, believed) {
  while (list.entries.length < count) {
    const entry = readFields(reader);
    if (!entry) break;
    list.entries.push(entry);
  }
  const faults = await Promise.all(list.entries.map(entry => entryFault(entry, believed)));
  for (const [i, fault] of faults.entries()) {
    if (fault !== 'none') return fault;
    if (i > 0 && !inOrder(list.entries[i - 1], list.entries[i])) return 'entry_order';
  }
  if (list.entries.length < count) return 'bad_entry';
  return reader.end() ? 'none' : 'bad_claims';
}

// ---- the claims: everything in front of the entries

function readDates(reader, map, list) {
  list.expires = reader.nextIs(map, EXP) && readSeconds(reader);
  list.issuedAt = list.expires && reader.nextIs(map, IAT) && readSeconds(reader);
  return list.issuedAt && list.issuedAt < list.expires;
}

async function readClaims(payload, list, believed) {
  const reader = new Reader(payload),
    map = reader.map(4);
  list.publisher = map?.left === 4 && reader.nextIs(map, ISS) && readCode(reader);
  const dated = list.publisher && readDates(reader, map, list),
    inner = dated && reader.nextIs(map, LIST) && reader.map(2);
  list.sequence = inner && inner.left === 2 && reader.nextIs(inner, SEQUENCE) && reader.uint(Number.MAX_SAFE_INTEGER);
  const count = list.sequence && reader.nextIs(inner, ENTRIES) ? reader.array(ISSUERS_MAX) : null;
  if (count === null || count > payload.length / POINT_BYTES) return 'bad_claims';
  list.entries = [];
  return readEntries(reader, count, list, believed);
}

function readHeader(header) {
  const reader = new Reader(header),
    map = reader.map(4);
  const kid =
    map?.left === 4 &&
    reader.nextIs(map, ALG) &&
    reader.int() === ES256 &&
    reader.nextIs(map, KID) &&
    reader.byteString(KID_BYTES, KID_BYTES);
  const typed = kid && reader.nextIs(map, TYP) && reader.text(1, 64) === TRUST_TYPE;
  const certificate = typed && reader.nextIs(map, X5CHAIN) && reader.byteString(1, DER_MAX);
  return certificate && reader.end() ? { kid, certificate } : null;
}

// ---- who signed it

// A TEST key speaks for TEST issuers only: throw-away keys must not make a real issuer.
function wordsFault(list, header, cert, signer) {
  if (!sameBytes(cert.kid, header.kid) || list.publisher !== signer.code) return 'other_signer';
  return signer.test && !list.entries.every(entry => entry.test) ? 'test_signer' : 'none';
}

async function signerFault(list, header, envelope, roots) {
  const cert = await readCertificate(header.certificate);
  if (!cert) return 'bad_certificate';
  const signer = readSigner(cert, TRUST_LIST);
  if (!signer) return 'wrong_purpose';
  let fault = await chainFault(cert, signer, roots, list.issuedAt);
  if (fault === 'none') fault = wordsFault(list, header, cert, signer);
  return fault === 'none' && !(await isSignedBy(envelope, cert.key)) ? 'forged' : fault;
}

// { fault } or { fault: 'none', list }.  roots === null: a list that was believed before, read again.
export async function readTrustList(token, roots) {
  if (token.length > TOKEN_MAX) return { fault: 'too_long' };
  const envelope = openEnvelope(token);
  if (envelope.fault !== 'none') return { fault: envelope.fault };
  const header = readHeader(envelope.header),
    list = {};
  if (!header) return { fault: 'bad_header' };
  let fault = await readClaims(envelope.payload, list, roots === null);
  if (fault === 'none' && roots) fault = await signerFault(list, header, envelope, roots);
  return fault === 'none' ? { fault, list } : { fault };
}

// Those whose key has that id: a kid is a short hash, and several may share it.
export function issuersOf(list, kid) {
  return list ? list.entries.filter(entry => sameBytes(entry.kid, kid)) : [];
}
