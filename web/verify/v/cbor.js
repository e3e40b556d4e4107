// SPDX-License-Identifier: GPL-3.0-or-later
//
// Core deterministic CBOR (RFC 8949 4.2.1), and nothing else: shortest heads, definite lengths, map keys in bytewise
// order of their encodings and none twice, no floats, text in strict UTF-8.  Of the simple values only false, true and
// null; no bignums.  At most 8 levels, 64 items on each.  The rules are those of base/cbor.h, refusal for refusal.
//
// Every method gives null (next() undefined) on a violation and leaves the reader failed, so that a decoder may be one
// long `&&`.  Integers beyond 2^53 are BigInt, which compare with numbers as numbers do.

import { compareBytes } from './bytes.js';

const UINT = 0,
  NEGINT = 1,
  BYTES = 2,
  TEXT = 3,
  ARRAY = 4,
  MAP = 5,
  TAG = 6,
  SIMPLE = 7;
const FALSE = 20,
  TRUE = 21,
  NULL = 22;
const LEAST = [24, 0x100, 0x10000, 0x100000000]; // a value that fits a shorter head has no business in a longer one
const INT64_MAX = 2n ** 63n - 1n;
export const DEPTH = 8,
  ITEMS = 64;

// A byte order mark is a character like others here, and not taken away.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

export class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.failed = false;
  }

  fail() {
    this.failed = true;
    return null;
  }

  left() {
    return this.bytes.length - this.at;
  }

  end() {
    return !this.failed && this.left() === 0;
  }

  // A second reader at the same place, to look ahead.
  probe() {
    const probe = new Reader(this.bytes);
    probe.at = this.at;
    probe.failed = this.failed;
    return probe;
  }

  // { major, value }
  head() {
    if (this.failed || this.left() < 1) return this.fail();
    const first = this.bytes[this.at++],
      major = first >> 5,
      short = first & 31;
    if (short < 24) return { major, value: short };
    if (short > 27 || major === SIMPLE)
      // reserved, an indefinite length, a float
      return this.fail();
    const size = 1 << (short - 24);
    if (this.left() < size) return this.fail();
    const value = this.bigEndian(size);
    return value < LEAST[short - 24] ? this.fail() : { major, value };
  }

  bigEndian(size) {
    let value = 0;
    for (let i = 0; i < Math.min(size, 4); i++) value = value * 256 + this.bytes[this.at++];
    if (size < 8) return value;
    const whole = (BigInt(value) << 32n) | BigInt(this.bigEndian(4));
    return whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
  }

  value(major, max) {
    const head = this.head();
    return head && head.major === major && head.value <= max ? head.value : this.fail();
  }

  string(major, min, max) {
    const n = this.value(major, Math.min(max, this.bytes.length));
    if (n === null || n < min || n > this.left()) return this.fail();
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  uint(max) {
    return this.value(UINT, max);
  }

  // Of 64 bits with their sign.
  int() {
    const head = this.head();
    if (!head || head.major > NEGINT || head.value > INT64_MAX) return this.fail();
    if (head.major === UINT) return head.value;
    return typeof head.value === 'bigint' ? -1n - head.value : -1 - head.value;
  }

  byteString(min, max) {
    return this.string(BYTES, min, max);
  }

  // min and max are bytes.
  text(min, max) {
    const bytes = this.string(TEXT, min, max),
      text = bytes && textOf(bytes);
    return text === null ? this.fail() : text;
  }

  bool() {
    const value = this.value(SIMPLE, TRUE);
    return value === null || value < FALSE ? this.fail() : value === TRUE;
  }

  array(max) {
    return this.value(ARRAY, max);
  }

  arrayOf(count) {
    return this.array(count) === count ? true : this.fail();
  }

  tag(tag) {
    return this.value(TAG, tag) === tag ? true : this.fail();
  }

  map(maxPairs = ITEMS) {
    const left = this.value(MAP, Math.min(maxPairs, ITEMS));
    return left === null ? null : { left, last: new Uint8Array() };
  }

  // The next key of a map with integer keys, in the one order it may have; undefined at its end, and on a violation.
  next(map) {
    if (this.failed || map.left === 0) return undefined;
    const start = this.at,
      key = this.int(),
      encoding = this.bytes.subarray(start, this.at);
    if (key === null || compareBytes(map.last, encoding) >= 0) {
      this.fail();
      return undefined;
    }
    map.left--;
    map.last = encoding;
    return key;
  }

  nextIs(map, key) {
    return this.next(map) === key ? true : this.fail();
  }

  // The next item, whole and checked: its bytes.
  skip() {
    const start = this.at;
    return this.item(DEPTH) ? this.bytes.subarray(start, this.at) : this.fail();
  }

  item(depth) {
    const start = this.at,
      head = this.head();
    if (!head) return false;
    switch (head.major) {
      case UINT:
      case NEGINT:
        return true;
      case BYTES:
        this.at = start;
        return this.byteString(0, Infinity) !== null;
      case TEXT:
        this.at = start;
        return this.text(0, Infinity) !== null;
      case ARRAY:
        return depth > 0 && head.value <= ITEMS && this.items(head.value, depth - 1);
      case MAP:
        return depth > 0 && head.value <= ITEMS && this.pairs(head.value, depth - 1);
      case TAG: // tags 2 and 3 are second encodings of integers
        return depth > 0 && head.value !== 2 && head.value !== 3 && this.item(depth - 1);
      default:
        return head.value >= FALSE && head.value <= NULL;
    }
  }

  items(count, depth) {
    for (let i = 0; i < count; i++) if (!this.item(depth)) return false;
    return true;
  }

  pairs(count, depth) {
    let last = new Uint8Array();
    for (let i = 0; i < count; i++) {
      const start = this.at;
      if (!this.item(depth)) return false;
      const key = this.bytes.subarray(start, this.at);
      if (compareBytes(last, key) >= 0 || !this.item(depth)) return false;
      last = key;
    }
    return true;
  }
}

// One item and nothing after it.
export function checkItem(bytes) {
  const reader = new Reader(bytes);
  if (reader.skip() === null) return 'not_deterministic';
  return reader.end() ? 'none' : 'trailing_bytes';
}

// ---- writing, as little as a signature needs

export function byteStringHead(n) {
  const major = BYTES << 5;
  if (n < 24) return Uint8Array.of(major | n);
  if (n < 0x100) return Uint8Array.of(major | 24, n);
  if (n < 0x10000) return Uint8Array.of(major | 25, n >> 8, n & 255);
  return Uint8Array.of(major | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
}
