// Large pages for large results.
//
// XLA takes the memory of a program anew for each run and gives it back behind it; above 32 MB the C library gets it
// from the system and returns it each time. Touched first in pages of 4 KB, 100 MB cost 45 ms here; in pages of 2 MB,
// 5 ms. Linux hands those out where somebody asks, as NumPy does for its own large arrays.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ranvier {

// Smaller results gain nothing: 1024 small pages, the number from which NumPy asks too.
inline constexpr std::size_t kLargeResult = std::size_t{4} << 20;

// Asks for large pages under `bytes` bytes from `data` on, to be called before they are touched. Only a hint: contents
// do not change, and a system that has none ignores it.
inline void ask_for_large_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (data == nullptr || bytes < kLargeResult) return;
  // Outwards to whole pages: what lies beside a result belongs to the same program, whose next results go there.
  constexpr std::uintptr_t kPage = std::uintptr_t{2} << 20;
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(data) / kPage * kPage;
  const std::uintptr_t last = (reinterpret_cast<std::uintptr_t>(data) + bytes + kPage - 1) / kPage * kPage;
  madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
}

}  // namespace ranvier
