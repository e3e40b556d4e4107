// SPDX-License-Identifier: GPL-3.0-or-later
//
// The page itself: what it shows when, and what its buttons do.  A card comes as the fragment of the address, from the
// camera, from a photo or from the keyboard; it is judged here and goes nowhere.  The fragment is taken out of the
// address at once, so that it is neither passed on with a link nor found by whoever has the device next.

import { openKept } from './kept.js';
import { Lists } from './lists.js';
import { Camera, hasCamera, readPhoto } from './scan.js';
import { draw, drawHead, view } from './show.js';
import { DAY, judge } from './verdict.js';
import { Words, preferredLanguage } from './words.js';

const NETWORK_WAITS = 1500; // ms that a verdict waits for newer lists when those here are of yesterday
const CODE = 'https://profbilet.invalid/v#'; // for a bare fragment: any host will do

const $ = id => document.getElementById(id);
const now = () => Math.floor(Date.now() / 1000);

let say = new Words(localStorageGet('language') ?? preferredLanguage());
let lists,
  camera,
  text = null; // text of the card that is shown
let scanner = true;

function localStorageGet(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function localStorageSet(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* then it is asked again */
  }
}

// ---- what is shown

function show(name) {
  document.body.dataset.view = name;
  $('report').hidden = name !== 'verdict';
  $('video').hidden = $('stop').hidden = name !== 'camera';
  $('scan').hidden = name === 'camera' || name === 'checking' || !scanner || !hasCamera();
  $('photo-label').hidden = name === 'camera' || name === 'checking' || !scanner;
  $('scan').querySelector('[data-word]').textContent = say.words[name === 'verdict' ? 'againButton' : 'scanButton'];
}

function trouble(sentence) {
  $('trouble').textContent = sentence;
  $('trouble').hidden = sentence === '';
}

function announce(title, lead) {
  document.title = `${title} · ${say.words.brand}`;
  $('heard').textContent = `${title}. ${lead}`;
}

function showStart() {
  text = null;
  const { startTitle: title, startLead: lead } = say.words;
  drawHead({ mood: 'go', picture: 'scan', title, lead });
  show('start');
  document.title = say.words.pageTitle;
}

function showChecking() {
  drawHead({ mood: 'none', picture: 'spinner', title: say.words.checkingTitle, lead: '' });
  show('checking');
}

async function showVerdict(report = undefined) {
  const shown = view(report ?? (await judge(text, lists, now())), say);
  draw(shown);
  show('verdict');
  performance.mark('verdict');
  announce(shown.title, [shown.lead, shown.strip].filter(Boolean).join('. '));
}

async function showLists() {
  const { words } = say,
    rows = [];
  const age = signedAt => [say.moment(signedAt), say.age(Math.max(0, now() - signedAt))];
  if (lists.trust) rows.push(words.listTrust(lists.trust.sequence, ...age(lists.trust.issuedAt)));
  for (const { name, order } of await lists.statuses()) rows.push(words.listStatus(...name, ...age(order)));
  $('lists').replaceChildren(
    ...(rows.length ? rows : [words.listNone]).map(row => {
      const line = document.createElement('li');
      line.textContent = row;
      return line;
    }),
  );
  $('root').textContent = (await lists.fingerprints()).join('\n') || words.rootNone;
  if (lists.rootsChanged) trouble(words.rootsChanged);
}

// ---- a card

// Whether newer lists may change a verdict, and those here are older than the day for which an office signs them.
function mayChange(report) {
  return report.verdict === 'unknown_issuer' || (report.verdict === 'valid' && !(report.looked?.age < DAY));
}

// Lists of today answer at once, and newer ones are looked for after.  Older lists wait a moment for the network: else
// a card that was blocked yesterday would be green first.
async function check(found) {
  text = found;
  trouble('');
  const report = await judge(text, lists, now()),
    waits = mayChange(report);
  if (!waits) await showVerdict(report);
  const looking = lookForLists();
  let inTime = false;
  if (waits) {
    showChecking();
    inTime = await inTimeFor(looking);
    await showVerdict();
  }
  $('title').focus();
  looking.then(news => news && !inTime && text === found && showVerdict());
}

// Whether it came before the patience was over, which has no end where no list is at all.
function inTimeFor(looking) {
  const patience = lists.trust ? [new Promise(resolve => setTimeout(() => resolve(false), NETWORK_WAITS))] : [];
  return Promise.race([looking.then(() => true), ...patience]);
}

