// SPDX-License-Identifier: GPL-3.0-or-later
//
// Status lists, read by the Token Status List implementation of the OpenWallet Foundation, which shares no line with
// ours: it must say of each of the 65,536 indices what was put there.  The published lists first, then those of a country
// with four million cards, each a whole token.  Its reader of tokens wants the aggregation_uri, which the draft has as
// optional; of the one list that is published without it is given the bytes of `lst`.
import { readFileSync } from 'node:fs';
import { cdeDecodeOptions, decode } from 'cbor2';
import { StatusList, StatusListCwt } from '@owf/token-status-list';

const strict = { ...cdeDecodeOptions, rejectDuplicateKeys: true, preferMap: true };
const slots = 65536, refused = 100, step = 997, lists = 62;
const [vectors, country] = process.argv.slice(2);
const published = JSON.parse(readFileSync(`${vectors}/status-accept.json`, 'utf8')).vectors;
const hundred = new Set(Array.from({ length: refused }, (_, i) => i * step % slots));
let whole = 0, mismatches = 0;

function read(token) {
  const claims = decode(decode(token, strict).contents[2], strict);
  const list = claims.get(65533);
  if (!list.has('aggregation_uri'))
    return { address: claims.get(2), list: StatusList.decompressStatusListFromBytes(list.get('lst'), list.get('bits')) };
  const { payload } = StatusListCwt.fromToken(token);
  whole++;
  return { address: payload.subject, list: payload.statusList };
}

function hold(name, token, isAddress, bitOf) {
  const { address, list } = read(new Uint8Array(token));
  const before = mismatches;
  if (!isAddress(address) || list.statusList.length !== slots)
    mismatches++;
  for (let index = 0; index < slots; index++)
    if (list.getStatus(index) !== bitOf(index))
      mismatches++;
  if (mismatches > before)
    console.error(`${name}: ${address}: ${mismatches - before} mismatches`);
}

for (const { id, inputs } of published)
  hold(id, Buffer.from(inputs.token, 'hex'), (address) => /^https:\/\/profbilet\.example\/(st|ST)\/RU-75-TST\/3$/.test(address),
    (index) => hundred.has(index) ? 1 : 0);
for (let number = 0; number < lists; number++) {
  const bits = readFileSync(`${country}/${number}.bits`);
  hold(`list ${number}`, readFileSync(`${country}/${number}.cwt`),
    (address) => address === `https://profbilet.example/st/RU-75-TST/${number}`, (index) => bits[index >> 3] >> (index & 7) & 1);
}
const count = published.length + lists;
console.log(`${count} lists x ${slots} indices, ${whole} as whole tokens: ${mismatches} mismatches`);
process.exit(mismatches || published.length < 5 || whole !== count - 1 ? 1 : 0);
