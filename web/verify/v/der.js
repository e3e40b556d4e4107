// SPDX-License-Identifier: GPL-3.0-or-later
//
// DER (X.690), as much as certificates need: tags of one byte, lengths in their shortest form.  What is not so throws:
// whoever reads a certificate catches it once, for the whole.

export const BOOLEAN = 0x01,
  INTEGER = 0x02,
  BIT_STRING = 0x03,
  OCTET_STRING = 0x04,
  OID = 0x06,
  UTF8_STRING = 0x0c,
  PRINTABLE_STRING = 0x13,
  UTC_TIME = 0x17,
  GENERALIZED_TIME = 0x18,
  SEQUENCE = 0x30,
  SET = 0x31;

export class Der {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  more() {
    return this.at < this.bytes.length;
  }

  // The tag of the next element, -1 at the end.
  peek() {
    return this.more() ? this.bytes[this.at] : -1;
  }

  length() {
    const first = this.bytes[this.at++];
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size < 1 || size > 3 || this.at + size > this.bytes.length) throw new Error('DER: length');
    let n = 0;
    for (let i = 0; i < size; i++) n = n * 256 + this.bytes[this.at++];
    if (n < 0x80 || n < 256 ** (size - 1)) throw new Error('DER: a long length');
    return n;
  }

  // The contents of the next element, which must have that tag; `whole` is with tag and length.
  take(tag) {
    const start = this.at;
    if (this.bytes[this.at++] !== tag) throw new Error(`DER: not ${tag}`);
    const n = this.length();
    if (!(n <= this.bytes.length - this.at)) throw new Error('DER: cut short');
    this.at += n;
    this.whole = this.bytes.subarray(start, this.at);
    return this.bytes.subarray(this.at - n, this.at);
  }

  inside(tag) {
    return new Der(this.take(tag));
  }

  end() {
    if (this.more()) throw new Error('DER: something is left over');
  }
}

export function readOid(contents) {
  const numbers = [];
  let value = 0;
  for (const byte of contents) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const first = Math.min(Math.floor(numbers[0] / 40), 2);
  return [first, numbers[0] - 40 * first, ...numbers.slice(1)].join('.');
}

// UTC seconds.  UTCTime has two digits of the year, of 1950 to 2049.
export function readTime(tag, contents) {
  const text = String.fromCharCode(...contents),
    short = tag === UTC_TIME;
  const found = (short ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(
    text,
  );
  if (!found) throw new Error('DER: time');
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number);
  const full = short ? year + (year < 50 ? 2000 : 1900) : year;
  const seconds = Date.UTC(full, month - 1, day, hour, minute, second) / 1000;
  if (!Number.isFinite(seconds) || new Date(seconds * 1000).getUTCDate() !== day) throw new Error('DER: no such day');
  return seconds;
}

// An ECDSA signature, two integers, as r || s of 32 bytes each.
export function readSignature(contents) {
  const pair = new Der(contents).inside(SEQUENCE),
    raw = new Uint8Array(64);
  for (const end of [32, 64]) {
    let integer = pair.take(INTEGER);
    if (integer.length > 1 && integer[0] === 0) integer = integer.subarray(1);
    if (integer.length > 32) throw new Error('DER: a number too large');
    raw.set(integer, end - integer.length);
  }
  pair.end();
  return raw;
}
