// SPDX-License-Identifier: GPL-3.0-or-later
//
// The credential, profile PB1 (card-applet-spec/credential.md, pb1.cddl): the office's signed statement about one
// card, read strictly.  A refusal is a value with the name it has in issuer/credential/fault.def.
//
// Not for: whose key it is, and whether the card is good today (verdict.js).

import { ITEMS, Reader, checkItem } from './cbor.js';
import { ALG, ES256, KID, KID_BYTES, openEnvelope, readKey } from './cose.js';
import { readLine, readPositive, readSeconds } from './values.js';

const TOKEN_MAX = 1024,
  CHIP_TOKEN_MAX = 128,
  CLAIMS_MAX = 16;
const ISS = 1,
  SUB = 2,
  EXP = 4,
  NBF = 5,
  IAT = 6,
  CTI = 7,
  CNF = 8,
  CARD = -65537;
const KIND = 0,
  NAME = 1,
  ORG_CODE = 2,
  ORG_NAME = 3,
  SINCE = 4,
  SEQUENCE = 5,
  STATUS = 8,
  ANCHOR = 10;
const COSE_KEY = 1;
const UINT32_MAX = 2 ** 32 - 1,
  INT64_MAX = 2n ** 63n - 1n,
  SERIAL_BYTES = 5,
  SERIAL_MAX = 9999999999;
const SINCE_FIRST = -25567,
  SINCE_LAST = 84005; // 1900-01-01 and 2199-12-31, in days
const CHIP_CLAIMS = [SUB, EXP, CTI, CARD],
  FACE_CLAIMS = [...CHIP_CLAIMS, ISS, NBF],
  FACE_OPTIONAL = [IAT, CNF];
const CARD_KEYS = [KIND, NAME, ORG_CODE, STATUS];

// ---- values: null when they are not what they must be

function readSerial(reader) {
  const bytes = reader.byteString(SERIAL_BYTES, SERIAL_BYTES);
  const serial = bytes && bytes.reduce((value, byte) => value * 256 + byte, 0);
  return serial && serial <= SERIAL_MAX ? serial : null;
}

function readStatus(reader) {
  const list = reader.arrayOf(2) && reader.uint(UINT32_MAX);
  const index = typeof list === 'number' ? reader.uint(UINT32_MAX) : null;
  return index === null ? null : { list, index };
}

function readPhoneKey(reader) {
  const map = reader.map(1);
  return map && reader.nextIs(map, COSE_KEY) && readKey(reader);
}

function readKind(reader) {
  const kind = reader.uint(2);
  return kind === 0 ? 'face' : kind === 2 ? 'virtual' : null;
}

function readSince(reader) {
  const days = reader.int();
  return days !== null && days >= SINCE_FIRST && days <= SINCE_LAST ? days : null;
}

function readAnchor(reader) {
  const size = reader.arrayOf(2) && readPositive(reader, INT64_MAX),
    root = size && reader.byteString(16, 16);
  return root ? { size, root } : null;
}

// ---- the card in a face's credential: a row per key, [name, how it is read, fault]
const CARD_ROWS = new Map([
  [KIND, ['kind', readKind, 'bad_kind']],
  [NAME, ['name', reader => readLine(reader, 1, 240), 'bad_name']],
  [ORG_CODE, ['organisationCode', reader => readLine(reader, 1, 24), 'bad_organisation_code']],
  [ORG_NAME, ['organisationName', reader => readLine(reader, 1, 320), 'bad_organisation_name']],
  [SINCE, ['memberSince', readSince, 'bad_member_since']],
  [SEQUENCE, ['sequence', reader => readPositive(reader, UINT32_MAX), 'bad_sequence']],
  [STATUS, ['status', readStatus, 'bad_status']],
  [ANCHOR, ['anchor', readAnchor, 'bad_anchor']],
]);

function readRow(reader, [name, read, fault], claims) {
  const value = read(reader);
  if (value === null) return fault;
  claims[name] = value;
  return 'none';
}

// A key of a later version is read over, as long as it is well formed.
function readCardKey(reader, key, claims) {
  const row = CARD_ROWS.get(key);
  if (row) return readRow(reader, row, claims);
  return key > 0 && reader.skip() !== null ? 'none' : 'bad_card_key';
}

