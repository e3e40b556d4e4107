// SPDX-License-Identifier: GPL-3.0-or-later
//
// The published vectors (card-applet-spec/vectors/) read by the code of the verify page: each token and list is
// accepted, or refused for the named fault and no other.
import { readFileSync } from 'node:fs';

const source = process.env.PROFBILET_SOURCE,
  page = `${source}/web/verify/v`;
const { fromHex } = await import(`${page}/bytes.js`);
const { readBase32, readAddress } = await import(`${page}/address.js`);
const { readCertificate } = await import(`${page}/certificate.js`);
const { importPoint, isSignedBy } = await import(`${page}/cose.js`);
const { readCredential } = await import(`${page}/credential.js`);
const { readStatusList } = await import(`${page}/status.js`);
const { readTrustList } = await import(`${page}/trust.js`);

let count = 0,
  wrong = 0;
function expect(file, id, wanted, found) {
  count++;
  if (wanted !== found) {
    wrong++;
    console.error(`${file} ${id}: ${found}, not ${wanted}`);
  }
}

function load(file) {
  return JSON.parse(readFileSync(`${source}/card-applet-spec/vectors/${file}`, 'utf8'));
}

async function credentialFault({ token, aad }, key) {
  const { fault, envelope } = readCredential(fromHex(token));
  return fault === 'none' && !(await isSignedBy(envelope, key, fromHex(aad))) ? 'bad_signature' : fault;
}

// The claims under the names they have in accept.json.
function named({ kind, status, serial, memberNumber, ...rest }) {
  const {
    issuer,
    notBefore,
    issuedAt,
    name,
    organisationCode,
    organisationName,
    memberSince,
    sequence,
    anchor,
    expires,
  } = rest;
  const face = {
    issuer,
    not_before: notBefore,
    issued_at: issuedAt,
    name,
    organisation_code: organisationCode,
    organisation_name: organisationName,
    member_since: memberSince,
    sequence,
    anchor_size: anchor && Number(anchor.size),
  };
  return JSON.stringify({
    serial: String(serial).padStart(10, '0'),
    expires,
    status_list: status.list,
    status_index: status.index,
    member_number: memberNumber,
    ...(kind === 'chip' ? {} : face),
  });
}

for (const file of ['accept.json', 'refuse.json']) {
  const { vectors, issuer_point: point } = load(file),
    key = await importPoint(fromHex(point));
  for (const { id, inputs, outputs } of vectors) {
    expect(file, id, outputs.fault ?? 'none', await credentialFault(inputs, key));
    if (outputs.claims)
      expect(
        file,
        `${id}: claims`,
        JSON.stringify(outputs.claims),
        named(readCredential(fromHex(inputs.token)).claims),
      );
    if (outputs.url)
      expect(file, `${id}: address`, inputs.token, Buffer.from(readAddress(outputs.url).token ?? []).toString('hex'));
  }
}
for (const file of ['trust-accept.json', 'trust-refuse.json'])
  for (const { id, inputs, outputs } of load(file).vectors) {
    const roots = [await readCertificate(fromHex(inputs.root))];
    expect(file, id, outputs?.fault ?? 'none', (await readTrustList(fromHex(inputs.token), roots)).fault);
  }
for (const file of ['status-accept.json', 'status-refuse.json'])
  for (const { id, inputs, outputs } of load(file).vectors) {
    const roots = [await readCertificate(fromHex(inputs.root))],
      signers = [await readCertificate(fromHex(inputs.certificate))];
    expect(file, id, outputs?.fault ?? 'none', (await readStatusList(fromHex(inputs.token), signers, roots)).fault);
  }
for (const [text, fault] of [
  ['', 'url_length'],
  ['A', 'url_length'],
  ['AB', 'url_tail'],
  ['ab', 'url_alphabet'],
  ['A1', 'url_alphabet'],
  ['A'.repeat(1640), 'url_too_long'],
  ['AA======', 'url_alphabet'],
])
  expect('base32', text.slice(0, 8), fault, readBase32(text).fault);

// ---- both languages say the same sentences, of the same arguments

const { Words } = await import(`${page}/words.js`);
const shapes = Object.fromEntries(
  ['ru', 'en'].map(language => [
    language,
    Object.entries(new Words(language).words)
      .map(([name, words]) => `${name}: ${typeof words === 'function' ? words.length : typeof words}`)
      .sort()
      .join('\n'),
  ]),
);
expect('words', 'ru and en', shapes.ru, shapes.en);
expect('words', 'age', '21\u00A0день', new Words('ru').age(21 * 86400));
expect(
  'words',
  'last day in Kaliningrad',
  '31.12.2031',
  new Words('ru').lastDay(Date.UTC(2032, 0, 1) / 1000 - 2 * 3600),
);
expect(
  'words',
  'last day in Kamchatka',
  '31.12.2031',
  new Words('ru').lastDay(Date.UTC(2032, 0, 1) / 1000 - 12 * 3600),
);

console.log(`${count} expectations of the published vectors, ${wrong} wrong`);
process.exit(wrong === 0 && count > 200 ? 0 : 1);
