#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows each check a small tree with one fault and expects it to be found, and the same tree without the
fault and expects silence: a check that cannot fail is worse than none."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = 'SPDX-License-Identifier: GPL-3.0-or-later'
OPENING = f'/* {SPDX}\n *\n * What it is for,\n * and what it is not.\n */\n'
C = f'/* {SPDX}\n *\n * What it is for.\n */\n'
PO = f'# {SPDX}\nmsgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n"Language: ru\\n"\n\n'
GUARD = '#ifndef A_H\n#define A_H\n%s#endif\n'

# A tree that every check is content with.
GOOD = {
    'tests/repo/layers.txt': '0 base\n1 keys/crypto\n2 keys\n2 issuer/store\n3 softcard\n',
    'tests/repo/banned-allowed.txt': 'base/b.c gets to show that an exception works\n',
    'base/a.h': OPENING + GUARD % '#include <stddef.h>\nsize_t pb_a(void);\n',
    'base/b.c': C + '#include "base/a.h"\n/* sprintf(x) in a comment */\nsize_t pb_a(void) { return gets("sprintf(x)"); }\n',
    'keys/crypto/c.c': C + '#include <openssl/evp.h>\n#include "base/a.h"\n',
    'softcard/s.c': C + '#include "base/a.h"\n',
    'po/POTFILES': 'base/a.def\n',
    'po/LINGUAS': 'ru\n',
    'po/ru.po': PO + 'msgid "Yes."\nmsgstr "Да."\n',
    'base/a.def': C + 'N_("Yes.")\n',
    'web/verify/v/a.js': f'// {SPDX}\n',
    'web/verify/v/index.html': f'<!-- {SPDX} -->\n<link rel="modulepreload" href="/v/a.js">\n',
    'web/verify/v-offline.js': f"// {SPDX}\n['/v/', '/v/a.js']\n",
    'web/verify/meson.build': f"# {SPDX}\nfiles('v/a.js', 'v/index.html')\n",
    'tests/tool.sh': f'#!/bin/bash\n# {SPDX}\necho "$1"\n',
}

