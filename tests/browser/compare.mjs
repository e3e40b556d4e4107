// SPDX-License-Identifier: GPL-3.0-or-later
//
// node compare.mjs WORLD VERDICTS [COUNT [SEED]]
//
// The verify page against the verifier of the command: COUNT texts of QR codes, from published tokens and those of the
// world by chance, most of them signed anew so that the signature is not what refuses them; both must give the same
// verdict and the same fault for each.  The seed is told, so that a disagreement can be had again.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [world, verdicts, count = '3000', seed = String(Date.now() % 1000000)] = process.argv.slice(2);
const source = process.env.PROFBILET_SOURCE,
  page = `${source}/web/verify/v`;
const { fromHex, joinBytes } = await import(`${page}/bytes.js`);
const { byteStringHead } = await import(`${page}/cbor.js`);
const { readAddress } = await import(`${page}/address.js`);
const { readRoots } = await import(`${page}/certificate.js`);
const { openEnvelope } = await import(`${page}/cose.js`);
const { InMemory } = await import(`${page}/kept.js`);
const { statusKept, takeUpdate, trustKept } = await import(`${page}/update.js`);
const { judge } = await import(`${page}/verdict.js`);

const { now, key: keyNumber, ...cards } = JSON.parse(readFileSync(`${world}/cards.json`, 'utf8'));

// ---- chance, the same for the same seed

let state = BigInt(seed) * 2862933555777941757n + 3037000493n;
function chance(n) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & (2n ** 64n - 1n);
  return Number((state >> 33n) % BigInt(n));
}
const oneOf = choices => choices[chance(choices.length)];

// ---- signing, with a number that everybody has

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const kept = new InMemory();
await takeUpdate(
  readFileSync(`${world}/update-2.cbor`),
  kept,
  await readRoots(readFileSync(`${world}/roots.pem`, 'utf8')),
);
const trust = await trustKept(kept),
  lists = { trust, status: (...where) => statusKept(kept, ...where) };
const issuer = trust.entries.find(({ state, test }) => state === 'active' && !test);
const url = bytes => Buffer.from(bytes).toString('base64url');
const key = await crypto.subtle.importKey(
  'jwk',
  {
    kty: 'EC',
    crv: 'P-256',
    x: url(issuer.point.subarray(1, 33)),
    y: url(issuer.point.subarray(33)),
    d: url(fromHex(keyNumber.toString(16).padStart(64, '0'))),
  },
  { name: 'ECDSA', namedCurve: 'P-256' },
  false,
  ['sign'],
);

// s in either half: both are of the same key
async function sign(bytes) {
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, bytes));
  if (chance(2)) {
    const s = ORDER - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
    signature.set(fromHex(s.toString(16).padStart(64, '0')), 32);
  }
  return signature;
}

async function seal(header, payload) {
  const parts = [byteStringHead(header.length), header],
    body = [byteStringHead(payload.length), payload];
  const context = fromHex('846a5369676e617475726531');
  const signature = await sign(joinBytes(context, ...parts, Uint8Array.of(0x40), ...body));
  return joinBytes(fromHex('d284'), ...parts, Uint8Array.of(0xa0), ...body, byteStringHead(64), signature);
}

const HEADER = joinBytes(fromHex('a201260448'), issuer.kid);

// ---- claims by chance: mostly as they must be

function head(major, value) {
  const long = [
      [24, 1],
      [25, 2],
      [26, 4],
      [27, 8],
    ],
    big = BigInt(value);
  let size = big < 24n ? 0 : big < 256n ? 1 : big < 65536n ? 2 : big < 4294967296n ? 4 : 8;
  if (chance(1500) === 0) size = oneOf([1, 2, 4, 8]); // a head longer than it need be
  if (size === 0) return Uint8Array.of((major << 5) | Number(big));
  const bytes = fromHex((big & (2n ** BigInt(8 * size) - 1n)).toString(16).padStart(2 * size, '0'));
  return joinBytes(Uint8Array.of((major << 5) | long.find(([, n]) => n === size)[0]), bytes);
}
const int = value => (value < 0 ? head(1, -1n - BigInt(value)) : head(0, value));
const bytes = value => joinBytes(head(2, value.length), value);
const textOf = value => joinBytes(head(3, value.length), value);
const text = value => textOf(new TextEncoder().encode(value));
const array = items => joinBytes(head(4, items.length), ...items);
const map = pairs => joinBytes(head(5, pairs.length), ...pairs.flat());
const random = n => Uint8Array.from({ length: n }, () => chance(256));

