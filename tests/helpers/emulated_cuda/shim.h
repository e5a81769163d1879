// What CUDA C++ has beyond C++, for the host's compiler. It stands before a source for NVRTC.

#include <math.h>
#include <stddef.h>
#include <type_traits>
#include <utility>

// Functions, because a variable would count as memory that a kernel reads.
extern "C" unsigned emulated_thread(int axis), emulated_block(int axis), emulated_of_block(int axis), emulated_of_grid(int axis);
extern "C" void emulated_barrier(int place);
template <unsigned (*index)(int), int axis> struct EmulatedIndex { operator unsigned() const { return index(axis); } };
template <unsigned (*index)(int)> struct EmulatedIndices {
    EmulatedIndex<index, 0> x;
    EmulatedIndex<index, 1> y;
    EmulatedIndex<index, 2> z;
};
static const EmulatedIndices<emulated_thread> threadIdx;
static const EmulatedIndices<emulated_block> blockIdx;
static const EmulatedIndices<emulated_of_block> blockDim;
static const EmulatedIndices<emulated_of_grid> gridDim;

#define __CUDACC__ 1
#define __global__
#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __shared__ static
#define __syncthreads() emulated_barrier(__COUNTER__)
