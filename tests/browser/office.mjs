// SPDX-License-Identifier: GPL-3.0-or-later
//
// node office.mjs SOCKET PHOTO VERDICT LINE
//
// The page of a daemon behind SOCKET, shown the picture PHOTO (PNG) of a printed card: exits 0 when it says VERDICT
// and one of the lines under it holds LINE.  A web server in front of the daemon is what brings it to a browser; here
// one of a few lines, which also holds that no request has a fragment of a card.
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { launch } from './browser.mjs';

const [socketPath, photo, verdict, line] = process.argv.slice(2),
  violations = [];
const front = createServer((from, to) => {
  if (from.method !== 'GET' || from.url.length > 40) violations.push(`${from.method} ${from.url}`);
  const on = request({ socketPath, path: from.url, method: from.method, headers: from.headers }, answer => {
    to.writeHead(answer.statusCode, answer.headers);
    answer.pipe(to);
  });
  from.pipe(on);
});
await new Promise(resolve => front.listen(0, 'localhost', resolve));

const browser = await launch(),
  page = await (await browser.newContext({ locale: 'ru-RU' })).newPage();
page.on('pageerror', error => violations.push(error.message));
page.on('console', message => message.type() === 'error' && violations.push(message.text()));
await page.goto(`http://localhost:${front.address().port}/v`);
await page.waitForSelector('body[data-view=start]');
await page.setInputFiles('#photo', { name: 'card.png', mimeType: 'image/png', buffer: readFileSync(photo) });
await page.waitForSelector('body[data-view=verdict]', { timeout: 20000 }).catch(() => {});
const title = await page.textContent('h1'),
  lines = await page.textContent('#proven'),
  trouble = await page.textContent('#trouble');
await browser.close();
front.closeAllConnections();
front.close();
console.log(`${title}: ${lines} ${trouble}\n${violations.join('\n')}`);
process.exit(title === verdict && lines.includes(line) && violations.length === 0 ? 0 : 1);
