/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See signer.h.
 */
#include "issuer/app/signer.h"

#include "issuer/app/open_keys.h"
#include "keys/keystore.h"

enum pb_status pb_app_audit_signer(const struct pb_app *app, const struct pb_pin_prompt *prompt, pb_finding_fn *finding,
				   void *ctx, uint64_t *ret_findings, bool *ret_counted, struct pb_err *err)
{
	struct pb_keystore *store = NULL;
	struct pb_key_way way;
	enum pb_status s;

	pb_key_way_init(&way, &app->config, prompt);
	s = pb_key_way_open(&way, &store, err);
	if (s != PB_OK)
		return s;
	*ret_findings = 0;
	*ret_counted = pb_keystore_keeps_accounts(store);
	if (*ret_counted)
		s = pb_ledger_audit_signer(app->office.ledger, store, finding, ctx, ret_findings, err);
	pb_keystore_close(store);
	return s;
}
