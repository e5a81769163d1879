// The kernels of a source by name, for launches.py: it stands behind the source. build.py defines EMULATED_KERNELS, a
// list KERNEL_ENTRY(name) KERNEL_ENTRY(name) ...

namespace {

// A letter for a type: i int, j unsigned, l long long, f float, d double, b bool; P before it for a pointer, K for const.
struct Letters {
    char text[256] = {};
    int length = 0;
    constexpr void add(char letter) { text[length++] = letter; }
    template <class T> constexpr void of() {
        if constexpr (std::is_pointer_v<T>) { add('P'); of<std::remove_pointer_t<T>>(); }
        else if constexpr (std::is_const_v<T>) { add('K'); of<std::remove_const_t<T>>(); }
        else add(std::is_same_v<T, int> ? 'i' : std::is_same_v<T, unsigned> ? 'j' : std::is_same_v<T, long long> ? 'l'
               : std::is_same_v<T, float> ? 'f' : std::is_same_v<T, double> ? 'd' : std::is_same_v<T, bool> ? 'b' : '?');
    }
};
template <class... T> constexpr Letters letters_of(void (*)(T...)) {
    Letters found;
    ((found.of<T>(), found.add(' ')), ...);
    return found;
}
template <class... T> constexpr size_t arguments_of(void (*)(T...)) { return sizeof...(T); }
template <class... T, size_t... I> void unpack(void (*kernel)(T...), void** arguments, std::index_sequence<I...>) {
    kernel(*(T*)arguments[I]...);
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

// Shared memory is what is static (shim.h) and has no value at first. These are the linker's names for it.
extern "C" char __bss_start[] __attribute__((visibility("hidden")));
extern "C" char _end[] __attribute__((visibility("hidden")));

EXPORT char* emulated_shared_begin() { return __bss_start; }
EXPORT char* emulated_shared_end() { return _end; }

#define KERNEL_ENTRY(name)                                                                          \
    EXPORT void emulated_call_##name(void** arguments) {                                            \
        unpack(name, arguments, std::make_index_sequence<arguments_of(name)>());                    \
    }                                                                                               \
    EXPORT const char* emulated_letters_##name() {                                                  \
        static constexpr Letters found = letters_of(name);                                          \
        return found.text;                                                                          \
    }
EMULATED_KERNELS
