// The kernels' own threads: the caller works too, workers join while a job's gate is open.
//
// A worker that the system has not scheduled in time never holds the caller up: the gate closes behind the last piece.
// A second program that computes at the same time, and a job inside a job, run on their own thread alone. What a piece
// throws comes out of the job, whose other pieces may then not have been done.
#pragma once

#include <type_traits>

#include "simd.h"

namespace ranvier {

// Threads that a job may use: $RANVIER_THREADS, else the processors that this process may run on; 1 to 64.
int thread_count();

// Threads that the caller lends: `start(context, task, data)` runs `task(data)` on one of them, sooner or later, and
// says whether it will. While another pool is at work beside these kernels, ours would only fight it for the cores.
struct Lent {
  bool (*start)(void* context, void (*task)(void*), void* data);
  void* context;
};

// Jobs that this thread begins use the lent threads as long as this lives; our own only where none is lent.
class Lending {
 public:
  explicit Lending(const Lent& lent);
  ~Lending();
  Lending(const Lending&) = delete;
  Lending& operator=(const Lending&) = delete;

 private:
  const Lent* before_;
};

// Calls `work(context, piece)` for every piece in [0, pieces), in any order and on any thread.
void run_pieces(Index pieces, void (*work)(void*, Index), void* context);

// Calls `piece(i)` for every i in [0, pieces). Which thread does which piece is not fixed, so a sum over pieces is
// reproducible only when each piece writes to a place of its own and the places are added in a fixed order.
template <class Piece>
void parallel(Index pieces, Piece&& piece) {
  using Body = std::remove_reference_t<Piece>;
  run_pieces(
      pieces, [](void* body, Index i) { (*static_cast<Body*>(body))(i); },
      const_cast<void*>(static_cast<const void*>(&piece)));
}

}  // namespace ranvier
