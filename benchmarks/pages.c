// What a load from another 4 KiB page costs, by the size of the memory that the pages are from: docs/performance.md, "What limits it".
//
//     mkdir -p build && gcc -O2 benchmarks/pages.c -o build/measure_pages && build/measure_pages
//
// A chain of loads through all pages in random order, one line of each, so that the lines stay in the first or second cache (up to 32 MiB)
// and what is left is the translation of addresses. First as the system likes it, then with huge pages asked for.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { PAGE = 4096, LINE = 64, HUGE = 2 << 20, LOADS = 4000000 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

// The line of page i; a different one of each, so that they do not compete for one cache set.
static void** line(char* memory, size_t i) { return (void**)(memory + i * PAGE + (7 * i * LINE) % PAGE); }

static double nanoseconds_per_load(size_t bytes, int advice) {
    const size_t pages = bytes / PAGE;
    char* mapped = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t* order = malloc(pages * sizeof *order);
    if (mapped == MAP_FAILED || !order) { perror("memory"); exit(1); }
    madvise(mapped, bytes + HUGE, advice);
    char* memory = (char*)(((size_t)mapped + HUGE - 1) / HUGE * HUGE);
    memset(memory, 0, bytes);
    for (size_t i = 0; i < pages; ++i) order[i] = i;
    for (size_t i = pages - 1; i > 0; --i) {
        const size_t j = rand() % (i + 1), swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    for (size_t i = 0; i < pages; ++i) *line(memory, order[i]) = line(memory, order[(i + 1) % pages]);
    double best = 1e9;
    for (int repeat = 0; repeat < 5; ++repeat) {
        void** at = line(memory, 0);
        const double begun = seconds();
        for (int i = 0; i < LOADS; ++i) at = *at;
        const double taken = seconds() - begun;
        if (at && taken < best) best = taken;
    }
    munmap(mapped, bytes + HUGE);
    free(order);
    return 1e9 * best / LOADS;
}

int main(void) {
    puts("MiB  ns a load  ns a load, huge pages asked for");
    for (size_t mib = 1; mib <= 64; mib *= 2)
        printf("%3zu %10.1f %10.1f\n", mib, nanoseconds_per_load(mib << 20, MADV_NOHUGEPAGE), nanoseconds_per_load(mib << 20, MADV_HUGEPAGE));
}