const NAMES = [
  'Гантимурова Галина',
  'Ёлкина',
  'Е\u0308лкина',
  'И\u0306ванов',
  'a\tb',
  'line\nline',
  '\u0085',
  '\u007F',
  '\uFEFFA',
  'é',
  'e\u0301',
  '',
  'x'.repeat(24),
  'x'.repeat(25),
  'я'.repeat(8),
  'я'.repeat(120),
  'я'.repeat(121),
  'я'.repeat(160),
  'я'.repeat(161),
  '\u{1F600}',
  '\uFFFE',
  '가',
  '\u1100\u1161',
  'Å',
  '\u212B',
  '1',
  '12',
  '\u0344',
  '\u0958',
  '\u200D',
];
const TIMES = [
  0,
  1,
  24,
  now,
  now - 86400,
  now - 86401,
  now - 86399,
  now + 86400,
  now + 86401,
  now + 90000,
  now - 30 * 86400,
  now - 31 * 86400,
  now - 31 * 86400 - 1,
  now + 400 * 86400,
  now + 401 * 86400,
  ...[-1, 0, 1].flatMap(off => [issuer.lastSigning + off, issuer.validFrom - 86400 + off]),
  1956495600,
  2 ** 40 - 1,
  2 ** 40,
  2n ** 63n,
  2n ** 64n - 1n,
];
const NUMBERS = [
  0,
  1,
  2,
  7,
  23,
  24,
  40007,
  65535,
  65536,
  2 ** 32 - 1,
  2 ** 32,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function anything(depth = 0) {
  const kind = chance(depth > 3 ? 6 : 9);
  return [
    () => int(oneOf(NUMBERS)),
    () => int(-oneOf([1, 2, 24, 25, 300])),
    () => bytes(random(chance(40))),
    () => text(oneOf(NAMES)),
    () => textOf(random(chance(6))),
    () => Uint8Array.of(0xe0 | oneOf([19, 20, 21, 22, 23, 24, 25, 31])),
    () => array(Array.from({ length: chance(4) }, () => anything(depth + 1))),
    () => map(Array.from({ length: chance(3) }, (_, i) => [int(i), anything(depth + 1)])),
    () => joinBytes(head(6, oneOf([0, 1, 2, 3, 18, 61])), anything(depth + 1)),
  ][kind]();
}
const mostly = (value, often = 12) => (chance(often) ? value : anything());

// Letters and marks of every script, so that what is normalised here is normalised there.
const anyLetters = () =>
  String.fromCodePoint(
    ...Array.from({ length: 1 + chance(3) }, () => {
      const found = chance(4) ? chance(0x3100) : chance(0x1f000);
      return found >= 0xd800 && found < 0xe000 ? 0x301 : found;
    }),
  );
const line = usual => text(chance(6) ? usual : chance(2) ? oneOf(NAMES) : anyLetters());
const time = usual => int(chance(3) ? usual : oneOf(TIMES));
const status = () =>
  array([int(chance(4) ? 0 : oneOf(NUMBERS)), int(chance(3) ? oneOf([7, 40007, 65535]) : oneOf(NUMBERS))]);
const phone = () =>
  map([
    [
      int(1),
      map([
        [int(1), int(2)],
        [int(-1), int(1)],
        [int(-2), bytes(random(chance(20) ? 32 : 31))],
        [int(-3), bytes(random(32))],
      ]),
    ],
  ]);
const serial = () => bytes(chance(8) ? fromHex('0000021e32') : random(oneOf([4, 5, 5, 5, 6])));

// Sometimes one is left out, stands twice or in another place.
function someOf(pairs) {
  const made = pairs
    .filter(([, , rarely]) => rarely === undefined || chance(rarely) === 0)
    .map(([key, value]) => [int(key), value]);
  if (chance(25) === 0) made.splice(chance(made.length), 1);
  if (chance(40) === 0) made.splice(chance(made.length), 0, oneOf(made));
  if (chance(40) === 0) made.reverse();
  if (chance(25) === 0) made.splice(chance(made.length + 1), 0, [anything(), anything()]);
  return map(made);
}

function card(virtual) {
  return someOf([
    [0, mostly(int(virtual ? 2 : 0), 30)],
    [1, mostly(line('Гантимурова Галина Фёдоровна'))],
    [2, mostly(line('7501-14'))],
    [3, mostly(line('Школа № 14')), 2],
    [4, mostly(int(oneOf([0, -25567, -25568, 84005, 84006, 12000]))), 3],
    [5, mostly(int(oneOf(NUMBERS))), 3],
    [8, mostly(status(), 20)],
    [10, mostly(array([int(oneOf(NUMBERS)), bytes(random(16))])), 4],
    [oneOf([11, 12, 99]), anything(), 5],
  ]);
}

function claims() {
  const virtual = chance(6) === 0,
    chip = chance(12) === 0;
  return someOf([
    ...(chip ? [] : [[1, mostly(line('RU-75-TST'), 30)]]),
    [2, mostly(line('6437500100012037'))],
    [4, mostly(time(1956495600), 30)],
    ...(chip ? [] : [[5, mostly(time(now - 10 * 86400), 30)]]),
    [6, mostly(time(now)), chip ? 20 : 3],
    [7, mostly(serial(), 30)],
    ...(virtual ? [[8, mostly(phone())]] : []),
    [-65537, chip ? status() : mostly(card(virtual), 40)],
  ]);
}

// ---- bytes by chance

function mutate(token) {
  if (token.length === 0) return random(3);
  const at = chance(token.length),
    much = 1 + chance(4);
  switch (chance(7)) {
    case 0:
      return token.with(at, chance(256));
    case 1:
      return token.with(at, token[at] ^ (1 << chance(8)));
    case 2:
      return joinBytes(token.subarray(0, at), random(much), token.subarray(at));
    case 3:
      return joinBytes(token.subarray(0, at), token.subarray(at + much));
    case 4:
      return joinBytes(token.subarray(0, at), token.subarray(Math.max(0, at - much)));
    case 5:
      return token.subarray(0, at);
    default:
      return joinBytes(token, random(much));
  }
}

function base32(token) {
  const bits = Array.from(token, byte => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map(five => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

function address(token) {
  const host = chance(60)
    ? 'profbilet.example'
    : oneOf(['a', 'A', '-a', 'a-', 'a..b', 'x'.repeat(63), 'x'.repeat(64), '', 'a/b', 'a_b', 'ё']);
  const found = `${chance(200) ? 'https' : 'http'}://${host}/v#${base32(token)}`;
  if (chance(40)) return found;
  const at = chance(found.length);
  return (
    found.slice(0, at) + oneOf(['', 'A', 'AA', '=', 'a', '1', ' ', '8', '2', '#', '%41']) + found.slice(at + chance(3))
  );
}

const published = ['accept.json', 'refuse.json'].flatMap(file =>
  JSON.parse(readFileSync(`${source}/card-applet-spec/vectors/${file}`, 'utf8')).vectors.map(({ inputs }) =>
    fromHex(inputs.token),
  ),
);
const own = Object.values(cards).map(found => readAddress(found).token);
const seeds = [...published, ...own].filter(token => token.length > 0);

async function tokenByChance() {
  const token = oneOf(chance(3) ? own : seeds),
    envelope = openEnvelope(token);
  switch (chance(8)) {
    case 0:
      return mutate(token);
    case 1:
      return mutate(mutate(token));
    case 2:
      return token;
    case 3: // what is signed is damaged, and the signature holds
      return seal(HEADER, mutate(envelope.payload ?? token));
    case 4:
      return seal(mutate(HEADER), envelope.payload ?? token);
    default:
      return seal(
        chance(30)
          ? HEADER
          : someOf([
              [1, mostly(int(-7))],
              [4, mostly(bytes(issuer.kid))],
            ]),
        claims(),
      );
  }
}

// ---- both verifiers

// A batch is judged at one moment: most at noon, some at the edges of what the issuer and its cards are good for.
const MOMENTS = [
  now,
  now,
  now,
  issuer.validFrom - 86401,
  issuer.validFrom - 86400,
  issuer.validUntil + 86400,
  issuer.validUntil + 86401,
  1956495600 + 86399,
  1956495600 + 86400,
  now - 3 * 86400,
  now + 9 * 86400 - 86400,
];
const BATCH = 100,
  seen = new Map();
let compared = 0,
  differing = 0;
while (compared < Number(count)) {
  const texts = [],
    at = oneOf(MOMENTS);
  while (texts.length < Math.min(BATCH, Number(count) - compared))
    texts.push(address(await tokenByChance()).replace(/\n/g, ''));
  const run = spawnSync(verdicts, [`${world}/shop`, String(at)], {
    input: `${texts.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const theirs = run.stdout.split('\n');
  if (run.status !== 0 || theirs.length !== texts.length + 1)
    throw new Error(`the verifier of the command ended with ${run.status}: ${run.stderr}`);
  for (const [i, found] of texts.entries()) {
    const { verdict, fault } = await judge(found, lists, at),
      ours = `${verdict} ${fault}`;
    seen.set(ours, (seen.get(ours) ?? 0) + 1);
    if (ours !== theirs[i] && differing++ < 10) console.error(`page: ${ours}, command: ${theirs[i]}: ${found}`);
  }
  compared += texts.length;
}
const kinds = [...seen].sort(([, a], [, b]) => b - a);
console.log(kinds.map(([what, n]) => `${n} x ${what}`).join('\n'));
console.log(`seed ${seed}: ${compared} texts, ${kinds.length} kinds of answers, ${differing} disagreements`);
process.exit(differing === 0 ? 0 : 1);
