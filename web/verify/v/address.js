// SPDX-License-Identifier: GPL-3.0-or-later
//
// The address in a QR code: https://HOST/v#TOKEN, the token in base32 (RFC 4648 6) without padding.  One token has one
// spelling: other letters, padding and leftover bits are refused (card-applet-spec/credential.md).
//
// The host is only checked to be one.  Whose the card is, the signature says; a page of one office reads the cards of
// all.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const TOKEN_MAX = 1024;
const LETTERS_MAX = Math.floor((TOKEN_MAX * 8 + 4) / 5);
const ADDRESS = /^https:\/\/([a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?)\/v#/;

// { fault } or { token }
export function readBase32(text) {
  if (text.length > LETTERS_MAX) return { fault: 'url_too_long' };
  // Eight letters hold five bytes; of the shorter groups only 2, 4, 5 and 7 end one.
  if (text.length === 0 || [1, 3, 6].includes(text.length % 8)) return { fault: 'url_length' };
  const token = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0,
    held = 0,
    n = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return { fault: 'url_alphabet' };
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      token[n++] = held >> bits;
    }
  }
  if (held & ((1 << bits) - 1)) return { fault: 'url_tail' };
  return { token };
}

// The text of a QR code, whoever's host it names.
export function readAddress(text) {
  const found = ADDRESS.exec(text);
  return found ? readBase32(text.slice(found[0].length)) : { fault: 'url_foreign' };
}
