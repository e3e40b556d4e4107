// SPDX-License-Identifier: GPL-3.0-or-later
//
// Debian's Chromium with a pretended camera, and TAP.
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';

process.env.PW_EXPERIMENTAL_SERVICE_WORKER_NETWORK_EVENTS = '1';
const require = createRequire(`${process.env.PROFBILET_BUILD}/tests/browser/npm/`);
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

// Nothing outside this machine is found by name; `film` is what the camera sees.
export function launch(film) {
  const args = [
    '--disable-background-networking',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
  ];
  if (film) args.push(`--use-file-for-fake-video-capture=${film}`);
  if (process.getuid() === 0) args.push('--no-sandbox');
  return chromium.launch({ executablePath: PROGRAM, args });
}

// Everything that pages and their workers ask for, as text.
export function watch(context) {
  const asked = [];
  context.on('request', request =>
    asked.push(
      [request.method(), request.url(), JSON.stringify(request.headers()), request.postData() ?? ''].join('\n'),
    ),
  );
  return asked;
}

// What axe finds wrong on the page, as text; '' for nothing.
export async function axeViolations(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => `${node.html} ${node.failureSummary}`).join(' | ')}`)
    .join('\n');
}

let count = 0,
  failures = 0;
export function ok(good, sentence, detail = '') {
  count++;
  if (!good) failures++;
  console.log(`${good ? 'ok' : 'not ok'} ${count} - ${sentence}`);
  if (!good && detail) console.log(String(detail).replace(/^/gm, '# '));
}

export function same(wanted, found, sentence) {
  ok(wanted === found, sentence, `expected: ${wanted}\nfound:    ${found}`);
}

export function end() {
  console.log(`1..${count}`);
  process.exit(failures === 0 ? 0 : 1);
}
