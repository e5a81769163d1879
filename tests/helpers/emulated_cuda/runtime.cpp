// Launches of kernels that shim.h made compile for the host, and the accesses of their threads.
//
// The threads of a block run one after the other on a fiber, until one waits at a barrier: it keeps the fiber with its
// stack, and the next thread has another one. A barrier opens when every thread of the block waits at it. The kernels are compiled with -fsanitize=thread, which puts a call before
// every load and store. The functions that it calls are here, in place of a sanitizer's.
//
// Memory of the devices is one arena. A byte of `shadow` stands for four bytes of the arena.

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

// A stack to go on with. swapcontext asks the system for every switch, which takes ten times as long.
#ifdef __x86_64__
typedef void* Context;
extern "C" __attribute__((visibility("hidden"))) void switch_to(Context& from, const Context& to);
asm(R"(
.text
.hidden switch_to
.globl switch_to
.type switch_to, @function
switch_to:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq (%rsi), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmp *%rcx
.size switch_to, .-switch_to
)");
static void make_context(Context& context, char* stack, size_t size, void (*begin)()) {
    void** top = (void**)((uintptr_t)(stack + size) & ~(uintptr_t)15);
    *--top = nullptr;  // for a return address, so that the stack is aligned as behind a call
    *--top = (void*)begin;
    for (int i = 0; i < 6; ++i) *--top = nullptr;  // registers
    context = top;
}
#else
#include <ucontext.h>
typedef ucontext_t Context;
static void switch_to(Context& from, const Context& to) { swapcontext(&from, &to); }
static void make_context(Context& context, char* stack, size_t size, void (*begin)()) {
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = size;
    context.uc_link = nullptr;
    makecontext(&context, begin, 0);
}
#endif

