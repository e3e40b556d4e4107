// SPDX-License-Identifier: GPL-3.0-or-later
//
// The status list: which cards are refused (card-applet-spec/status-list.md), a Token Status List in CWT form with one
// bit a card.  A refusal is a value with the name it has in keys/status_list.def.
//
// Not for: which list was seen last (update.js), how old one may be (verdict.js).

import { sameBytes } from './bytes.js';
import { STATUS_LIST, chainFault, readSigner } from './certificate.js';
import { Reader } from './cbor.js';
import { ALG, ES256, KID, KID_BYTES, TYP, isSignedBy, openEnvelope } from './cose.js';
import { isCode, isPrintable, readSeconds } from './values.js';

export const STATUS_TYPE = 'application/statuslist+cwt';
const TOKEN_MAX = 10240,
  BITS_BYTES = 8192,
  UINT32_MAX = 2 ** 32 - 1;
const SUB = 2,
  EXP = 4,
  IAT = 6,
  LIST = 65533,
  TTL = 65534;

// The address ends in CODE/NUMBER, in one spelling; the host in front is where it can be fetched, and is not compared.
function readListAddress(text) {
  const found = /^https:\/\/[^/].*\/([^/]+)\/(0|[1-9][0-9]{0,9})$/.exec(text);
  if (!found || !isPrintable(text) || !isCode(found[1]) || Number(found[2]) > UINT32_MAX) return null;
  return { issuer: found[1], number: Number(found[2]) };
}

// zlib (RFC 1950) of so many bytes exactly, or null.  Its last four bytes are a checksum of what it holds: not every
// browser refuses what stands after it.
async function inflateExactly(stream, n) {
  const bytes = new Uint8Array(n),
    expander = new DecompressionStream('deflate');
  const writer = expander.writable.getWriter(),
    reader = expander.readable.getReader();
  let at = 0;
  writer.write(stream).catch(() => {});
  writer.close().catch(() => {});
  try {
    for (let part; !(part = await reader.read()).done; at += part.value.length) {
      if (part.value.length > n - at) {
        reader.cancel().catch(() => {});
        return null;
      }
      bytes.set(part.value, at);
    }
  } catch {
    return null;
  }
  return at === n && checksum(bytes) === new DataView(stream.buffer, stream.byteOffset).getUint32(stream.length - 4)
    ? bytes
    : null;
}

// Adler-32
function checksum(bytes) {
  let a = 1,
    b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return (b * 65536 + a) >>> 0;
}

function readHeader(header) {
  const reader = new Reader(header),
    map = reader.map(3);
  const kid =
    map?.left === 3 &&
    reader.nextIs(map, ALG) &&
    reader.int() === ES256 &&
    reader.nextIs(map, KID) &&
    reader.byteString(KID_BYTES, KID_BYTES);
  return kid && reader.nextIs(map, TYP) && reader.text(1, 64) === STATUS_TYPE && reader.end() ? kid : null;
}

// The stream.  The keys of this map are texts, in the one order they may have.
function readList(reader) {
  const map = reader.map(3);
  const stream = map?.left >= 2 && reader.text(1, 64) === 'lst' && reader.byteString(1, TOKEN_MAX);
  const one = stream && reader.text(1, 64) === 'bits' && reader.uint(1) === 1;
  const whole = one && (map.left === 2 || (reader.text(1, 64) === 'aggregation_uri' && reader.text(1, 256) !== null));
  return whole ? stream : null;
}

function readClaims(payload, list) {
  const reader = new Reader(payload),
    map = reader.map(5);
  list.address = map?.left === 5 && reader.nextIs(map, SUB) && reader.text(1, 128);
  list.expires = list.address && !list.address.includes('\0') && reader.nextIs(map, EXP) && readSeconds(reader);
  list.issuedAt = list.expires && reader.nextIs(map, IAT) && readSeconds(reader);
  const stream = list.issuedAt && list.issuedAt < list.expires && reader.nextIs(map, LIST) && readList(reader);
  return stream && reader.nextIs(map, TTL) && reader.uint(UINT32_MAX) && reader.end() ? stream : null;
}

async function signerFault(list, envelope, cert, roots) {
  const signer = readSigner(cert, STATUS_LIST);
  if (!signer) return 'wrong_purpose';
  const fault = await chainFault(cert, signer, roots, list.issuedAt);
  if (fault !== 'none') return fault;
  if (signer.code !== list.issuer) return 'other_issuer';
  list.test = signer.test;
  return (await isSignedBy(envelope, cert.key)) ? 'none' : 'forged';
}

// { fault } or { fault: 'none', list }.  `signers` are certificates whose ever, not believed yet.
// roots === null: a list that was believed before, read again; then its `test` is for whoever kept it to say.
export async function readStatusList(token, signers, roots) {
  if (token.length > TOKEN_MAX) return { fault: 'too_long' };
  const envelope = openEnvelope(token),
    list = {};
  if (envelope.fault !== 'none') return { fault: envelope.fault };
  const kid = readHeader(envelope.header),
    stream = kid && readClaims(envelope.payload, list);
  if (!stream) return { fault: kid ? 'bad_claims' : 'bad_header' };
  const place = readListAddress(list.address);
  if (!place) return { fault: 'bad_address' };
  Object.assign(list, place, { bits: await inflateExactly(stream, BITS_BYTES) });
  if (!list.bits) return { fault: 'bad_bits' };
  if (!roots) return { fault: 'none', list };
  const cert = signers.find(signer => sameBytes(signer.kid, kid));
  const fault = cert ? await signerFault(list, envelope, cert, roots) : 'unknown_signer';
  return fault === 'none' ? { fault, list } : { fault };
}

// Whether the card with that index is refused; null for an index outside the list.
export function isRefused(list, index) {
  return index < BITS_BYTES * 8 ? ((list.bits[index >> 3] >> (index & 7)) & 1) === 1 : null;
}
