// SPDX-License-Identifier: GPL-3.0-or-later
//
// node bench.mjs WORLD SITE
//
// How long it is from opening the address of a card to its verdict, in Debian's Chromium: at the first visit, when
// page and lists come from the server (the lists of one office; then those of a country, 543 issuers and 62 status
// lists), and at later ones with a country's lists kept here, with a server and without.  Beside it, in the same
// rounds, how long an empty page takes, which tells how busy the machine is, and the processor time of the page's
// thread, which does not depend on it.
import { readFileSync } from 'node:fs';
import { launch } from './browser.mjs';
import { Site } from './serve.mjs';

const ROUNDS = 7;
const LIMIT = 300;
const [world, folder] = process.argv.slice(2);
const { now, valid } = JSON.parse(readFileSync(`${world}/cards.json`, 'utf8'));
const browser = await launch();
const site = await new Site(folder, { '/v/roots.pem': `${world}/roots.pem`, '/empty.html': '/dev/null' }).start();

async function visitor(lists) {
  site.files['/v/update.cbor'] = `${world}/${lists}`;
  const context = await browser.newContext({ locale: 'ru-RU' });
  await context.addInitScript(at => {
    Date.now = () => at;
  }, now * 1000);
  return context;
}

// Milliseconds from the opening of the address, and from when the page had loaded, to the verdict; and of the
// processor.
async function visit(context) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`http://localhost:${site.port}/v#${valid.split('#')[1]}`);
  await page.waitForSelector('body[data-view=verdict]');
  const { metrics } = await session.send('Performance.getMetrics');
  const title = await page.textContent('h1');
  if (title !== 'Действует') throw new Error(`the verdict is ${title}`);
  const times = await page.evaluate(() => {
    const verdict = performance.getEntriesByName('verdict')[0].startTime;
    return { opened: verdict, loaded: verdict - performance.getEntriesByType('navigation')[0].loadEventStart };
  });
  await page.waitForFunction(() => document.querySelector('#offline').textContent !== '');
  await page.close();
  return { ...times, processor: 1000 * metrics.find(({ name }) => name === 'TaskDuration').value };
}

async function visitEmpty(context) {
  const page = await context.newPage();
  await page.goto(`http://localhost:${site.port}/empty.html`);
  const opened = await page.evaluate(() => performance.getEntriesByType('navigation')[0].loadEventStart);
  await page.close();
  return { opened };
}

const seen = { empty: [], office: [], country: [], later: [], offline: [] };
for (let i = 0; i < ROUNDS; i++) {
  const one = await visitor('update-2.cbor');
  seen.empty.push(await visitEmpty(one));
  seen.office.push(await visit(one));
  await one.close();
  const other = await visitor('many.cbor');
  seen.country.push(await visit(other));
  seen.later.push(await visit(other));
  await site.stop();
  seen.offline.push(await visit(other));
  await other.close();
  await site.start(site.port);
}
await browser.close();
await site.stop();

function median(name, what) {
  return Math.round(seen[name].map(times => times[what]).sort((a, b) => a - b)[ROUNDS >> 1]);
}

console.log(
  `an empty page is there ${median('empty', 'opened')} ms after its address was opened (median of ${ROUNDS})`,
);
for (const [name, words] of Object.entries({
  office: "first visit, an office's lists",
  country: "first visit, a country's lists",
  later: 'later visit',
  offline: 'later visit, the server gone',
})) {
  const [opened, loaded, processor] = ['opened', 'loaded', 'processor'].map(what => median(name, what));
  console.log(`${words}: verdict after ${opened} ms, ${loaded} ms after the page had loaded, processor ${processor} ms`);
}
const slowest = Math.max(...['office', 'later', 'offline'].map(name => median(name, 'loaded')));
console.log(`goal: under ${LIMIT} ms after load: ${slowest < LIMIT ? 'met' : 'not met'}`);
process.exit(slowest < LIMIT ? 0 : 1);