namespace {

struct Index { unsigned axis[3]; };
Index thread_index, block_index, of_block, of_grid;

// Of `shadow`: an argument of the launch reaches there; one that is not const does; there is a value; and this launch has
// read or written there.
enum Bits : uint8_t { COVERED = 1, WRITABLE = 2, VALUE = 4, READ = 8, WRITTEN = 16 };
enum Kind : int32_t { OUTSIDE = 1, CONSTANT, UNINITIALISED, RACE, DIVERGED, MISALIGNED };
enum Mode : unsigned { TRACED = 1, SHUFFLED = 2 };

struct Finding {
    int32_t kind, write, size, place;  // place: of the barrier
    uint64_t address;
    uint32_t block, thread, other_block, other_thread;
};

struct Access { uint32_t launch, block; uint16_t thread, epoch; };
struct Cell { Access writer, reader[2]; };

constexpr size_t STACK = 1 << 17, MOST_FINDINGS = 64, MOST_ARGUMENTS = 64;

// The launch and block that have read, and written, a piece of 32 bytes last. Blocks run one after the other, so that the
// pieces of a traced launch are counted once for each block that touches them: the traffic of a cache that all share,
// below caches that keep all that a block touches.
struct Piece { uint32_t launch, block; };
constexpr int PIECE = 5;  // 2^5 bytes
uint64_t pieces_read, pieces_written;

uint8_t *arena, *shadow;
size_t arena_size;
Cell* cells;                     // of the arena, for traced launches
Piece *read_last, *written_last;  // and pieces

char *shared_begin, *shared_end;
std::vector<uint8_t> shared_shadow;
std::vector<Cell> shared_cells;
bool shared_used;

struct Fiber {
    Context context;
    char* stack = nullptr;
    bool made = false;
};
std::vector<Fiber> fibers;
std::vector<Fiber*> idle;
Fiber* current;

struct Thread {
    Index index;
    Fiber* fiber;  // that it keeps while it waits
    bool ended;
    int place;  // of the barrier at which it waits
};
std::vector<Thread> threads;
std::vector<unsigned> order;  // of the threads of a block
size_t begun;                 // threads of `order`
Context scheduler;
char* stack;  // of the fiber that runs
void (*body)(void**);
void* addresses[MOST_ARGUMENTS];
uint64_t values[MOST_ARGUMENTS];

Access now;  // of the thread that runs
bool tracing, aborted;
std::vector<Finding> findings;

unsigned volume(const Index& of) { return of.axis[0] * of.axis[1] * of.axis[2]; }
Index unfolded(unsigned i, const Index& of) {
    const unsigned row = i / of.axis[0];
    return {i % of.axis[0], row % of.axis[1], row / of.axis[1]};
}

// ---- Fibers

void pause() { switch_to(current->context, scheduler); }

void select_thread(unsigned t) {
    thread_index = threads[t].index;
    now.thread = t;
}

// The work of a fiber: threads that have not begun. A thread may come back from its barrier when all have.
void begin_threads() {
    for (;;) {
        while (begun < order.size()) {
            const unsigned t = order[begun++];
            select_thread(t);
            body(addresses);
            threads[now.thread].ended = true;
        }
        idle.push_back(current);
        pause();
    }
}

void resume(Fiber& fiber) {
    current = &fiber;
    if (!fiber.made) {
        if (!fiber.stack) fiber.stack = (char*)mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        const size_t apart = (&fiber - fibers.data()) % 64 * 576;  // their tops in different sets of the caches
        make_context(fiber.context, fiber.stack, STACK - apart, begin_threads);
        fiber.made = true;
    }
    stack = fiber.stack;
    switch_to(scheduler, fiber.context);
}

void abort_launch() {  // and does not return
    aborted = true;
    pause();
}

// ---- Accesses

void found(Kind kind, bool write, int size, uintptr_t address, const Access* other = nullptr) {
    if (findings.size() < MOST_FINDINGS)
        findings.push_back({kind, write, size, 0, address, now.block, now.thread, other ? other->block : 0,
                            other ? other->thread : 0u});
}

bool conflicts(const Access& a) {
    return a.launch == now.launch && (a.block != now.block || (a.thread != now.thread && a.epoch == now.epoch));
}

// Two readers stand for all: a write by a third thread conflicts with both, by one of them with the other. A reader of
// this block from before a barrier gives its place to one from behind it.
void note_reader(Cell& cell) {
    for (Access& reader : cell.reader)
        if (reader.launch != now.launch || (reader.block == now.block && (reader.thread == now.thread || reader.epoch != now.epoch))) {
            reader = now;
            return;
        }
}

void trace(Cell& cell, bool write, int size, uintptr_t address) {
    if (conflicts(cell.writer)) found(RACE, write, size, address, &cell.writer);
    if (!write) return note_reader(cell);
    for (const Access& reader : cell.reader)
        if (conflicts(reader)) found(RACE, write, size, address, &reader);
    cell.writer = now;
}

void count_piece(size_t offset, bool write) {
    Piece& piece = (write ? written_last : read_last)[offset >> PIECE];
    if (piece.launch == now.launch && piece.block == now.block) return;
    piece = {now.launch, now.block};
    ++(write ? pieces_written : pieces_read);
}

inline __attribute__((always_inline)) void in_arena(size_t offset, bool write, int size) {
    if (tracing) count_piece(offset, write);
    const uintptr_t address = (uintptr_t)arena + offset;
    const size_t first = offset >> 2, last = (offset + size - 1) >> 2;
    for (size_t i = first; i <= last; ++i) {
        uint8_t& bits = shadow[i];
        if (!(bits & COVERED)) { found(OUTSIDE, write, size, address); abort_launch(); }
        if (write && !(bits & WRITABLE)) { found(CONSTANT, write, size, address); abort_launch(); }
        if (!write && !(bits & VALUE)) { found(UNINITIALISED, write, size, address); bits |= VALUE; }
        bits |= write ? VALUE | WRITTEN : READ;
        if (tracing) trace(cells[i], write, size, address);
    }
}

void in_shared(size_t offset, bool write, int size, uintptr_t address) {
    shared_used = true;
    for (size_t i = offset >> 2; i <= (offset + size - 1) >> 2; ++i) {
        if (!write && !(shared_shadow[i] & VALUE)) found(UNINITIALISED, write, size, address);
        shared_shadow[i] |= VALUE;
        if (tracing) trace(shared_cells[i], write, size, address);
    }
}

char *image_begin, *image_end;  // of the library of the kernels: constants

// The stack of a thread, the arguments of its kernel and constants are no memory of the device.
void elsewhere(uintptr_t address, bool write, int size) {
    const auto within = [&](const void* begin, size_t length) { return address - (uintptr_t)begin < length; };
    if (within(shared_begin, shared_end - shared_begin))
        return in_shared(address - (uintptr_t)shared_begin, write, size, address);
    if (within(addresses, sizeof addresses) || within(values, sizeof values)) return;
    if (!write && within(image_begin, image_end - image_begin)) return;
    found(OUTSIDE, write, size, address);
    abort_launch();
}

inline __attribute__((always_inline)) void access(const void* pointer, bool write, int size) {
    const uintptr_t address = (uintptr_t)pointer;
    if (address - (uintptr_t)stack < STACK) return;
    const size_t offset = address - (uintptr_t)arena;
    if (offset >= arena_size) return elsewhere(address, write, size);
    if (address % std::min(size, 8)) found(MISALIGNED, write, size, address);
    in_arena(offset, write, size);
}

// ---- Blocks

// All threads up to their next barrier or their end.
void run_threads(bool first) {
    if (first) {
        begun = 0;
        while (begun < order.size() && !aborted) {
            Fiber* fiber = idle.back();
            idle.pop_back();
            resume(*fiber);
        }
        return;
    }
    for (unsigned t : order) {
        select_thread(t);
        resume(*threads[t].fiber);
        if (aborted) return;
    }
}

// Whether they wait at one barrier. When not all have ended, none may have, nor wait at another place.
bool all_wait() {
    const auto place = [](unsigned t) { return threads[t].ended ? -1 : threads[t].place; };
    const unsigned one = order[0];
    for (unsigned t : order) {
        if (place(t) == place(one)) continue;
        findings.push_back({DIVERGED, 0, 0, std::max(place(t), place(one)), 0, now.block, one, now.block, t});
        aborted = true;
        return false;
    }
    return place(one) >= 0;
}

void run_block(unsigned block, std::mt19937_64* random) {
    block_index = unfolded(block, of_grid);
    now.block = block;
    now.epoch = 0;
    if (shared_used) {  // what another block left is no value
        for (size_t i = 0; i < shared_shadow.size(); ++i)
            if (shared_shadow[i]) memset(shared_begin + 4 * i, 0xff, 4);
        std::fill(shared_shadow.begin(), shared_shadow.end(), 0);
        std::fill(shared_cells.begin(), shared_cells.end(), Cell{});
        shared_used = false;
    }
    for (Thread& thread : threads) thread.ended = false;
    bool first = true;
    do {
        if (random) std::shuffle(order.begin(), order.end(), *random);
        run_threads(first);
        first = false;
        ++now.epoch;
    } while (!aborted && all_wait());
}

}  // namespace

