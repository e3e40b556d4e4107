// SPDX-License-Identifier: GPL-3.0-or-later
//
// The two kinds of certificate of the trust model (keys/crypto/x509.h): a pinned root, and a signer right under
// it.  There is no chain to walk.  Only P-256 with SHA-256, and only what our roots issue; an extension that is critical
// and unknown refuses the whole.

import { sameBytes } from './bytes.js';
import { importPoint, kidOfPoint } from './cose.js';
import {
  BIT_STRING,
  BOOLEAN,
  Der,
  GENERALIZED_TIME,
  INTEGER,
  OCTET_STRING,
  OID,
  PRINTABLE_STRING,
  SEQUENCE,
  SET,
  UTC_TIME,
  UTF8_STRING,
  readOid,
  readSignature,
  readTime,
} from './der.js';

const ARC = '1.3.6.1.4.1.32473.75.';
export const STATUS_LIST = `${ARC}2`,
  TRUST_LIST = `${ARC}3`;
const CARD_ISSUER = `${ARC}1`,
  TEST = `${ARC}99`,
  PURPOSES = [CARD_ISSUER, STATUS_LIST, TRUST_LIST];
const ECDSA_SHA256 = '1.2.840.10045.4.3.2',
  EC_KEY = '1.2.840.10045.2.1',
  P256 = '1.2.840.10045.3.1.7';
const SERIAL_NUMBER = '2.5.4.5',
  ORGANISATION = '2.5.4.10';
const KEY_USAGE = '2.5.29.15',
  USAGE_PERIOD = '2.5.29.16',
  CONSTRAINTS = '2.5.29.19',
  EXTENDED_USAGE = '2.5.29.37';
const DIGITAL_SIGNATURE = 0x80,
  KEY_CERT_SIGN = 0x04; // of the first byte
const CONTEXT_0 = 0xa0,
  CONTEXT_1 = 0xa1,
  CONTEXT_2 = 0xa2,
  CONTEXT_3 = 0xa3,
  IMPLICIT_1 = 0x81;
const DER_MAX = 2048;

function requireThat(good, what) {
  if (!good) throw new Error(`certificate: ${what}`);
}

function requireAlgorithm(der) {
  requireThat(readOid(der.inside(SEQUENCE).take(OID)) === ECDSA_SHA256, 'another algorithm');
}

// Names as a list of [oid, text].
function readName(der) {
  const name = der.inside(SEQUENCE),
    fields = [];
  while (name.more()) {
    const field = name.inside(SET).inside(SEQUENCE),
      oid = readOid(field.take(OID)),
      tag = field.peek();
    requireThat(tag === UTF8_STRING || tag === PRINTABLE_STRING, 'a name in another alphabet');
    fields.push([oid, new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(field.take(tag))]);
  }
  return fields;
}

function readMoment(der) {
  const tag = der.peek();
  requireThat(tag === UTC_TIME || tag === GENERALIZED_TIME, 'no time');
  return readTime(tag, der.take(tag));
}

function readPoint(der) {
  const info = der.inside(SEQUENCE),
    algorithm = info.inside(SEQUENCE);
  requireThat(readOid(algorithm.take(OID)) === EC_KEY && readOid(algorithm.take(OID)) === P256, 'another kind of key');
  const bits = info.take(BIT_STRING);
  requireThat(bits.length === 66 && bits[0] === 0 && bits[1] === 4, 'not a point');
  return bits.subarray(1);
}

// ---- extensions: what each of the known ones adds

const KNOWN = {
  [CONSTRAINTS](der, cert) {
    const constraints = der.inside(SEQUENCE);
    cert.isRoot = constraints.peek() === BOOLEAN && constraints.take(BOOLEAN)[0] === 0xff;
  },
  [KEY_USAGE](der, cert) {
    cert.usage = der.take(BIT_STRING)[1] ?? 0;
  },
  [EXTENDED_USAGE](der, cert) {
    for (const purposes = der.inside(SEQUENCE); purposes.more();) cert.purposes.push(readOid(purposes.take(OID)));
  },
  [USAGE_PERIOD](der, cert) {
    const period = der.inside(SEQUENCE);
    if (period.peek() === 0x80) period.take(0x80);
    cert.signsUntil = readTime(GENERALIZED_TIME, period.take(IMPLICIT_1));
  },
};

function readExtensions(der, cert) {
  for (const list = der.inside(SEQUENCE); list.more();) {
    const extension = list.inside(SEQUENCE),
      oid = readOid(extension.take(OID));
    const critical = extension.peek() === BOOLEAN && extension.take(BOOLEAN)[0] !== 0;
    const value = new Der(extension.take(OCTET_STRING));
    requireThat(KNOWN[oid] || !critical, 'an unknown critical extension');
    KNOWN[oid]?.(value, cert);
  }
}