function readCard(reader, claims) {
  const map = reader.map(),
    seen = new Set();
  if (!map) return 'not_claims';
  for (let key; (key = reader.next(map)) !== undefined;) {
    seen.add(key);
    const fault = readCardKey(reader, key, claims);
    if (fault !== 'none') return fault;
  }
  if (reader.failed) return 'bad_card_key';
  return CARD_KEYS.every(key => seen.has(key)) ? 'none' : 'missing_claim';
}

// A chip has the status alone where the others have a whole card: that tells them apart.
function readStatusOrCard(reader, claims) {
  if (reader.probe().array(ITEMS) === null) return readCard(reader, claims);
  claims.kind = 'chip';
  return readRow(reader, CARD_ROWS.get(STATUS), claims);
}

// ---- the claims
const CLAIM_ROWS = new Map([
  [ISS, ['issuer', reader => readLine(reader, 2, 16), 'bad_issuer']],
  [SUB, ['memberNumber', reader => readLine(reader, 1, 24), 'bad_member_number']],
  [EXP, ['expires', readSeconds, 'bad_expires']],
  [NBF, ['notBefore', readSeconds, 'bad_not_before']],
  [IAT, ['issuedAt', readSeconds, 'bad_issued_at']],
  [CTI, ['serial', readSerial, 'bad_serial']],
  [CNF, ['phoneKey', readPhoneKey, 'bad_phone_key']],
]);

function readClaim(reader, key, claims) {
  const row = CLAIM_ROWS.get(key);
  if (row) return readRow(reader, row, claims);
  return key === CARD ? readStatusOrCard(reader, claims) : 'unknown_claim';
}

// What only the whole can tell: the claim sets are exact.
function checkWhole(claims, seen) {
  const chip = claims.kind === 'chip',
    required = chip ? CHIP_CLAIMS : FACE_CLAIMS,
    optional = chip ? [] : FACE_OPTIONAL;
  if (required.some(key => !seen.has(key))) return 'missing_claim';
  if ([...seen].some(key => !required.includes(key) && !optional.includes(key))) return 'unknown_claim';
  if (!chip && seen.has(CNF) !== (claims.kind === 'virtual')) return 'kind_mismatch';
  return chip || claims.notBefore < claims.expires ? 'none' : 'never_valid';
}

function readClaims(payload, claims) {
  const reader = new Reader(payload),
    map = reader.map(CLAIMS_MAX),
    seen = new Set();
  if (!map) return 'not_claims';
  for (let key; (key = reader.next(map)) !== undefined;) {
    const fault = readClaim(reader, key, claims);
    if (fault !== 'none') return fault;
    seen.add(key);
  }
  return reader.failed ? 'unknown_claim' : checkWhole(claims, seen);
}

// ---- the protected header

function readHeaderKey(reader, key, found) {
  if (key === ALG) return reader.int() === ES256 ? 'none' : 'unknown_alg';
  if (key !== KID) return 'unknown_header';
  found.kid = reader.byteString(KID_BYTES, KID_BYTES);
  return found.kid ? 'none' : 'bad_kid';
}

function readHeader(header, found) {
  if (header.length === 0) return 'missing_header';
  const fault = checkItem(header);
  if (fault !== 'none') return fault;
  const reader = new Reader(header),
    map = reader.map();
  if (!map) return 'missing_header';
  const headers = map.left;
  for (let key; (key = reader.next(map)) !== undefined;) {
    const bad = readHeaderKey(reader, key, found);
    if (bad !== 'none') return bad;
  }
  if (reader.failed) return 'unknown_header';
  return headers === 2 ? 'none' : 'missing_header';
}

// Everything but the signature: { fault } or { fault: 'none', envelope, kid, claims }.
export function readCredential(token) {
  if (token.length > TOKEN_MAX) return { fault: 'too_long' };
  const envelope = openEnvelope(token),
    found = {},
    claims = {};
  let fault = envelope.fault;
  if (fault === 'none') fault = readHeader(envelope.header, found);
  if (fault === 'none') fault = checkItem(envelope.payload);
  if (fault === 'none') fault = readClaims(envelope.payload, claims);
  if (fault === 'none' && claims.kind === 'chip' && token.length > CHIP_TOKEN_MAX) fault = 'too_long';
  return fault === 'none' ? { fault, envelope, kid: found.kid, claims } : { fault };
}