EXPORT unsigned emulated_thread(int axis) { return thread_index.axis[axis]; }
EXPORT unsigned emulated_block(int axis) { return block_index.axis[axis]; }
EXPORT unsigned emulated_of_block(int axis) { return of_block.axis[axis]; }
EXPORT unsigned emulated_of_grid(int axis) { return of_grid.axis[axis]; }

EXPORT void emulated_barrier(int place) {
    Thread& thread = threads[now.thread];
    thread.place = place;
    thread.fiber = current;
    pause();
}

// Room for the memory of all devices; its shadow has a byte for four. False when the system refuses.
EXPORT bool emulated_arena(size_t size, uint8_t** memory, uint8_t** bits) {
    const auto room = [](size_t bytes) {
        void* got = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        return got == MAP_FAILED ? nullptr : got;
    };
    arena = (uint8_t*)room(size);
    shadow = (uint8_t*)room(size / 4);
    cells = (Cell*)room(size / 4 * sizeof(Cell));
    read_last = (Piece*)room((size >> PIECE) * sizeof(Piece));
    written_last = (Piece*)room((size >> PIECE) * sizeof(Piece));
    arena_size = size;
    *memory = arena;
    *bits = shadow;
    return arena && shadow && cells && read_last && written_last;
}

// Bytes that blocks have read and written in the last launch, in pieces of 32 (count_piece).
EXPORT void emulated_pieces(uint64_t* read, uint64_t* written) {
    *read = pieces_read << PIECE;
    *written = pieces_written << PIECE;
}