function readSigned(bytes) {
  const der = new Der(bytes),
    cert = { purposes: [], usage: 0, isRoot: false, signsUntil: null };
  requireThat(der.inside(CONTEXT_0).take(INTEGER)[0] === 2, 'not version 3');
  der.take(INTEGER);
  requireAlgorithm(der);
  readName(der);
  cert.issuerName = der.whole;
  const validity = der.inside(SEQUENCE);
  cert.from = readMoment(validity);
  cert.until = readMoment(validity);
  cert.subject = readName(der);
  cert.subjectName = der.whole;
  cert.point = readPoint(der);
  for (const tag of [CONTEXT_1, CONTEXT_2]) requireThat(der.peek() !== tag, 'unique identifiers');
  readExtensions(der.inside(CONTEXT_3), cert);
  der.end();
  return cert;
}

// null when it is none that we understand.
export async function readCertificate(bytes) {
  try {
    requireThat(bytes.length <= DER_MAX, 'too long');
    const outside = new Der(bytes),
      der = outside.inside(SEQUENCE);
    outside.end();
    der.take(SEQUENCE);
    const signed = der.whole,
      cert = readSigned(new Der(signed).take(SEQUENCE));
    requireAlgorithm(der);
    const bits = der.take(BIT_STRING);
    der.end();
    requireThat(bits[0] === 0, 'a broken signature');
    Object.assign(cert, {
      bytes,
      signed,
      signature: readSignature(bits.subarray(1)),
      kid: await kidOfPoint(cert.point),
      key: await importPoint(cert.point),
    });
    return cert.key ? cert : null;
  } catch {
    return null;
  }
}

// One or two pinned roots in a PEM file; what stands between them is not looked at.
export async function readRoots(pem) {
  const roots = [];
  for (const [, body] of pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)) {
    const cert = await readCertificate(Uint8Array.from(atob(body.replace(/\s/g, '')), letter => letter.charCodeAt(0)));
    if (cert?.isRoot) roots.push(cert);
  }
  return roots.slice(0, 2);
}

// Whether that root signed it: asked once for the lists of a country.
function isSignedByRoot(cert, root) {
  cert.roots ??= new Map();
  if (!cert.roots.has(root))
    cert.roots.set(
      root,
      crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, root.key, cert.signature, cert.signed),
    );
  return cert.roots.get(root);
}

async function isUnder(cert, root, at) {
  return (
    root.isRoot &&
    (root.usage & KEY_CERT_SIGN) !== 0 &&
    sameBytes(cert.issuerName, root.subjectName) &&
    cert.from <= at &&
    at <= cert.until &&
    root.from <= at &&
    at <= root.until &&
    isSignedByRoot(cert, root)
  );
}

async function isUnderAny(cert, roots, at) {
  for (const root of roots) if (await isUnder(cert, root, at)) return true;
  return false;
}

// The one field of that kind in the subject, of at most `max` bytes.
function subjectField(cert, oid, max) {
  const found = cert.subject.filter(([name]) => name === oid).map(([, text]) => text);
  const n = found.length === 1 ? new TextEncoder().encode(found[0]).length : 0;
  return n > 0 && n <= max && !found[0].includes('\0') ? found[0] : null;
}

// What a signer's certificate says: { code, name, from, signsUntil, test }; null when it lacks any of these, or is not
// for that purpose and for it alone of ours: what is signed under it must not be taken for something else.
export function readSigner(cert, purpose) {
  const code = subjectField(cert, SERIAL_NUMBER, 16),
    name = subjectField(cert, ORGANISATION, 256);
  const alone = PURPOSES.every(other => cert.purposes.includes(other) === (other === purpose));
  if (!alone || (cert.usage & DIGITAL_SIGNATURE) === 0 || code === null || name === null || cert.signsUntil === null)
    return null;
  return { code, name, from: cert.from, signsUntil: cert.signsUntil, test: cert.purposes.includes(TEST) };
}

// Under a root at a moment when the signer was certainly valid, then at the date of what it signed: "not ours" and
// "too late" differ.
export async function chainFault(cert, signer, roots, issuedAt) {
  if (!(await isUnderAny(cert, roots, signer.from))) return 'foreign_root';
  if (issuedAt < signer.from || issuedAt > signer.signsUntil || !(await isUnderAny(cert, roots, issuedAt)))
    return 'signer_expired';
  return 'none';
}