# (check, file, its content, words of the finding)
FAULTS = [
    ('layers', 'base/b.c', C + '#include "keys/crypto/c.h"\n', 'not a path from the top'),
    ('layers', 'base/up.c', C + '#include "softcard/s.c"\n', 'not below floor 0 of base/'),
    ('layers', 'keys/x.c', C + '#include "softcard/s.c"\n', 'not below floor 2 of keys/'),
    ('layers', 'keys/x.c', C + '#include <openssl/evp.h>\n', 'has its home in keys/crypto'),
    ('layers', 'issuer/store/x.c', C + '#include <leveldb.h>\n', 'has no home in'),
    ('layers', 'issuer/new/x.c', C, 'its folder is not in layers.txt'),
    ('layers', 'softcard/x.c', C + '#include "keys/y.h"\n', 'softcard/ must not include "keys/y.h"'),
    ('layers', 'softcard/x.c', C + '#include "issuer/store/y.h"\n', 'softcard/ must not include "issuer/store/y.h"'),
    ('headers', 'base/a.h', OPENING + GUARD % 'size_t pb_a(void);\n', 'does not compile alone'),
    ('headers', 'base/a.h', OPENING + 'struct twice { int x; };\n', 'does not compile alone'),
    ('banned', 'keys/x.c', C + 'int f(char *a) { return memcmp(a, a, 8); }\n', 'memcmp is banned'),
    ('banned', 'base/y.c', C + 'void f(char *a) { strcpy (a, a); }\n', 'strcpy is banned'),
    ('banned', 'base/x.c', C + 'int f(char *a) { return atoi(a); }\n', 'atoi is banned'),
    ('banned', 'base/b.c', C, 'base/b.c does not use gets'),
    ('lengths', 'base/b.c', C + 'int f(void)\n{\n' + '\tg();\n' * 78 + '}\n', 'f has 81 lines'),
    ('lengths', 'base/b.c', C + 'int f(void)\n{\n}\n' + '\n' * 600, 'more than 600'),
    ('openings', 'base/a.h', f'/* {SPDX}\n *\n * One line only.\n */\n', 'opens with 1 lines'),
    ('openings', 'base/b.c', f'/* {SPDX} */\nint x;\n', 'opens with 0 lines'),
    ('po', 'base/b.c', C + 'const char *s = N_("No.");\n', 'not in po/POTFILES'),
    ('po', 'base/a.def', C + 'N_("Yes.") N_("No.")\n', 'not defined in po'),
    ('po', 'base/a.def', C + 'N_("No.")\n', 'msgcmp says'),
    ('po', 'po/ru.po', PO + 'msgid "Yes."\nmsgstr ""\n', 'msgcmp says'),
    ('po', 'po/ru.po', PO + '#, fuzzy\nmsgid "Yes."\nmsgstr "Да."\n', 'msgcmp says'),
    ('po', 'po/ru.po', PO + 'msgid "Yes."\nmsgstr "Да."\n\n#~ msgid "Old."\n#~ msgstr "Был."\n', 'nothing says any more'),
    ('po', 'po/ru.po', PO + '#, c-format\nmsgid "%d"\nmsgstr "%s"\n', 'msgfmt says'),
    ('shell', 'tests/tool.sh', f'#!/bin/bash\n# {SPDX}\necho $1\n', 'SC2086'),
    ('sql', 'base/x.c', C + 'f("SELECT 1");\n', 'SQL outside of'),
    ('sql', 'issuer/store/x.c', C + 'g("DELETE FROM a WHERE b = %d", 1);\n', 'bind the value'),
    ('sql', 'issuer/store/x.c', C + 'g("SELECT a "\n\t"FROM %s", t);\n', 'bind the value'),
    ('sql', 'issuer/store/x.c', C + 'void f(void)\n{\n\tchar sql[200];\n}\n', 'SQL in a buffer'),
    ('page', 'web/verify/v/b.js', f'// {SPDX}\n', 'b.js:1: is not in v-offline.js'),
    ('page', 'web/verify/v/b.js', f'// {SPDX}\n', 'b.js:1: is not in meson.build'),
    ('page', 'web/verify/v/index.html', f'<!-- {SPDX} -->\n', 'a.js:1: has no modulepreload'),
    ('page', 'web/verify/v-offline.js', f"// {SPDX}\n['/v/', '/v/a.js', '/v/gone.js']\n", 'keeps /v/gone.js'),
    ('threats', 'docs/threat-model.md', '| attack | shown by |\n|---|---|\n| a | nothing |\n', 'no test shows this'),
    ('threats', 'docs/threat-model.md', '`tests/gone.c#a`\n', 'there is no tests/gone.c'),
    ('threats', 'docs/threat-model.md', '`tests/tool.sh#nothing of this`\n', 'has nothing of'),
    ('spdx', 'base/b.c', 'int x;\n', 'base/b.c:1: no line'),
    ('spdx', 'tests/tool', '#!/bin/sh\necho\n', 'tests/tool:1: no line'),
    ('spdx', '.ci/run', 'exec ./check\n', '.ci/run:1: no line'),
    ('host-paths', 'README.md', 'run it in /' + 'work/x\n', 'README.md:1: names'),
    ('host-paths', '.ci/run', 'wget deb.' + 'debian.org\n', '.ci/run:1: names'),
]


