/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the process that holds the office's keys what it has signed, for an audit: nobody else knows, and an audit of the
 * ledger alone needs no key.
 *
 * Not for: issuing, which has its key store open already.
 */
#ifndef PROFBILET_ISSUER_APP_SIGNER_H
#define PROFBILET_ISSUER_APP_SIGNER_H

#include "issuer/app/app.h"
#include "issuer/ledger/audit.h"

/* As pb_ledger_audit_signer.  *ret_counted false, with PB_OK: the keys would be in this process, and nobody counts. */
PB_MUST_USE enum pb_status pb_app_audit_signer(const struct pb_app *app, const struct pb_pin_prompt *prompt, pb_finding_fn *finding,
					       void *ctx, uint64_t *ret_findings, bool *ret_counted, struct pb_err *err);

#endif
