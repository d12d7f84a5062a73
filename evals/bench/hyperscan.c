/* Matching alone with hyperscan: hyperscan RULES LOG [RUNS]
 * Prints bytes, median CPU seconds, megabytes a second and how many different (rule, line) pairs matched.
 * The log is in memory before the clock starts; compiling the rules is not counted. */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned long long matches;
static unsigned long long *last; /* for each rule, the end of the line that it matched last */
static const char *text;
static size_t length;

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)from; (void)flags; (void)context;
    if (to <= last[id]) return 0; /* the same line again */
    const char *end = memchr(text + to, '\n', length - to);
    last[id] = end ? (unsigned long long)(end - text) : length;
    matches++;
    return 0;
}

static char *slurp(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size) { perror(path); exit(2); }
    bytes[*size] = 0;
    fclose(file);
    return bytes;
}

static double cpu(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv) {
    if (argc < 3) { fputs("hyperscan RULES LOG [RUNS]\n", stderr); return 2; }
    size_t size;
    char *rules = slurp(argv[1], &size);
    text = slurp(argv[2], &length);
    int runs = argc > 3 ? atoi(argv[3]) : 5;
    const char *expressions[20000];
    unsigned flags[20000], ids[20000], count = 0;
    for (char *rule = strtok(rules, "\n"); rule && count < 20000; rule = strtok(NULL, "\n")) {
        /* Only whether a line matches counts: what would report every further byte of it is cut off. */
        size_t end = strlen(rule);
        if (end > 2 && rule[end - 1] == '+' && rule[end - 2] == '.' && rule[end - 3] != '\\') rule[end - 1] = 0;
        expressions[count] = rule;
        flags[count] = HS_FLAG_MULTILINE | HS_FLAG_ALLOWEMPTY;
        ids[count] = count;
        count++;
    }
    hs_database_t *database;
    hs_compile_error_t *error;
    if (hs_compile_multi(expressions, flags, ids, count, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
        fprintf(stderr, "rule %d: %s\n", error->expression, error->message);
        return 2;
    }
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) return 2;
    last = malloc(count * sizeof *last);
    double seconds[100];
    if (runs < 1 || runs > 100) runs = 5;
    for (int run = 0; run < runs; run++) {
        memset(last, 0, count * sizeof *last);
        matches = 0;
        double start = cpu();
        if (hs_scan(database, text, (unsigned)length, 0, scratch, on_match, NULL) != HS_SUCCESS) return 2;
        seconds[run] = cpu() - start;
    }
    qsort(seconds, (size_t)runs, sizeof *seconds, ascending);
    double median = seconds[runs / 2];
    printf("%zu %.4f %.1f %llu matches\n", length, median, (double)length / 1e6 / median, matches);
    return 0;
}
