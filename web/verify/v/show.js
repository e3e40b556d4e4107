// SPDX-License-Identifier: GPL-3.0-or-later
//
// A report of verdict.js as the page shows it: a mood (colour), a picture, one sentence that says what is so and one
// that says what to do, and under them what was proven.  view() decides and touches nothing; draw() puts it on the
// page.
//
// Not for: the words themselves (words.js).

import { toHex } from './bytes.js';
import { DAY } from './verdict.js';

const AGED = 7 * DAY,
  OLD = 30 * DAY; // lists are signed daily; a week is said, a month is amber

const RENEWED = ['unchecked', 'old', 'unknown', 'noLists']; // where newer lists may change the verdict

function sentence(mood, picture, name, words, lead = words[`${name}Lead`]) {
  const advice = words[`${name}Advice`] ?? '';
  return { mood, picture, title: words[`${name}Title`], lead, advice, strip: '', renew: RENEWED.includes(name) };
}

// All is true that could be asked; what remains is whether it was asked of lists that are fit to answer.
function ofValid(report, say) {
  const { words } = say;
  if (!report.looked) return sentence('warn', 'hourglass', 'unchecked', words);
  if (report.looked.age > OLD)
    return sentence('warn', 'hourglass', 'old', words, words.oldStatusLead(say.age(report.looked.age)));
  if (report.trust.old)
    return sentence('warn', 'hourglass', 'old', words, words.oldTrustLead(say.age(report.trust.age)));
  const good = sentence('ok', 'circle', 'valid', words, words.validLead(say.lastDay(report.claims.expires)));
  if (report.looked.age > AGED) good.strip = words.agedStrip(say.age(report.looked.age));
  return good;
}

function ofMalformed(report, { words }) {
  const shown =
    report.fault === 'url_foreign'
      ? sentence('none', 'lens', 'foreign', words)
      : sentence('none', 'lens', 'unread', words);
  // A chip's record is none either, and no rule of reading is broken.
  return report.fault === 'none' ? sentence('none', 'lens', 'foreign', words) : shown;
}

const OF_VERDICT = {
  valid: ofValid,
  malformed: ofMalformed,
  expired: (report, say) =>
    sentence('bad', 'calendar', 'expired', say.words, say.words.expiredLead(say.lastDay(report.claims.expires))),
  not_yet_valid: (report, say) =>
    sentence('warn', 'waiting', 'early', say.words, say.words.earlyLead(say.day(report.claims.notBefore))),
  revoked: (report, { words }) => sentence('bad', 'octagon', 'revoked', words),
  refused_issuer: (report, { words }) => sentence('bad', 'octagon', 'refused', words),
  forged: (report, { words }) => sentence('bad', 'octagon', 'forged', words),
  unknown_issuer: (report, { words }) => sentence('warn', 'question', report.trust ? 'unknown' : 'noLists', words),
};

const BY_CLOCK = ['valid', 'expired', 'not_yet_valid', 'refused_issuer'];

function headline(report, say) {
  const { words } = say;
  if (report.test) return sentence('test', 'flask', 'test', words);
  if (report.clockBehind && BY_CLOCK.includes(report.verdict))
    return sentence('warn', 'clock', 'clock', words, words.clockLead(say.day(Date.now() / 1000)));
  return OF_VERDICT[report.verdict](report, say);
}

// ---- what was proven, a line each: [mood, picture, text]

function issuerLine(report, { words }) {
  if (report.verdict === 'unknown_issuer')
    return ['warn', 'question', words.unknownKey(toHex(report.kid).match(/..../g).join(' '))];
  if (report.verdict === 'forged') return ['bad', 'octagon', words.badSignature];
  return ['ok', 'check', report.test ? words.signedTest : words.signedBy(report.issuer.name)];
}

function dateLines(report, say) {
  const { words } = say;
  if (report.verdict === 'refused_issuer') return [['bad', 'octagon', words.refusedLine]];
  if (report.verdict === 'expired') return [['bad', 'calendar', words.expiredLine(say.lastDay(report.claims.expires))]];
  return report.verdict === 'not_yet_valid'
    ? [['warn', 'waiting', words.earlyLine(say.day(report.claims.notBefore))]]
    : [];
}

function statusLines(report, say) {
  const { words } = say;
  if (!['valid', 'revoked'].includes(report.verdict)) return [];
  if (!report.looked) return [['warn', 'question', words.notLooked]];
  const { signedAt, age } = report.looked,
    answer =
      report.verdict === 'revoked'
        ? ['bad', 'octagon', words.isRefused]
        : age > OLD
          ? ['warn', 'question', words.notRefusedThen]
          : ['ok', 'check', words.notRefused];
  return [answer, [age > AGED ? 'warn' : 'plain', 'clock', words.statusAge(say.moment(signedAt), say.age(age))]];
}

function trustLines(report, say) {
  if (!report.trust) return [];
  const { signedAt, age, old } = report.trust;
  return [[old ? 'warn' : 'plain', 'clock', say.words.trustAge(say.moment(signedAt), say.age(age))]];
}

function linesOf(report, say) {
  if (report.verdict === 'malformed') return [['plain', 'question', say.words.faultLine(report.fault)]];
  const copy = report.verdict === 'valid' ? [['plain', 'question', say.words.copyWarning]] : [];
  return [
    issuerLine(report, say),
    ...dateLines(report, say),
    ...statusLines(report, say),
    ...copy,
    ...trustLines(report, say),
  ];
}

// What stands on the plastic: only where the signature holds, else it proves nothing.
function matchOf(report, say) {
  const { claims, issuer } = report,
    { words } = say;
  if (!issuer || report.verdict === 'forged') return [];
  return [
    [words.matchName, claims.name, 'name'],
    [words.matchMember, grouped(claims.memberNumber), 'num'],
    [words.matchCard, String(claims.serial).padStart(10, '0'), 'num'],
    [words.matchDay, say.lastDay(claims.expires), ''],
    ...(claims.organisationName ? [[words.matchOrganisation, claims.organisationName, '']] : []),
  ];
}

function grouped(number) {
  return /^\d{16}$/.test(number) ? number.match(/..../g).join('\u00A0') : number;
}

export function view(report, say) {
  return { ...headline(report, say), lines: linesOf(report, say), match: matchOf(report, say) };
}

// ---- onto the page

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function picture(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'),
    use = document.createElementNS(svg.namespaceURI, 'use');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#p-${name}`);
  svg.append(use);
  return svg;
}

const $ = id => document.getElementById(id);

function fill(id, text) {
  $(id).textContent = text;
  $(id).hidden = text === '';
}

// The upper half alone: what is not a verdict.
export function drawHead({ mood, picture: name, title, lead, strip = '' }) {
  document.body.dataset.mood = mood;
  $('picture').firstElementChild.setAttribute('href', `#p-${name}`);
  $('title').textContent = title;
  fill('lead', lead);
  fill('strip', strip);
}

export function draw(shown) {
  drawHead(shown);
  $('advice').textContent = shown.advice;
  $('renew').hidden = !shown.renew;
  $('match').replaceChildren(
    ...shown.match.flatMap(([name, value, kind]) => [element('dt', '', name), element('dd', kind, value)]),
  );
  $('matching').hidden = shown.match.length === 0;
  $('proven').replaceChildren(
    ...shown.lines.map(([mood, name, text]) => {
      const line = element('li', mood, '');
      line.append(picture(name), element('span', '', text));
      return line;
    }),
  );
}
