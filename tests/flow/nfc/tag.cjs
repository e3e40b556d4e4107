// SPDX-License-Identifier: GPL-3.0-or-later
//
// What nfc-pcsc makes of the card on the first reader that has one: it selects the NDEF application by itself; then the
// capability container and the NDEF file are read by its transmit.  Prints one line of JSON.  Exit 3: nfc-pcsc finds no
// such application on the card.
'use strict';

const { NFC } = require('nfc-pcsc');

const NDEF_AID = 'D2760000850101';
const OK = 0x9000;

function fail(reader, code, what) {
	console.error(`${reader.name}: ${what}`);
	process.exit(code);
}

async function ask(reader, hex) {
	const answer = await reader.transmit(Buffer.from(hex, 'hex'), 258);

	if (answer.readUInt16BE(answer.length - 2) !== OK)
		throw new Error(`${hex}: ${answer.toString('hex')}`);
	return answer.subarray(0, -2);
}

// NFC Forum Type 4 Tag 2.0: the file is the one that the container names
async function readTag(reader, card) {
	await ask(reader, '00a4000c02e103');
	const cc = await ask(reader, '00b000000f');
	await ask(reader, `00a4000c02${cc.subarray(9, 11).toString('hex')}`);
	const length = await ask(reader, '00b0000002');
	const n = length.readUInt16BE(0);
	const message = n ? await ask(reader, `00b00002${n.toString(16).padStart(2, '0')}`) : Buffer.alloc(0);

	console.log(JSON.stringify({ standard: card.standard, atr: card.atr.toString('hex'), version: cc[2], free: cc[14] === 0,
		uri: n ? message.subarray(5).toString() : null }));
	process.exit(0);
}

new NFC().on('reader', reader => {
	reader.aid = NDEF_AID;
	reader.on('card', card => readTag(reader, card).catch(error => fail(reader, 1, error.message)));
	reader.on('error', error => fail(reader, /Not found/.test(error.message) ? 3 : 1, error.message));
}).on('error', error => {
	console.error(error.message);
	process.exit(1);
});
setTimeout(() => process.exit(4), 15000).unref();
