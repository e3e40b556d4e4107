// SPDX-License-Identifier: GPL-3.0-or-later
//
// node page.mjs WORLD SITE
//
// The verify page in Debian's Chromium: what it says of every kind of card, by address, camera, photo and keyboard,
// with a network and without, and what it asks of the network meanwhile.  PROFBILET_SHOTS=FOLDER keeps a picture of
// each state.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { axeViolations, end, launch, ok, same, watch } from './browser.mjs';
import { Site } from './serve.mjs';

const [world, folder] = process.argv.slice(2),
  shots = process.env.PROFBILET_SHOTS,
  DAY = 86400;
const { now, key: _, ...cards } = JSON.parse(readFileSync(`${world}/cards.json`, 'utf8'));
const tokens = Object.fromEntries(Object.entries(cards).map(([name, text]) => [name, text.split('#')[1]]));
const PHONE = { width: 390, height: 844 },
  DESK = { width: 1280, height: 800 };
if (shots) mkdirSync(shots, { recursive: true });

const site = await new Site(folder, {
  '/v/roots.pem': `${world}/roots.pem`,
  '/v/update.cbor': `${world}/update-2.cbor`,
}).start();
let browser = await launch(`${world}/valid.y4m`);
const asked = [],
  faults = [];

// A browser of its own: nothing kept from another.
async function visitor({ at = now, locale = 'ru-RU', viewport = PHONE, colorScheme = 'light' } = {}) {
  const context = await browser.newContext({
    locale,
    viewport,
    colorScheme,
    timezoneId: 'Asia/Chita',
    reducedMotion: 'reduce',
  });
  await context.clock.setFixedTime(at * 1000);
  context.requests = watch(context);
  asked.push(context.requests);
  return context;
}

