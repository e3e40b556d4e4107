/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making a SoftHSM token for a test.
 */
#include "tests/lib/soft_token.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

/* SoftHSM 2.6.1 leaks some bytes with each Ed25519 key.  LeakSanitizer asks for these names; it finds SoftHSM
 * behind OpenSSL, which has no frame pointers, only when it unwinds slowly. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libsofthsm2";
}

const char *soft_token_module(void)
{
	static const char *const places[] = { "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
					      "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

static size_t read_to_end(int fd, char *ret_output, size_t cap)
{
	size_t n = 0;
	ssize_t got;

	while (n + 1 < cap && (got = read(fd, ret_output + n, cap - 1 - n)) > 0)
		n += (size_t)got;
	ret_output[n] = '\0';
	return n;
}

int soft_token_run(const char *const *argv, char *ret_output, size_t cap)
{
	posix_spawn_file_actions_t actions;
	int out[2], status;
	pid_t pid;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO), 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ) != 0)
		fail_msg("%s cannot be run", argv[0]);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(out[1]);
	(void)read_to_end(out[0], ret_output, cap);
	(void)close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum pb_status answer(void *ctx, const struct pb_token_facts *facts, struct pb_secret *ret_pin, struct pb_err *err)
{
	struct soft_token *token = ctx;

	(void)facts;
	(void)err;
	token->asked++;
	*ret_pin = token->pin;
	return PB_OK;
}

static void configure(const struct soft_token *token, const char *folder)
{
	char tokens[SOFT_TOKEN_PATH];
	FILE *conf = fopen(token->conf, "we");

	(void)snprintf(tokens, sizeof(tokens), "%s/tokens", folder);
	assert_int_equal(mkdir(tokens, 0700), 0);
	assert_non_null(conf);
	assert_true(fprintf(conf, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", tokens) > 0);
	assert_int_equal(fclose(conf), 0);
	assert_int_equal(setenv("SOFTHSM2_CONF", token->conf, 1), 0);
}

void soft_token_make(struct soft_token *ret_token, const char *folder)
{
	const char *argv[] = { "softhsm2-util", "--init-token", "--free", "--label", SOFT_TOKEN_LABEL,
			       "--pin", SOFT_TOKEN_PIN, "--so-pin", "security officer", NULL };
	char output[1024];

	*ret_token = (struct soft_token){ .options = { .module = soft_token_module(), .label = SOFT_TOKEN_LABEL,
						       .pin = answer, .pin_ctx = ret_token } };
	pb_secret_set(&ret_token->pin, SOFT_TOKEN_PIN, strlen(SOFT_TOKEN_PIN));
	if (ret_token->options.module == NULL)
		fail_msg("SoftHSM is not installed");
	/* Kept loaded, so that a sanitizer can name its functions at the end. */
	assert_non_null(dlopen(ret_token->options.module, RTLD_NOW | RTLD_LOCAL));
	(void)snprintf(ret_token->conf, sizeof(ret_token->conf), "%s/softhsm2.conf", folder);
	configure(ret_token, folder);
	if (soft_token_run(argv, output, sizeof(output)) != 0)
		fail_msg("softhsm2-util: %s", output);
}
