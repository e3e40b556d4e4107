// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reads QR codes in pictures: a worker around zxing-wasm, which the build puts beside this file.  A picture comes in,
// the text of the first code goes out, '' when there is none, null when this worker cannot read any.

import { prepareZXingModule, readBarcodes } from './reader/index.js';

// Else the library would ask a server of other people for its program.
const ready = prepareZXingModule({
  overrides: { locateFile: name => new URL(name, import.meta.url).href },
  fireImmediately: true,
});
const OPTIONS = { formats: ['QRCode'], tryHarder: true, tryInvert: false, maxNumberOfSymbols: 1 };

onmessage = async ({ data }) => {
  try {
    await ready;
    const found = await readBarcodes(data, OPTIONS);
    postMessage(found.find(code => code.isValid)?.text ?? '');
  } catch {
    postMessage(null);
  }
};
