/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Policies, line by line, and the quorum.
 */
#include "issuer/ledger/witness_policy.h"

#include <string.h>

#include "issuer/ledger/line.h"

enum { WORDS_MAX = 4 + PB_POLICY_WITNESSES + PB_POLICY_GROUPS };

/* A policy while it is read. */
struct reading {
	struct pb_witness_policy *policy;
	uint64_t witnesses_taken; /* members of a group already: each counts in one way only */
	uint32_t groups_taken;
	bool has_quorum;
};

struct words {
	struct pb_view word[WORDS_MAX];
	size_t count;
};

/* Blanks and tabs part words; other control characters may not be there.  False for too many. */
static bool split(struct pb_view line, struct words *ret_words)
{
	size_t begin = 0;

	ret_words->count = 0;
	for (size_t i = 0; i <= line.n; i++) {
		if (i < line.n && line.p[i] != ' ' && line.p[i] != '\t') {
			if (line.p[i] < 0x20 || line.p[i] == 0x7F)
				return false;
			continue;
		}
		if (i > begin) {
			if (ret_words->count == WORDS_MAX)
				return false;
			ret_words->word[ret_words->count++] = pb_view(line.p + begin, i - begin);
		}
		begin = i + 1;
	}
	return true;
}

static bool is(struct pb_view word, const char *text)
{
	return pb_view_equal(word, pb_view_text(text));
}

/* A word as text; false when it is longer. */
static bool copy(struct pb_view word, char *ret_text, size_t cap)
{
	if (word.n >= cap)
		return false;
	memcpy(ret_text, word.p, word.n);
	ret_text[word.n] = '\0';
	return true;
}

static bool same_key(const struct pb_note_key *a, const struct pb_note_key *b)
{
	return pb_view_equal(PB_VIEW(a->public_key), PB_VIEW(b->public_key));
}

/* ---- names, which witnesses and groups share */

static bool find_witness(const struct pb_witness_policy *policy, struct pb_view name, size_t *ret_index)
{
	for (size_t i = 0; i < policy->witness_count; i++)
		if (is(name, policy->witnesses[i].name)) {
			*ret_index = i;
			return true;
		}
	return false;
}

static bool find_group(const struct pb_witness_policy *policy, struct pb_view name, size_t *ret_index)
{
	for (size_t i = 0; i < policy->group_count; i++)
		if (is(name, policy->groups[i].name)) {
			*ret_index = i;
			return true;
		}
	return false;
}

static bool is_new(const struct pb_witness_policy *policy, struct pb_view name)
{
	size_t ignored;

	return !is(name, "none") && !find_witness(policy, name, &ignored) && !find_group(policy, name, &ignored);
}

/* ---- lines */

static bool read_log(struct reading *reading, const struct words *words)
{
	struct pb_witness_policy *policy = reading->policy;
	struct pb_note_key key;
	char vkey[PB_VKEY_MAX + 1];

	if (words->count < 2 || words->count > 3 || policy->log_count == PB_POLICY_LOGS ||
	    !copy(words->word[1], vkey, sizeof(vkey)) || !pb_note_key_parse(vkey, &key))
		return false;
	for (size_t i = 0; i < policy->log_count; i++)
		if (same_key(&policy->logs[i], &key))
			return false;
	policy->logs[policy->log_count++] = key;
	return true;
}

static bool read_witness(struct reading *reading, const struct words *words)
{
	struct pb_witness_policy *policy = reading->policy;
	struct pb_policy_witness made;
	char vkey[PB_VKEY_MAX + 1];

	if (words->count < 3 || words->count > 4 || policy->witness_count == PB_POLICY_WITNESSES ||
	    !is_new(policy, words->word[1]) || !copy(words->word[1], made.name, sizeof(made.name)) ||
	    !copy(words->word[2], vkey, sizeof(vkey)) || !pb_cosigner_parse(vkey, &made.key))
		return false;
	for (size_t i = 0; i < policy->witness_count; i++)
		if (same_key(&policy->witnesses[i].key, &made.key))
			return false;
	policy->witnesses[policy->witness_count++] = made;
	return true;
}

static bool add_member(struct reading *reading, struct pb_view name, struct pb_policy_group *group)
{
	size_t index;

	if (find_witness(reading->policy, name, &index)) {
		uint64_t bit = (uint64_t)1 << index;
		bool fresh = (reading->witnesses_taken & bit) == 0;

		group->witnesses |= bit;
		reading->witnesses_taken |= bit;
		return fresh;
	}
	if (find_group(reading->policy, name, &index)) {
		uint32_t bit = (uint32_t)1 << index;
		bool fresh = (reading->groups_taken & bit) == 0;

		group->groups |= bit;
		reading->groups_taken |= bit;
		return fresh;
	}
	return false;
}

static bool read_needed(struct pb_view word, size_t members, size_t *ret_needed)
{
	uint64_t number;

	if (is(word, "any"))
		number = 1;
	else if (is(word, "all"))
		number = members;
	else if (!pb_line_decimal(word, &number))
		return false;
	*ret_needed = (size_t)number;
	return number >= 1 && number <= members;
}

static bool read_group(struct reading *reading, const struct words *words)
{
	struct pb_witness_policy *policy = reading->policy;
	struct pb_policy_group made = { 0 };

	if (words->count < 4 || policy->group_count == PB_POLICY_GROUPS || !is_new(policy, words->word[1]) ||
	    !copy(words->word[1], made.name, sizeof(made.name)) || !read_needed(words->word[2], words->count - 3, &made.needed))
		return false;
	for (size_t i = 3; i < words->count; i++)
		if (!add_member(reading, words->word[i], &made))
			return false;
	policy->groups[policy->group_count++] = made;
	return true;
}