// True when there are newer ones; without a network there are not.
async function lookForLists() {
  try {
    const news = await lists.fetch();
    if (lists.rootsChanged) trouble(say.words.rootsChanged);
    return news;
  } catch {
    return false;
  }
}

// ---- the camera, and photos

async function startCamera() {
  trouble('');
  camera = new Camera($('video'));
  drawHead({ mood: 'none', picture: 'scan', title: say.words.cameraTitle, lead: '' });
  show('camera');
  $('stop').focus();
  try {
    await camera.start(found => {
      stopCamera();
      return found === null ? noScanner() : check(found);
    });
  } catch {
    stopCamera();
    showStart();
    trouble(say.words.noCamera);
  }
}

function stopCamera() {
  camera?.stop();
  camera = null;
}

function noScanner() {
  scanner = false;
  showStart();
  trouble(say.words.noScanner);
}

async function readChosenPhoto() {
  const [file] = $('photo').files;
  $('photo').value = '';
  if (!file) return;
  trouble('');
  showChecking();
  const found = await readPhoto(file);
  if (found) return check(found);
  showStart();
  trouble(found === '' ? say.words.nothingFound : say.words.noScanner);
}

// ---- lists by hand

async function tellAndShow(sentence) {
  $('heard').textContent = sentence;
  await showLists();
  if (text !== null) await showVerdict();
  trouble(sentence);
}

async function fetchByHand() {
  try {
    await tellAndShow((await lists.fetch()) ? say.words.listsTaken : say.words.listsSame);
  } catch {
    await tellAndShow(say.words.noNetwork);
  }
}

async function readChosenFile() {
  const [file] = $('file').files;
  $('file').value = '';
  if (!file) return;
  const told = await lists.take(new Uint8Array(await file.arrayBuffer()));
  const refused = told?.map(([, fault]) => fault).find(fault => fault !== 'none' && fault !== 'ignored');
  const { fileWrong, listsRefused, listsTaken } = say.words;
  await tellAndShow(!told ? fileWrong : refused ? listsRefused(refused) : listsTaken);
}

// ---- language

function applyWords() {
  document.documentElement.lang = say.language;
  for (const place of document.querySelectorAll('[data-word]')) place.textContent = say.words[place.dataset.word];
  const [code, name] = say.words.otherLanguage;
  $('language').textContent = name;
  $('language').lang = code;
}

async function switchLanguage() {
  say = new Words(say.words.otherLanguage[0]);
  localStorageSet('language', say.language);
  stopCamera();
  applyWords();
  trouble('');
  if (text === null) showStart();
  else await showVerdict();
  await tellOffline();
  await showLists();
}

// ---- without a network

async function tellOffline() {
  const ready = await caches?.match('/v/').catch(() => null);
  $('offline').textContent = ready ? say.words.offlineReady : '';
}

async function stayOffline() {
  try {
    await navigator.serviceWorker.register('/v-offline.js', { scope: '/v', updateViaCache: 'none' });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage('renew');
  } catch {
    /* a browser that keeps nothing: the page works with a network */
  }
  await tellOffline();
}

// ---- the beginning

// What the address brought, and never again.
function takeFragment() {
  const fragment = location.hash.slice(1);
  if (fragment !== '') history.replaceState(null, '', '/v/');
  return fragment;
}

async function open() {
  const fragment = takeFragment();
  if (fragment !== '') await check(CODE + fragment);
  else if (text === null) showStart();
}

function listen() {
  $('language').onclick = switchLanguage;
  $('scan').onclick = startCamera;
  $('stop').onclick = () => {
    stopCamera();
    showStart();
    $('scan').focus();
  };
  $('photo').onchange = readChosenPhoto;
  $('file').onchange = readChosenFile;
  $('fetch').onclick = $('renew').onclick = fetchByHand;
  $('more').ontoggle = showLists;
  $('typing').onsubmit = event => {
    event.preventDefault();
    check($('typed').value.trim()).then(() => {
      $('typed').value = '';
    });
  };
  addEventListener('hashchange', open);
}

applyWords();
listen();
lists = new Lists(await openKept());
await lists.load();
await open();
stayOffline();
if (text === null) await lookForLists();
