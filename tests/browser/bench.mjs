// SPDX-License-Identifier: GPL-3.0-or-later
//
// node bench.mjs WORLD SITE
//
// How long it is from opening the address of a card to its verdict, in Debian's Chromium: at the first visit, when
// page and lists come from the server, and at later ones, when they are kept here, with a server and without.  The
// lists are those of a country: 543 issuers and 62 status lists.
import { readFileSync } from 'node:fs';
import { launch } from './browser.mjs';
import { Site } from './serve.mjs';

const ROUNDS = 9,
  LIMIT = 300;
const [world, folder] = process.argv.slice(2),
  { now, valid } = JSON.parse(readFileSync(`${world}/cards.json`, 'utf8'));
const token = valid.split('#')[1],
  browser = await launch();
const site = new Site(folder, { '/v/roots.pem': `${world}/roots.pem`, '/v/update.cbor': `${world}/many.cbor` });
await site.start();

async function visitor() {
  const context = await browser.newContext({ locale: 'ru-RU' });
  await context.addInitScript(at => {
    Date.now = () => at;
  }, now * 1000);
  return context;
}

// { sinceOpened, sinceLoaded } in ms
async function visit(context) {
  const page = await context.newPage();
  await page.goto(`http://localhost:${site.port}/v#${token}`);
  await page.waitForSelector('body[data-view=verdict]');
  const title = await page.textContent('h1');
  if (title !== 'Действует') throw new Error(`the verdict is ${title}`);
  const times = await page.evaluate(() => {
    const verdict = performance.getEntriesByName('verdict')[0].startTime,
      [{ domInteractive }] = performance.getEntriesByType('navigation');
    return { sinceOpened: verdict, sinceLoaded: verdict - domInteractive };
  });
  await page.waitForFunction(() => document.querySelector('#offline').textContent !== '');
  await page.close();
  return times;
}

function median(times, name) {
  return times.map(time => time[name]).sort((a, b) => a - b)[times.length >> 1];
}

const first = [],
  later = [],
  offline = [];
for (let i = 0; i < ROUNDS; i++) {
  const context = await visitor();
  first.push(await visit(context));
  later.push(await visit(context));
  await context.close();
}
const context = await visitor();
await visit(context);
await site.stop();
for (let i = 0; i < ROUNDS; i++) offline.push(await visit(context));
await browser.close();

for (const [name, times] of [
  ['first visit, lists of a country to be judged', first],
  ['later visit', later],
  ['without a network', offline],
])
  console.log(
    `${name}: verdict ${Math.round(median(times, 'sinceOpened'))} ms after the address was opened, ` +
      `${Math.round(median(times, 'sinceLoaded'))} ms after the page was there (median of ${ROUNDS}, slowest ` +
      `${Math.round(Math.max(...times.map(({ sinceOpened }) => sinceOpened)))} ms)`,
  );
const worst = Math.max(median(later, 'sinceLoaded'), median(offline, 'sinceLoaded'));
console.log(`goal: under ${LIMIT} ms after load: ${worst < LIMIT ? 'met' : 'not met'}`);
process.exit(worst < LIMIT ? 0 : 1);