async function open(context, fragment = '') {
  const page = await context.newPage();
  page.on('pageerror', error => faults.push(error.message));
  page.on('console', message => message.type() === 'error' && faults.push(message.text()));
  await page.goto(`http://localhost:${site.port}/v${fragment && `#${fragment}`}`);
  await settled(page, fragment ? 'verdict' : 'start');
  return page;
}

function settled(page, view) {
  return page.waitForSelector(`body[data-view=${view}]`, { timeout: 15000 });
}

const titleOf = page => page.textContent('h1');
const leadOf = page => page.textContent('#lead');

async function titleFor(context, fragment) {
  const page = await open(context, fragment),
    title = await titleOf(page);
  await page.close();
  return title;
}

async function picture(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

// ---- what it says of each card, in both languages and all four looks, and what axe finds

const flipped = tokens.valid.slice(0, -20) + (tokens.valid.at(-20) === 'A' ? 'B' : 'A') + tokens.valid.slice(-19);
const STATES = [
  ['valid', tokens.valid, now, 'Действует', 'Valid'],
  ['valid-aged', tokens.valid, now + 12 * DAY, 'Действует', 'Valid'],
  ['valid-old', tokens.valid, now + 40 * DAY, 'Список устарел', 'List too old'],
  ['unlisted', tokens.unlisted, now, 'Не проверено', 'Not checked'],
  ['revoked', tokens.revoked, now, 'Не действует', 'Not valid'],
  ['expired', tokens.expired, now, 'Истекла', 'Expired'],
  ['early', tokens.early, now, 'Ещё не действует', 'Not yet valid'],
  ['refused', tokens.refused, now, 'Не действует', 'Not valid'],
  ['forged', flipped, now, 'Подделка', 'Forged'],
  ['unknown', tokens.unknown, now, 'Неизвестно чья', 'Unknown issuer'],
  ['test', tokens.test, now, 'Учебная', 'Test card'],
  ['damaged', tokens.valid.slice(0, 200), now, 'Не прочитать', 'Not readable'],
  ['clock', tokens.valid, now - 3 * DAY, 'Часы отстают', 'Clock is slow'],
  ['start', '', now, 'Проверка карты', 'Check a card'],
];
const LOOKS = [
  ['phone-light', PHONE, 'light', 'ru-RU'],
  ['phone-dark', PHONE, 'dark', 'en-GB'],
  ['desk-light', DESK, 'light', 'en-GB'],
  ['desk-dark', DESK, 'dark', 'ru-RU'],
];

for (const [look, viewport, colorScheme, locale] of LOOKS) {
  const wrong = [],
    violations = [];
  const context = await visitor({ viewport, colorScheme, locale });
  await titleFor(context, ''); // the lists come at the first visit
  for (const [name, fragment, at, ru, en] of STATES) {
    await context.clock.setFixedTime(at * 1000);
    const page = await open(context, fragment),
      title = await titleOf(page);
    if (title !== (locale === 'ru-RU' ? ru : en)) wrong.push(`${name}: ${title}`);
    const found = await axeViolations(page);
    if (found) violations.push(`${name}: ${found}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (wide) wrong.push(`${name}: wider than the window`);
    await picture(page, `${name}-${look}`);
    await page.close();
  }
  ok(wrong.length === 0, `${look}, ${locale}: the ${STATES.length} states say what they are`, wrong.join('\n'));
  ok(violations.length === 0, `${look}: axe finds nothing in any of them`, violations.join('\n'));
  await context.close();
}

// ---- what a verdict stands on is told with it

{
  const context = await visitor(),
    page = await open(context, tokens.valid),
    proven = await page.textContent('#proven');
  same('Профсоюзный билет, годен до 31.12.2031', await leadOf(page), 'the last day of a card is that of its office');
  ok(/Гантимурова Галина Фёдоровна/.test(await page.textContent('#match')), 'what is printed is shown to be compared');
  ok(/Забайкальская краевая организация/.test(proven), 'who signed it is named');
  ok(
    /Список заблокированных: 01\.11\.2026 19:00, ему меньше дня/.test(proven),
    'the age of a young list is told, too',
    proven,
  );
  ok(/Копию по коду не отличить/.test(proven), 'a copy cannot be excluded, and that is said');
  ok(/^Действует/.test(await page.title()), 'the title of the tab is the verdict');
  same('h1', await page.evaluate(() => document.activeElement.localName), 'the focus is on the verdict');
  ok(/Действует/.test(await page.textContent('#heard')), 'and a screen reader is told');
  same(`http://localhost:${site.port}/v/`, page.url(), 'the card is taken out of the address');
  await context.clock.setFixedTime((now + 12 * DAY) * 1000);
  const later = await open(context, tokens.valid);
  ok(
    /12.дней/.test(await later.textContent('#strip')),
    'a list of twelve days is told in the verdict itself',
    await later.textContent('#strip'),
  );
  await context.close();
}

// ---- never back

{
  const files = { ...site.files };
  site.files['/v/update.cbor'] = `${world}/update-1.cbor`;
  const context = await visitor();
  same('Действует', await titleFor(context, tokens.revoked), 'before its loss is known the card is good');
  site.files['/v/update.cbor'] = `${world}/update-2.cbor`;
  const page = await open(context, tokens.revoked);
  await page
    .waitForFunction(() => document.querySelector('h1').textContent === 'Не действует', null, { timeout: 5000 })
    .catch(() => {});
  same('Не действует', await titleOf(page), 'a newer list changes the verdict while it is shown');
  site.files['/v/update.cbor'] = `${world}/update-1.cbor`;
  await titleFor(context, tokens.valid);
  same('Не действует', await titleFor(context, tokens.revoked), 'an older file changes nothing');
  await page.click('summary');
  await page.setInputFiles('#file', `${world}/update-1.cbor`);
  await page.waitForFunction(() => /rollback/.test(document.querySelector('#trouble').textContent));
  ok(true, 'an older file by hand is refused by name');
  const damaged = readFileSync(`${world}/many.cbor`);
  damaged[damaged.length - 2000] ^= 1;
  writeFileSync(`${world}/damaged.cbor`, damaged);
  await page.setInputFiles('#file', `${world}/damaged.cbor`);
  await page.waitForFunction(() =>
    /forged|bad_bits|bad_claims|not_deterministic/.test(document.querySelector('#trouble').textContent),
  );
  ok(/62|61/.test(String((await page.$$('#lists li')).length)), 'of a damaged file the whole parts are taken in');
  await page.setInputFiles('#file', `${world}/roots.pem`);
  await page.waitForFunction(() => /не файл/.test(document.querySelector('#trouble').textContent));
  ok(true, 'another file is no file of lists');
  site.files['/v/roots.pem'] = `${world}/foreign-roots.pem`;
  const after = await open(context, tokens.valid);
  await after.waitForFunction(() => /другой корень/.test(document.querySelector('#trouble').textContent));
  same('Действует', await titleOf(after), 'the first root stays, and another one is told of');
  same('Нет списков', await titleFor(await visitor(), tokens.valid), 'under another root the lists count for nothing');
  site.files = files;
  await context.close();
}

// ---- camera, photo, keyboard

function bitmapOfFilm(film) {
  const WIDTH = 1280,
    HEIGHT = 720,
    frame = film.subarray(film.indexOf('FRAME\n') + 6),
    rows = Buffer.alloc(54 + WIDTH * HEIGHT * 3);
  rows.write('BM', 0);
  for (const [at, value] of [
    [2, rows.length],
    [10, 54],
    [14, 40],
    [18, WIDTH],
    [22, HEIGHT],
  ])
    rows.writeUInt32LE(value, at);
  rows.writeUInt16LE(1, 26);
  rows.writeUInt16LE(24, 28);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++)
      rows.fill(
        frame[y * WIDTH + x],
        54 + ((HEIGHT - 1 - y) * WIDTH + x) * 3,
        54 + ((HEIGHT - 1 - y) * WIDTH + x) * 3 + 3,
      );
  return rows;
}

{
  const context = await visitor(),
    page = await open(context);
  await page.click('button#scan');
  await settled(page, 'camera');
  const violations = await axeViolations(page);
  await picture(page, 'camera-phone-light');
  await settled(page, 'verdict');
  same('Действует', await titleOf(page), 'a code in front of the camera is read');
  same('', violations, 'axe finds nothing while the camera runs');
  ok(await page.evaluate(() => document.querySelector('video').srcObject === null), 'and the camera is let go');
  await page.setInputFiles('#photo', {
    name: 'photo.bmp',
    mimeType: 'image/bmp',
    buffer: bitmapOfFilm(readFileSync(`${world}/revoked.y4m`)),
  });
  await page.waitForFunction(() => document.querySelector('h1').textContent === 'Не действует');
  ok(true, 'a photo of a code is read');
  const blank = bitmapOfFilm(readFileSync(`${world}/valid.y4m`)).fill(200, 54);
  await page.setInputFiles('#photo', { name: 'blank.bmp', mimeType: 'image/bmp', buffer: blank });
  await settled(page, 'start');
  ok(/не видно кода/.test(await page.textContent('#trouble')), 'a photo without a code is said to have none');
  await page.setInputFiles('#photo', { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await page.waitForFunction(() => /не видно кода/.test(document.querySelector('#trouble').textContent));
  ok(true, 'and so is what is no photo');

  // No hand on the mouse from here on.
  const keys = await open(context);
  const reach = async wanted => {
    for (let i = 0; i < 20; i++) {
      await keys.keyboard.press('Tab');
      if (await keys.evaluate(id => document.activeElement.matches(id), wanted)) return true;
    }
    return false;
  };
  ok(await reach('#language'), 'the language is reached by Tab');
  await keys.keyboard.press('Enter');
  await keys.waitForFunction(() => document.querySelector('h1').textContent === 'Check a card');
  same('en', await keys.evaluate(() => document.documentElement.lang), 'Enter switches it');
  ok(await reach('button#scan'), 'the camera is reached by Tab');
  const outline = await keys.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  same('solid', outline, 'and the focus is seen');
  await keys.keyboard.press('Enter');
  await settled(keys, 'verdict');
  same('Valid', await titleOf(keys), 'Enter starts it, and the code is read');
  ok(await reach('summary'), 'more is reached by Tab');
  await keys.keyboard.press('Enter');
  same('', await axeViolations(keys), 'axe finds nothing in what it opens');
  await picture(keys, 'more-phone-light');
  ok(await reach('#typed'), 'the address is reached by Tab');
  await keys.keyboard.insertText(cards.expired);
  await keys.keyboard.press('Enter');
  await keys.waitForFunction(() => document.querySelector('h1').textContent === 'Expired');
  ok(true, 'a typed address is judged');
  await keys.fill('#typed', 'https://example.org/');
  await keys.press('#typed', 'Enter');
  await keys.waitForFunction(() => document.querySelector('h1').textContent === 'Not a card');
  ok(true, 'the code of something else is not a card');
  await context.close();
}

// ---- without a network

{
  const context = await visitor();
  const first = await open(context);
  await first.waitForFunction(() => document.querySelector('#offline').textContent !== '', null, { timeout: 15000 });
  await first.evaluate(async () => {
    // the scanner comes last
    while (!(await caches.match('/v/scanner/zxing_reader.wasm'))) await new Promise(resolve => setTimeout(resolve, 50));
  });
  await first.close();
  await site.stop();
  for (const [name, title] of [
    ['valid', 'Действует'],
    ['revoked', 'Не действует'],
    ['unknown', 'Неизвестно чья'],
  ])
    same(title, await titleFor(context, tokens[name]), `with the server gone: ${name}`);
  const page = await open(context);
  await page.click('button#scan');
  await settled(page, 'verdict');
  same('Действует', await titleOf(page), 'with the server gone the camera reads a code');
  await context.clock.setFixedTime((now + 40 * DAY) * 1000);
  same('Список устарел', await titleFor(context, tokens.valid), 'and after forty days it says how old its list is');
  await page.click('#typed >> xpath=ancestor::details/summary');
  await page.fill('#typed', cards.valid);
  await page.press('#typed', 'Enter');
  await page.waitForFunction(() => document.querySelector('h1').textContent === 'Список устарел');
  await page.click('#renew');
  await page.waitForFunction(() => /Нет связи/.test(document.querySelector('#trouble').textContent));
  await context.clock.setFixedTime(now * 1000);
  await page.setInputFiles('#file', `${world}/many.cbor`);
  await page.waitForFunction(() => document.querySelectorAll('#lists li').length === 63);
  ok(true, "a country's lists come by file");
  await context.close();
  const offline = faults.filter(fault => !/ERR_CONNECTION_REFUSED|Failed to load resource/.test(fault));
  same('', offline.join('\n'), 'no page has reported an error of its own');
  await site.start();
}

// ---- a browser without a camera

{
  await browser.close();
  browser = await launch();
  const context = await visitor(),
    page = await context.newPage();
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'));
  });
  await page.goto(`http://localhost:${site.port}/v`);
  await settled(page, 'start');
  await page.click('button#scan');
  await page.waitForFunction(() => /Камера не включилась/.test(document.querySelector('#trouble').textContent));
  ok(await page.isVisible('#photo-label'), 'without a camera a photo is asked for');
  await context.close();
}

// ---- a page that was built without a scanner

{
  site.missing = /^\/v\/scanner\/(reader|share|zxing)/;
  const context = await visitor(),
    page = await context.newPage();
  await page.goto(`http://localhost:${site.port}/v`);
  await settled(page, 'start');
  await page.click('button#scan');
  await page.waitForFunction(() =>
    /Сканер на этой странице не установлен/.test(document.querySelector('#trouble').textContent),
  );
  ok(await page.isHidden('button#scan'), 'without its scanner the page says so, and offers no camera');
  same('Действует', await titleFor(context, tokens.valid), 'and judges what the camera of the phone has read');
  site.missing = null;
  await context.close();
}

// ---- what the network has heard

{
  const all = [...site.asked, ...asked.flat()].join('\n').toUpperCase();
  const leaked = Object.values(tokens)
    .concat(flipped)
    .filter(token => all.includes(token.slice(20, 60).toUpperCase()));
  same(
    0,
    leaked.length,
    `${site.asked.length} requests reached the server and ${asked.flat().length} were made: none holds a piece of a card`,
  );
  const foreign = asked
    .flat()
    .map(text => text.split('\n')[1])
    .filter(url => !url.startsWith(`http://localhost:${site.port}/`) && !url.startsWith('blob:'));
  same(
    '',
    [...new Set(foreign)].filter(url => !/^http:\/\/localhost:\d+\/v/.test(url)).join('\n'),
    'nobody else was asked for anything',
  );
  const bodies = site.asked.filter(text => !text.startsWith('GET') || !text.endsWith('\n'));
  same(0, bodies.length, 'and nothing was sent but GET without a body');
}
await browser.close();
await site.stop();
end();
