// SPDX-License-Identifier: GPL-3.0-or-later
//
// The published status lists, read by the Token Status List implementation of the OpenWallet Foundation, which shares
// no line with ours: it must say of each of the 65,536 indices what status_cases.c has put there.  Its reader of tokens
// wants the aggregation_uri, which the draft has as optional; of a list without one it is given the bytes of `lst`.
import { readFileSync } from 'node:fs';
import { cdeDecodeOptions, decode } from 'cbor2';
import { StatusList, StatusListCwt } from '@owf/token-status-list';

const strict = { ...cdeDecodeOptions, rejectDuplicateKeys: true, preferMap: true };
const slots = 65536, refused = 100, step = 997;
const vectors = JSON.parse(readFileSync(`${process.argv[2]}/status-accept.json`, 'utf8')).vectors;
const expected = new Set(Array.from({ length: refused }, (_, i) => i * step % slots));
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

for (const { id, inputs } of vectors) {
  const { address, list } = read(new Uint8Array(Buffer.from(inputs.token, 'hex')));
  if (!/^https:\/\/profbilet\.example\/(st|ST)\/RU-75-TST\/3$/.test(address)) {
    console.error(`${id}: ${address}`);
    mismatches++;
  }
  for (let index = 0; index < slots; index++)
    if (list.getStatus(index) !== (expected.has(index) ? 1 : 0))
      mismatches++;
}
console.log(`${vectors.length} lists x ${slots} indices, ${whole} as whole tokens: ${mismatches} mismatches`);
process.exit(mismatches || vectors.length < 4 || whole < 1 ? 1 : 0);
