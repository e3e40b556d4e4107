// SPDX-License-Identifier: GPL-3.0-or-later
//
// COSE_Sign1 (RFC 9052 4.2) with ES256 (RFC 9053 2.1): the envelope that cards and lists have in common, and keys of
// P-256.  Which headers and which payload are allowed is the business of credential.js, trust.js and status.js.

import { joinBytes, fromHex, sha256 } from './bytes.js';
import { ITEMS, Reader, byteStringHead, checkItem } from './cbor.js';

export const ALG = 1,
  KID = 4,
  TYP = 16,
  X5CHAIN = 33,
  ES256 = -7;
export const KID_BYTES = 8,
  SIGNATURE_BYTES = 64;
const SIGN1 = 18;

// ---- the envelope

// { fault } or { fault: 'none', header, payload, signature }: the profile's three rules about an envelope included.
export function openEnvelope(token) {
  const fault = checkItem(token);
  if (fault !== 'none') return { fault };
  const reader = new Reader(token),
    tagged = reader.probe().array(ITEMS) === null;
  if (tagged && !reader.tag(SIGN1)) return { fault: 'wrong_tag' };
  const four = reader.arrayOf(4),
    header = four && reader.byteString(0, Infinity);
  const pairs = header && reader.probe().map(),
    unprotected = pairs && reader.skip();
  const payload = unprotected && reader.byteString(0, Infinity),
    signature = payload && reader.byteString(0, Infinity);
  if (!signature) return { fault: 'not_sign1' };
  if (!tagged) return { fault: 'wrong_tag' };
  if (unprotected.length !== 1) return { fault: 'unprotected_header' };
  if (signature.length !== SIGNATURE_BYTES) return { fault: 'bad_signature_length' };
  return { fault: 'none', header, payload, signature };
}

// The typ of an envelope (RFC 9596); '' when it has none, null when it is no envelope.
export function typeOf(token) {
  const envelope = openEnvelope(token);
  if (envelope.fault !== 'none') return null;
  const reader = new Reader(envelope.header),
    map = reader.map();
  let type = '';
  for (let key; map && (key = reader.next(map)) !== undefined;) {
    const value = key === TYP ? reader.text(1, 128) : reader.skip();
    if (key === TYP) type = value;
  }
  return map && reader.end() ? type : null;
}

// ["Signature1", protected, external_aad, payload] (RFC 9052 4.4)
const CONTEXT = Uint8Array.of(0x84, 0x6a, ...new TextEncoder().encode('Signature1'));

function signedBytes({ header, payload }, aad) {
  return joinBytes(
    CONTEXT,
    byteStringHead(header.length),
    header,
    byteStringHead(aad.length),
    aad,
    byteStringHead(payload.length),
    payload,
  );
}

// Whether that key signed it.  s may be in either half: half of the world's signers do not care.
export function isSignedBy(envelope, key, aad = new Uint8Array()) {
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, envelope.signature, signedBytes(envelope, aad));
}

// ---- keys of P-256 as points, 04 || x || y

// null when it is no point of the curve
export async function importPoint(point) {
  try {
    return await crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  } catch {
    return null;
  }
}

const SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');

// The first 8 bytes of SHA-256 of its SubjectPublicKeyInfo.
export async function kidOfPoint(point) {
  return (await sha256(joinBytes(SPKI_PREFIX, point))).subarray(0, KID_BYTES);
}

const KTY = 1,
  KTY_EC2 = 2,
  CRV = -1,
  CRV_P256 = 1,
  X = -2,
  Y = -3,
  COORDINATE = 32;

// A COSE_Key (RFC 9052 7) of P-256, as a point that is not yet checked to be one.
export function readKey(reader) {
  const map = reader.map(4);
  const x =
    map &&
    reader.nextIs(map, KTY) &&
    reader.uint(KTY_EC2) === KTY_EC2 &&
    reader.nextIs(map, CRV) &&
    reader.uint(CRV_P256) === CRV_P256 &&
    reader.nextIs(map, X) &&
    reader.byteString(COORDINATE, COORDINATE);
  const y = x && reader.nextIs(map, Y) && reader.byteString(COORDINATE, COORDINATE);
  return y ? joinBytes(Uint8Array.of(4), x, y) : null;
}
