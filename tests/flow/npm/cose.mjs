// SPDX-License-Identifier: GPL-3.0-or-later
//
// The published vectors of PB1, read by implementations that share no line with ours: cose-js (elliptic)
// checks the signatures, cbor2 in its strict mode the encoding and the claims.
import { readFileSync } from 'node:fs';
import cose from 'cose-js';
import { cdeDecodeOptions, decode } from 'cbor2';

const vectors = process.argv[2];
const strict = { ...cdeDecodeOptions, rejectDuplicateKeys: true, preferMap: true };
// Deterministic CBOR, but outside the smaller subset that PB1 reads: floats, and more than eight levels.
const onlyPb1Refuses = ['expiry_is_a_float', 'unknown_card_key_with_a_float', 'unknown_card_key_nested_too_deep'];
let failures = 0;
const counts = {};

function check(id, what, good) {
  counts[what] = (counts[what] ?? 0) + 1;
  if (!good) {
    failures++;
    console.error(`${id}: not so: ${what}`);
  }
}

function load(name) {
  return JSON.parse(readFileSync(`${vectors}/${name}`, 'utf8'));
}

async function holds(token, aad, point) {
  const bytes = Buffer.from(point, 'hex');
  const verifier = { key: { x: bytes.subarray(1, 33), y: bytes.subarray(33) }, externalAAD: Buffer.from(aad, 'hex') };
  try {
    await cose.sign.verify(Buffer.from(token, 'hex'), verifier, { defaultType: cose.sign.Sign1Tag });
    return true;
  } catch {
    return false;
  }
}

function parts(token) {
  const outer = decode(Buffer.from(token, 'hex'), strict);
  const [header, unprotected, payload, signature] = outer.contents;
  return { tag: Number(outer.tag), unprotected, signature, header: decode(header, strict), claims: decode(payload, strict) };
}

function isStrict(token) {
  try {
    parts(token);
    return true;
  } catch {
    return false;
  }
}

// The claims under the names they have in accept.json.
function named(claims) {
  const card = claims.get(-65537);
  const [list, index] = Array.isArray(card) ? card : card.get(8);
  const found = {
    serial: BigInt(`0x${Buffer.from(claims.get(7)).toString('hex')}`).toString().padStart(10, '0'),
    expires: Number(claims.get(4)), status_list: list, status_index: index, member_number: claims.get(2),
  };
  if (Array.isArray(card))
    return found;
  const face = { issuer: claims.get(1), not_before: Number(claims.get(5)), issued_at: claims.get(6), name: card.get(1),
    organisation_code: card.get(2), organisation_name: card.get(3), member_since: card.get(4), sequence: card.get(5),
    anchor_size: card.get(10)?.[0] };
  for (const [name, value] of Object.entries(face))
    if (value !== undefined)
      found[name] = typeof value === 'bigint' ? Number(value) : value;
  return found;
}

const accept = load('accept.json');
for (const { id, inputs, outputs } of accept.vectors) {
  check(id, 'cose-js verifies the token', await holds(inputs.token, inputs.aad, accept.issuer_point));
  check(id, 'cose-js refuses another key', !(await holds(inputs.token, inputs.aad, accept.chip_point)));
  check(id, 'cbor2 accepts it as deterministic', isStrict(inputs.token));
  const { tag, header, unprotected, claims, signature } = parts(inputs.token);
  check(id, 'tag 18, alg ES256, kid of 8 bytes, nothing unprotected, 64 bytes of signature',
    tag === 18 && header.size === 2 && header.get(1) === -7 && header.get(4).length === 8 && unprotected.size === 0 &&
    signature.length === 64);
  check(id, 'the claims are those stated', JSON.stringify(named(claims)) === JSON.stringify(outputs.claims));
}

const refuse = load('refuse.json');
for (const { id, inputs, outputs } of refuse.vectors) {
  if (outputs.fault === 'bad_signature')
    check(id, 'cose-js refuses the signature', !(await holds(inputs.token, inputs.aad, refuse.issuer_point)));
  if (['not_deterministic', 'trailing_bytes'].includes(outputs.fault) && !onlyPb1Refuses.includes(id))
    check(id, 'cbor2 refuses the encoding', !isStrict(inputs.token));
}

for (const [what, count] of Object.entries(counts))
  console.log(`${count} x ${what}`);
process.exit(failures ? 1 : 0);