def write(top, tree):
    for path, content in tree.items():
        path = os.path.join(top, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(content)


def run(check, tree):
    with tempfile.TemporaryDirectory() as top:
        write(top, tree)
        return subprocess.run([sys.executable, os.path.join(HERE, f'check-{check}.py'), top],
                              capture_output=True, text=True, check=False)


def man_says(check, page, help_text, tables=()):
    """What a check of man pages says of a page, for a program that prints the text whatever it is asked; tables:
    (name, content) of further files that the check is given."""
    with tempfile.TemporaryDirectory() as top:
        write(top, {'prog.1.scd': page, 'prog': f"#!/bin/sh\ncat <<'X'\n{help_text}X\n"} | dict(tables))
        os.chmod(os.path.join(top, 'prog'), 0o755)
        result = subprocess.run([sys.executable, os.path.join(HERE, f'check-{check}.py'), os.path.join(top, 'prog.1.scd'),
                                 os.path.join(top, 'prog'), *(os.path.join(top, name) for name, content in tables)], capture_output=True, text=True, check=False)
        return result.stdout + result.stderr


MAN = [
    ('man', '*prog ledger audit* [*--json*]\n', 'prog ledger audit [--json]\n', ''),
    ('man', '*prog ledger audit* [*--json*]\n', 'prog ledger audit [--json] [--from N]\n', 'says nothing of --from'),
    ('man', '*prog ledger audit* [*--json*]\n', 'prog ledger audit [--json]\nprog issue\n', 'says nothing of "prog issue"'),
    ('man', '*prog issue* [*--json*] [*--old*]\n', 'prog issue [--json]\n', '--old is not in the help'),
    ('man-conf', '# [a]\n\n*key* = 5\n', '[a]\n# what it is\nkey = 5\n', ''),
    ('man-conf', '# [a]\n\n*key* = 5\n', '[a]\nkey = 6\n', 'says nothing of [a] key = 6'),
    ('man-conf', '# [a]\n\n*key* = 5\n*old* = 1\n', '[a]\nkey = 5\n', 'there is no [a] old = 1'),
]


LEDGER_NAMES = {
    'issuer/ledger/entry.c': '[PB_ENTRY_INTENT] = { "intent", 0 },\n[PB_REASON_NONE] = "none",\n[PB_REASON_LOST] = "lost",\n',
    'issuer/ledger/lifecycle.c': '[PB_CARD_IS_VOIDED] = { "voided", false },\n',
    'issuer/ledger/audit.c': '[PB_FINDING_NODE] = "node",\n',
    'issuer/cli/names.c': '[PB_FINDING_NODE] = N_("A hash is wrong."),\n',
}
LEDGER_PAGE = '*intent*\n\tBegun.\n\n*lost*, *voided*\n\n*node*\n\tA hash is wrong.\n'
LEDGER = [
    (LEDGER_PAGE, ''),
    (LEDGER_PAGE.replace('*lost*, ', ''), 'says nothing of lost'),
    (LEDGER_PAGE.replace('*voided*', ''), 'says nothing of voided'),
    (LEDGER_PAGE.replace('is wrong', 'was wrong'), 'says nothing of the finding node'),
]


def ledger_page_says(page):
    with tempfile.TemporaryDirectory() as top:
        write(top, LEDGER_NAMES | {'page.scd': page})
        result = subprocess.run([sys.executable, os.path.join(HERE, 'check-man-ledger.py'), os.path.join(top, 'page.scd'), top],
                                capture_output=True, text=True, check=False)
        return result.stdout + result.stderr


STATUS = ('status.def', 'PB_STATUS(CARD_ABSENT, 30, 404, true, N_("No card."), N_("Put one."))\n')
RUSSIAN = ('ru.po', 'msgid "No card."\nmsgstr "Карты нет."\n')
CODES = [
    ('*30*\n\tNo card.\n', [STATUS], ''),
    ('*31*\n\tNo card.\n', [STATUS], 'exit code 30 is not there as "No card."'),
    ('*30*\n\tКарты нет.\n', [STATUS, RUSSIAN], ''),
    ('*30*\n\tNo card.\n', [STATUS, RUSSIAN], 'exit code 30 is not there as "Карты нет."'),
]


def main():
    failures = 0
    checks = sorted({fault[0] for fault in FAULTS})
    helpers = {'keys/y.h': OPENING + GUARD % '', 'issuer/store/y.h': OPENING + GUARD % ''}
    for check in checks:
        result = run(check, GOOD | helpers)
        if result.returncode != 0:
            failures += 1
            print(f'not ok - {check} finds fault with the good tree\n{result.stdout}{result.stderr}')
    for check, path, content, words in FAULTS:
        result = run(check, GOOD | helpers | {path: content})
        good = result.returncode == 1 and words in result.stdout and not result.stderr
        failures += not good
        print(f'{"ok" if good else "not ok"} - {check}: {words}')
        if not good:
            print(result.stdout, result.stderr)
    for check, page, help_text, words in MAN:
        found = man_says(check, page, help_text)
        good = words in found if words else not found
        failures += not good
        print(f'{"ok" if good else "not ok"} - {check}: {words or "a whole page is left in peace"}{"" if good else found}')
    for codes, tables, words in CODES:
        found = man_says('man', '*prog issue* [*--json*]\n\n' + codes, 'prog issue [--json]\n', tables)
        good = words in found if words else not found
        failures += not good
        print(f'{"ok" if good else "not ok"} - man: {words or "a page with its codes is left in peace"}{"" if good else found}')
    for page, words in LEDGER:
        found = ledger_page_says(page)
        good = words in found if words else not found
        failures += not good
        print(f'{"ok" if good else "not ok"} - man-ledger: {words or "a whole page is left in peace"}{"" if good else found}')
    sys.exit(1 if failures else 0)


main()
