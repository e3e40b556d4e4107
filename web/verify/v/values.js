// SPDX-License-Identifier: GPL-3.0-or-later
//
// Values that cards and lists have in common, read or null.  Not for: what is said with them.

const SECONDS_MAX = 2 ** 40 - 1,
  CODE = /^[A-Z0-9-]{2,16}$/,
  PRINTABLE = /^[!-~]*$/,
  CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

// One line as a card shows it, of so many bytes: nothing invisible, and what looks the same is the same.
export function readLine(reader, min, max) {
  const text = reader.text(min, max);
  return text !== null && !CONTROL.test(text) && text.normalize('NFC') === text ? text : null;
}

export function readPositive(reader, max) {
  return reader.uint(max) || null;
}

// UTC seconds
export function readSeconds(reader) {
  return readPositive(reader, SECONDS_MAX);
}

// The code of an issuer.
export function isCode(text) {
  return text !== null && CODE.test(text);
}

export function isPrintable(text) {
  return PRINTABLE.test(text);
}
