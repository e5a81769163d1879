// Blocks that march through planes, for CUDA alone (kernels/blocks.py): a tile of ROWS x COLUMNS sites with a rim of
// threads, and a segment of planes.

// line, place: of a thread in its tile. row, column: of its site, in the lattice; column_of_tile: before it is wrapped.
// present: whether any thread reads values of it. own: whether the site belongs to the tile and not to the rim.
struct TileThread {
    int line, place, row, column, column_of_tile;
    bool present, own;
};

// LOW, HIGH: rows of the rim before and behind the tile; LEFT, RIGHT: columns of it.
template <int ROWS, int LOW, int HIGH, int LEFT = LOW, int RIGHT = HIGH> INLINE TileThread thread_of_tile(int n) {
    constexpr int span = COLUMNS + LEFT + RIGHT;
    const int across = (n + COLUMNS - 1) / COLUMNS;
    TileThread t;
    t.line = threadIdx.x / span;
    t.place = threadIdx.x % span;
    const int row = blockIdx.x / across * ROWS + t.line - LOW, column = blockIdx.x % across * COLUMNS + t.place - LEFT;
    t.present = row < n + HIGH && column < n + RIGHT;
    t.own = t.line >= LOW && t.line < LOW + ROWS && t.place >= LEFT && t.place < LEFT + COLUMNS && row < n && column < n;
    t.row = wrapped(row, n);
    t.column = wrapped(column, n);
    t.column_of_tile = column;
    return t;
}

struct Segment { int first, last; };
INLINE Segment segment(int n) {
    const int planes = (n + gridDim.y - 1) / gridDim.y, first = blockIdx.y * planes;
    return {first, first + planes < n ? first + planes : n};
}

// A sum of a block, over all of its planes, is one of the parts of the first planes; nobody writes the parts behind.
#define STORE_SUMS_OF_TILES(threads, Q, n, sum, partial)                                                                  \
    const index_t parts_ = (index_t)(n) * (((n) + COLUMNS - 1) / COLUMNS) * (((n) + THREADS / COLUMNS - 1) / (THREADS / COLUMNS)); \
    STORE_TREE(threads, Q, sum, partial, q_ * parts_ + blockIdx.y * gridDim.x + blockIdx.x)