struct Library { void (*body)(void**); char *shared_begin, *shared_end, *image_begin, *image_end; };

// Runs a kernel and returns the number of findings, of which `out` takes the first ones.
EXPORT int emulated_launch(const Library* library, const uint64_t* arguments, int count, const unsigned* grid,
                           const unsigned* block, unsigned mode, uint64_t seed, Finding* out, int room) {
    static uint32_t launches = 0;
    body = library->body;
    image_begin = library->image_begin;
    image_end = library->image_end;
    shared_begin = library->shared_begin;
    shared_end = library->shared_end;
    const size_t shared = (shared_end - shared_begin + 3) / 4;
    shared_shadow.assign(shared, 0);
    shared_cells.assign(shared, Cell{});
    shared_used = true;
    for (int i = 0; i < count; ++i) {
        values[i] = arguments[i];
        addresses[i] = &values[i];
    }
    of_grid = {grid[0], grid[1], grid[2]};
    of_block = {block[0], block[1], block[2]};
    threads.resize(volume(of_block));
    for (unsigned t = 0; t < threads.size(); ++t) threads[t].index = unfolded(t, of_block);
    if (fibers.size() < threads.size()) {
        fibers.resize(threads.size());
        idle.clear();
        for (Fiber& fiber : fibers) idle.push_back(&fiber);
    }
    now.launch = ++launches;
    tracing = mode & TRACED;
    pieces_read = pieces_written = 0;
    aborted = false;
    findings.clear();
    std::mt19937_64 random(seed);
    std::vector<unsigned> blocks(volume(of_grid));
    order.resize(threads.size());
    std::iota(blocks.begin(), blocks.end(), 0);
    std::iota(order.begin(), order.end(), 0);
    const bool shuffled = mode & SHUFFLED;
    if (shuffled) std::shuffle(blocks.begin(), blocks.end(), random);
    for (unsigned b : blocks) {
        run_block(b, shuffled ? &random : nullptr);
        if (aborted) break;
    }
    if (aborted) {  // threads are left in the middle
        idle.clear();
        for (Fiber& fiber : fibers) {
            fiber.made = false;
            idle.push_back(&fiber);
        }
    }
    const int number = findings.size();
    std::copy_n(findings.begin(), std::min(number, room), out);
    return number;
}

// ---- The calls of -fsanitize=thread

#define ACCESS(size)                                                              \
    EXPORT void __tsan_read##size(void* p) { access(p, false, size); }            \
    EXPORT void __tsan_write##size(void* p) { access(p, true, size); }            \
    EXPORT void __tsan_unaligned_read##size(void* p) { access(p, false, size); }  \
    EXPORT void __tsan_unaligned_write##size(void* p) { access(p, true, size); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

EXPORT void __tsan_read_range(void* p, unsigned long size) { access(p, false, (int)size); }
EXPORT void __tsan_write_range(void* p, unsigned long size) { access(p, true, (int)size); }
EXPORT void __tsan_init() {}
EXPORT void __tsan_func_entry(void*) {}
EXPORT void __tsan_func_exit() {}