static bool read_quorum(struct reading *reading, const struct words *words)
{
	struct pb_policy_group *quorum = &reading->policy->quorum;
	struct reading anew = { .policy = reading->policy }; /* a member of a group may be the quorum */

	if (reading->has_quorum || words->count != 2)
		return false;
	reading->has_quorum = true;
	if (is(words->word[1], "none"))
		return true;
	quorum->needed = 1;
	return add_member(&anew, words->word[1], quorum);
}

static bool read_line(struct reading *reading, struct pb_view line)
{
	static const struct {
		const char *word;
		bool (*read)(struct reading *reading, const struct words *words);
	} kinds[] = { { "log", read_log }, { "witness", read_witness }, { "group", read_group }, { "quorum", read_quorum } };
	struct words words;

	if (!split(line, &words))
		return false;
	if (words.count == 0 || words.word[0].p[0] == '#')
		return true;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is(words.word[0], kinds[i].word))
			return kinds[i].read(reading, &words);
	return false;
}

/* A comment may have more words than any line of ours. */
static bool is_comment(struct pb_view line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (i == line.n || line.p[i] != '#')
		return false;
	for (; i < line.n; i++)
		if ((line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7F)
			return false;
	return true;
}

bool pb_witness_policy_parse(struct pb_view text, struct pb_witness_policy *ret_policy, unsigned *ret_line)
{
	struct reading reading = { .policy = ret_policy };
	struct pb_cursor in = pb_cursor(text);
	struct pb_view line;

	*ret_policy = (struct pb_witness_policy){ 0 };
	*ret_line = 0;
	if (text.n > PB_POLICY_FILE_MAX)
		return false;
	while (in.left > 0) {
		++*ret_line;
		if (!pb_line_take(&in, &line) || (!is_comment(line) && !read_line(&reading, line)))
			return false;
	}
	*ret_line = 0;
	return reading.has_quorum;
}

const struct pb_policy_witness *pb_witness_policy_find(const struct pb_witness_policy *policy, const char *name)
{
	size_t index;

	return find_witness(policy, pb_view_text(name), &index) ? &policy->witnesses[index] : NULL;
}

/* ---- judging */

static bool is_group_met(const struct pb_policy_group *group, uint64_t witnesses, uint32_t met)
{
	size_t have = (size_t)__builtin_popcountll(group->witnesses & witnesses) +
		      (size_t)__builtin_popcount(group->groups & met);

	return have >= group->needed;
}

/* A group names only those before it, so one pass in their order is enough. */
bool pb_witness_policy_is_met(const struct pb_witness_policy *policy, uint64_t witnesses)
{
	uint32_t met = 0;

	for (size_t i = 0; i < policy->group_count; i++)
		if (is_group_met(&policy->groups[i], witnesses, met))
			met |= (uint32_t)1 << i;
	return is_group_met(&policy->quorum, witnesses, met);
}

const char *pb_policy_verdict_name(enum pb_policy_verdict verdict)
{
	static const char *const names[] = {
		[PB_POLICY_WITNESSED] = "witnessed", [PB_POLICY_NOT_ENOUGH] = "not_enough", [PB_POLICY_UNKNOWN_LOG] = "unknown_log",
		[PB_POLICY_FORGED] = "forged",	     [PB_POLICY_MALFORMED] = "malformed",
	};

	return names[verdict];
}

/* The note as one of this ledger: all its witnesses are asked in one go, bit 0 is the ledger. */
static enum pb_policy_verdict judge_as(const struct pb_witness_policy *policy, const struct pb_note_key *log, struct pb_view note,
				       struct pb_checkpoint *ret_checkpoint, uint64_t *ret_witnesses)
{
	struct pb_note_key keys[1 + PB_POLICY_WITNESSES] = { *log };
	struct pb_checkpoint checkpoint;
	struct pb_view text;
	uint64_t signers;

	for (size_t i = 0; i < policy->witness_count; i++)
		keys[1 + i] = policy->witnesses[i].key;
	switch (pb_note_open(note, keys, 1 + policy->witness_count, &text, &signers)) {
	case PB_NOTE_MALFORMED:
		return PB_POLICY_MALFORMED;
	case PB_NOTE_FORGED:
		return PB_POLICY_FORGED;
	case PB_NOTE_UNKNOWN:
		return PB_POLICY_UNKNOWN_LOG;
	case PB_NOTE_GOOD:
		break;
	}
	if (!pb_checkpoint_parse(text, &checkpoint))
		return PB_POLICY_MALFORMED;
	if ((signers & 1) == 0 || strcmp(checkpoint.origin, log->name) != 0)
		return PB_POLICY_UNKNOWN_LOG;
	*ret_checkpoint = checkpoint;
	*ret_witnesses = signers >> 1;
	return pb_witness_policy_is_met(policy, signers >> 1) ? PB_POLICY_WITNESSED : PB_POLICY_NOT_ENOUGH;
}

enum pb_policy_verdict pb_witness_policy_judge(const struct pb_witness_policy *policy, struct pb_view note,
					       struct pb_checkpoint *ret_checkpoint, uint64_t *ret_witnesses)
{
	enum pb_policy_verdict verdict = PB_POLICY_UNKNOWN_LOG;
	uint64_t witnesses;

	for (size_t i = 0; i < policy->log_count && verdict == PB_POLICY_UNKNOWN_LOG; i++)
		if (pb_note_is_headed(note, policy->logs[i].name))
			verdict = judge_as(policy, &policy->logs[i], note, ret_checkpoint, &witnesses);
	if (ret_witnesses != NULL && (verdict == PB_POLICY_WITNESSED || verdict == PB_POLICY_NOT_ENOUGH))
		*ret_witnesses = witnesses;
	return verdict;
}
