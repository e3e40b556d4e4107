// SPDX-License-Identifier: GPL-3.0-or-later
//
// On a DESFire as the factory delivers it: application 030201 under a DES key of zeroes, and in it file 2, which that key
// reads.  It is what the example of nfc-pcsc (examples/mifare-desfire.js in its package) expects.
'use strict';

const { NFC } = require('nfc-pcsc');

const commands = [
	'90ca00000501020 30f01 00',
	'905a000003010203 00',
	'90cd0000070200000e100000 00',
	`908d000015020000000e0000${Buffer.from('Profbilet test').toString('hex')}00`,
].map(text => text.replaceAll(' ', ''));

new NFC().on('reader', reader => {
	reader.autoProcessing = false;
	reader.on('card', async () => {
		for (const hex of commands) {
			const answer = await reader.transmit(Buffer.from(hex, 'hex'), 40);

			if (answer.toString('hex') !== '9100') {
				console.error(`${hex}: ${answer.toString('hex')}`);
				process.exit(1);
			}
		}
		process.exit(0);
	});
});
setTimeout(() => process.exit(4), 15000).unref();
