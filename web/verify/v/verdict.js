// SPDX-License-Identifier: GPL-3.0-or-later
//
// From the text of a QR code to a verdict, in the order of what must be true first: form, the issuer's key, the
// signature, dates, revocation.  The first thing that is not true is the verdict.  Order, leeways and names are those of
// issuer/core/judge.c.
//
// Not for: words and colours (show.js).

import { readAddress } from './address.js';
import { importPoint, isSignedBy } from './cose.js';
import { readCredential } from './credential.js';
import { isRefused } from './status.js';
import { issuersOf } from './trust.js';

export const DAY = 86400;
const LEEWAY = DAY; // clocks of shops are wrong, and Russia has eleven time zones

// A kid is a short hash: every issuer that shares it is tried.
async function findIssuer(credential, trust) {
  const candidates = issuersOf(trust, credential.kid);
  for (const issuer of candidates)
    if (await isSignedBy(credential.envelope, await importPoint(issuer.point))) return { issuer };
  return { verdict: candidates.length > 0 ? 'forged' : 'unknown_issuer' };
}

function issuerVerdict(claims, issuer, now) {
  if (issuer.state === 'compromised') return 'refused_issuer';
  if (claims.issuer !== issuer.code) return 'forged';
  // Signed by the key before it was made, or after it should have signed no more.
  if (claims.notBefore > issuer.lastSigning || claims.notBefore < issuer.validFrom - LEEWAY) return 'refused_issuer';
  return now < issuer.validFrom - LEEWAY || now > issuer.validUntil + LEEWAY ? 'refused_issuer' : 'valid';
}

function dateVerdict(claims, now) {
  if (now >= claims.expires + LEEWAY) return 'expired';
  return now < claims.notBefore - LEEWAY ? 'not_yet_valid' : 'valid';
}

async function statusVerdict(report, lists, now) {
  const { list: number, index } = report.claims.status;
  const list = await lists.status(report.issuer.code, report.issuer.test, number),
    refused = list && isRefused(list, index);
  if (refused === null) return 'valid';
  report.looked = { signedAt: list.issuedAt, age: Math.max(0, now - list.issuedAt) };
  return refused ? 'revoked' : 'valid';
}

// Every verdict hangs on the trust list, so its age is told with every verdict.
function reportTrust(report, trust, now) {
  if (!trust) return;
  report.trust = { signedAt: trust.issuedAt, age: Math.max(0, now - trust.issuedAt), old: now > trust.expires };
  // A clock that stands before the list was signed says nothing of dates.
  report.clockBehind = now < trust.issuedAt - LEEWAY;
}

// `lists` is { trust: a trust list or null, status(code, test, number): a status list or null }; `now` is UTC seconds.
// The report: verdict, fault (of malformed), and as far as it came: claims, issuer, trust, looked, clockBehind.
export async function judge(text, lists, now) {
  const { fault: addressFault, token } = readAddress(text),
    credential = token ? readCredential(token) : { fault: addressFault };
  const report = { verdict: 'malformed', fault: credential.fault, test: false };
  // A chip's record in a QR code proves nothing: it is bound to a chip that is not there.
  if (credential.fault !== 'none' || credential.claims.kind === 'chip') return report;
  report.claims = credential.claims;
  report.kid = credential.kid;
  reportTrust(report, lists.trust, now);
  const { verdict, issuer } = await findIssuer(credential, lists.trust);
  if (!issuer) return Object.assign(report, { verdict });
  Object.assign(report, { issuer, test: issuer.test, verdict: issuerVerdict(report.claims, issuer, now) });
  if (report.verdict === 'valid') report.verdict = dateVerdict(report.claims, now);
  if (report.verdict === 'valid') report.verdict = await statusVerdict(report, lists, now);
  return report;
}
