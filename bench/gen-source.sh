#!/usr/bin/env bash
# gen-source.sh COUNT - prints a C source of COUNT functions that need no header: food for a
# compiler. The same COUNT gives the same text.
set -euo pipefail
exec awk -v count="$1" '
function body(i) {
    printf "static unsigned long mix_%d(struct node *n, unsigned long x)\n{\n", i
    printf "    unsigned long sum = x + %dul;\n", i * 2654435761 % 4294967296
    printf "    for (int k = 0; k < n->count; k++) {\n"
    printf "        if (n->values[k] %% %d == %d)\n            sum ^= (unsigned long)n->values[k] << %d;\n", i % 17 + 2, i % 2, i % 23
    printf "        else if (n->values[k] > %d && k %% 3)\n            sum = sum * %dul + n->values[k];\n", i % 1000, i * 2 + 1
    printf "        else\n            sum += helper(n->next ? n->next : n, sum >> %d);\n    }\n", i % 13 + 1
    printf "    switch (sum %% 5) {\n"
    for (j = 0; j < 5; j++)
        printf "    case %d:\n        return sum * %d + table[(sum >> %d) %% 64];\n", j, j * i + 3, j + i % 7
    printf "    }\n    return sum;\n}\n\n"
}
BEGIN {
    print "struct node {\n    int count;\n    int values[32];\n    struct node *next;\n};"
    print "extern const unsigned long table[64];"
    print "extern unsigned long helper(struct node *n, unsigned long x);\n"
    for (i = 1; i <= count; i++)
        body(i)
    print "unsigned long all(struct node *n)\n{\n    unsigned long x = 0;"
    for (i = 1; i <= count; i++)
        printf "    x = mix_%d(n, x);\n", i
    print "    return x;\n}"
}'
