// Recurrent layers over whole sequences: what LSTM, GRU and SimpleRNN share.
//
// The rows of a batch do not depend on each other, so each thread takes some of them through all steps, forward and
// backward. A step is one product of the rows [x_t, h_(t-1)] with both kernels, one above the other, and then the work
// of the cell on each row. For the backward pass three things are kept, in the order in which steps were made:
//
//   rows  [step, batch, features + units]   x_t and h_(t-1)
//   gates [step, batch, kSlots * units]     what the cell's `forward` leaves in its slots
//   cells [step, batch, units]              the carried state after the step, where the cell has one
//
// A row's numbers do not depend on which thread made them, and the gradients of weights are sums over all steps and
// rows in one fixed order: results do not depend on the number of threads.
//
// A cell is a struct of
//
//   kSlots, kGates           columns per unit of `gates` and of the kernels
//   kCarries                 whether there is a carried state beside h
//   segments(units)          which columns of `gates` are made from which columns of the kernels
//   forward(...)             one row: from sums in the slots to h and the carried state
//   backward(...)            one row: from the gradients of both to those of the sums
#pragma once

#include "recurrent_parts.h"

namespace ranvier {

// sums [count, columns] = bias + left [count, depth] times both kernels.
inline void recurrent_sums(const std::vector<RecurrentPanel>& panels, Index count, const float* left, Index depth,
                           const float* packed, const float* bias, float* sums, Index columns) {
  for (const RecurrentPanel& panel : panels)
    for (Index r = 0; r < count;) {
      const int high = tile_rows(r, count);
      with_tile(high, panel.count, [&](auto tile) {
        const float* starts[decltype(tile)::rows];
        for (int i = 0; i < decltype(tile)::rows; ++i) starts[i] = left + (r + i) * depth + panel.first;
        tile.start(bias + panel.column, panel.count);
        tile.add(starts, 1, panel.depth, packed + panel.at);
        tile.write(sums + r * columns + panel.column, columns, panel.count);
      });
      r += high;
    }
}

template <class Cell>
void recurrent_forward(const RecurrentSizes& n, const RecurrentWeights& weights, const RecurrentWay& way,
                       const RecurrentForward& given) {
  struct Packed;
  struct Room;
  const Index columns = Cell::kSlots * n.units, depth = n.features + n.units;
  const std::vector<RecurrentPanel> panels = recurrent_panels<Cell>(n);
  const Index size = panels.back().at + panels.back().depth * kPanel;
  float* const packed = Scratch<Packed>::floats(size + columns);
  float* const bias = packed + size;
  recurrent_pack<Cell>(n, weights, panels, packed, bias);

  const bool saving = given.rows != nullptr;
  const Index pieces = recurrent_pieces(n.batch), tall = (n.batch + pieces - 1) / pieces;
  parallel(pieces, [&](Index piece) {
    const Index begin = std::min(piece * tall, n.batch), count = std::min(tall, n.batch - begin);
    if (count == 0) return;
    // Without a backward pass each step overwrites the one before.
    float* const room = saving ? nullptr : Scratch<Room>::floats(count * (depth + columns));
    float* const rows = saving ? given.rows + begin * depth : room;
    float* const gates = saving ? given.gates + begin * columns : room + count * depth;
    float* cells = nullptr;
    if constexpr (Cell::kCarries) cells = (saving ? given.cells : given.c_last) + begin * n.units;
    const Index rows_step = saving ? n.batch * depth : 0, gates_step = saving ? n.batch * columns : 0;
    const Index cells_step = saving ? n.batch * n.units : 0;
    const auto size_of = [](Index numbers) { return static_cast<std::size_t>(numbers) * sizeof(float); };
    for (Index r = 0; r < count; ++r)
      std::memcpy(rows + r * depth + n.features, given.h + (begin + r) * n.units, size_of(n.units));

    for (Index step = 0; step < n.steps; ++step) {
      const Index time = way.time(step, n.steps);
      float* const left = rows + step * rows_step;
      float* const sums = gates + step * gates_step;
      bool any = way.mask == nullptr;
      for (Index r = 0; r < count; ++r) {
        const Index place = (begin + r) * n.steps + time;
        any = any || way.mask[place];
        std::memcpy(left + r * depth, given.x + place * n.features, size_of(n.features));
      }
      if (any)
        recurrent_sums(panels, count, left, depth, packed, bias, sums, columns);
      const bool last = step == n.steps - 1;
      for (Index r = 0; r < count; ++r) {
        const Index row = begin + r, place = row * n.steps + time;
        const float* const h = left + r * depth + n.features;
        float* const h_next = last ? given.h_last + row * n.units : left + rows_step + r * depth + n.features;
        const float* c = nullptr;
        float* c_next = nullptr;
        if constexpr (Cell::kCarries) {
          c = step == 0 ? given.c + row * n.units : cells + (step - 1) * cells_step + r * n.units;
          c_next = cells + step * cells_step + r * n.units;
        }
        const bool real = way.mask == nullptr || way.mask[place];
        if (real) {
          Cell::forward(n.units, sums + r * columns, h, c, h_next, c_next);
        } else {
          std::memmove(h_next, h, size_of(n.units));
          if constexpr (Cell::kCarries) std::memmove(c_next, c, size_of(n.units));
        }
        if constexpr (Cell::kCarries)
          if (last && saving) std::memcpy(given.c_last + row * n.units, c_next, size_of(n.units));
        if (given.ys == nullptr) continue;
        float* const y = given.ys + place * n.units;
        if (real || !way.zero_masked)
          std::memcpy(y, h_next, size_of(n.units));
        else
          std::memset(y, 0, size_of(n.units));
      }
    }
  });
}

// The columns of `gates` that hang on x, or on h, lie side by side; `turned` is their kernel transposed, as panels.
struct RecurrentTurned {
  Index column, depth;
};

inline RecurrentTurned recurrent_turned(const std::vector<Segment>& segments, Index Segment::*side) {
  Index first = -1, last = 0;
  for (const Segment& segment : segments) {
    if (segment.*side < 0) continue;
    if (first < 0) first = segment.column;
    last = segment.column + segment.count;
  }
  return {first, last - first};
}

inline void recurrent_pack_turned(const std::vector<Segment>& segments, Index Segment::*side,
                                  const RecurrentTurned& turned, const float* weights, Index wide, Index outputs,
                                  float* to) {
  parallel(panels(outputs), [&](Index panel) {
    const Index n = panel * kPanel;
    for (const Segment& segment : segments)
      if (segment.*side >= 0)
        pack_transposed(weights + n * wide + segment.*side, wide, segment.count, std::min<Index>(kPanel, outputs - n),
                        to + n * turned.depth + (segment.column - turned.column) * kPanel);
  });
}

// dz, dx, dh and dc: all steps backwards, a thread for some rows.
template <class Cell>
void recurrent_backward_steps(const RecurrentSizes& n, const RecurrentWeights& weights, const RecurrentWay& way,
                              const RecurrentBackward& given) {
  struct Packed;
  struct Room;
  const Index columns = Cell::kSlots * n.units, wide = Cell::kGates * n.units, depth = n.features + n.units;
  const auto listed = Cell::segments(n.units);
  const std::vector<Segment> segments(listed.begin(), listed.end());
  const RecurrentTurned of_x = recurrent_turned(segments, &Segment::x);
  const RecurrentTurned of_h = recurrent_turned(segments, &Segment::h);
  const Index h_size = packed_size(of_h.depth, n.units);
  float* const h_packed =
      Scratch<Packed>::floats(h_size + (given.dx == nullptr ? 0 : packed_size(of_x.depth, n.features)));
  float* const x_packed = h_packed + h_size;
  recurrent_pack_turned(segments, &Segment::h, of_h, weights.recurrent, wide, n.units, h_packed);
  if (given.dx != nullptr)
    recurrent_pack_turned(segments, &Segment::x, of_x, weights.kernel, wide, n.features, x_packed);

  const Index pieces = recurrent_pieces(n.batch), tall = (n.batch + pieces - 1) / pieces;
  parallel(pieces, [&](Index piece) {
    const Index begin = std::min(piece * tall, n.batch), count = std::min(tall, n.batch - begin);
    if (count == 0) return;
    const auto size_of = [](Index numbers) { return static_cast<std::size_t>(numbers) * sizeof(float); };
    float* const dh = given.dh + begin * n.units;
    std::memcpy(dh, given.dh_last + begin * n.units, size_of(count * n.units));
    if constexpr (Cell::kCarries)
      std::memcpy(given.dc + begin * n.units, given.dc_last + begin * n.units, size_of(count * n.units));
    for (Index step = n.steps - 1; step >= 0; --step) {
      const Index time = way.time(step, n.steps), at = step * n.batch + begin;
      float* const dz = given.dz + at * columns;
      bool any = false;
      for (Index r = 0; r < count; ++r) {
        const Index row = begin + r, place = row * n.steps + time;
        const bool real = way.mask == nullptr || way.mask[place];
        float* const dh_row = dh + r * n.units;
        if (given.dys != nullptr && (real || !way.zero_masked))
          for (Index k = 0; k < n.units; k += kWidth)
            store(dh_row + k, n.units - k,
                  load(dh_row + k, n.units - k) + load(given.dys + place * n.units + k, n.units - k));
        if (!real) {
          std::memset(dz + r * columns, 0, size_of(columns));
          continue;
        }
        any = true;
        const float *c = nullptr, *c_next = nullptr;
        float* dc = nullptr;
        if constexpr (Cell::kCarries) {
          c = step == 0 ? given.c + row * n.units : given.cells + (at - n.batch + r) * n.units;
          c_next = given.cells + (at + r) * n.units;
          dc = given.dc + row * n.units;
        }
        Cell::backward(n.units, given.gates + (at + r) * columns, given.rows + (at + r) * depth + n.features, c, c_next,
                       dz + r * columns, dh_row, dc);
      }
      if (any) multiply<true>(count, n.units, of_h.depth, dz + of_h.column, columns, 1, h_packed, dh, n.units);
      if (given.dx == nullptr) continue;
      float* const dx = given.dx + (begin * n.steps + time) * n.features;
      multiply(count, n.features, of_x.depth, dz + of_x.column, columns, 1, x_packed, dx, n.steps * n.features);
    }
  });
}

// dz [depth, panel.count] to `block`, rows kPanel apart; adds up what it sees.
inline void recurrent_pack_block(const float* dz, Index columns, Index depth, Index count, float* block,
                                 Floats* total) {
  Floats part[2]{};
  for (Index k = 0; k < depth; ++k)
    for (int v = 0; v < 2; ++v) {
      const Floats values = load(dz + k * columns + v * kWidth, count - v * kWidth);
      part[v] += values;
      store(block + k * kPanel + v * kWidth, values);
    }
  for (int v = 0; v < 2; ++v) total[v] += part[v];
}

// Gradients of the weights, rows^T dz: some panels of columns per piece, in blocks along steps and rows, which stay in
// the second cache while the panels pass by.
inline void recurrent_backward_weights(const RecurrentSizes& n, const std::vector<RecurrentPanel>& panels,
                                       Index columns, Index wide, bool two_biases, const RecurrentBackward& given) {
  const Index depth = n.features + n.units, all_rows = n.steps * n.batch;
  const Index many = static_cast<Index>(panels.size()), threads = thread_count();
  const Index group = std::min(kRecurrentGroup, (many + threads - 1) / threads);
  parallel((many + group - 1) / group, [&](Index piece) {
    struct Block;
    float* const blocks = Scratch<Block>::floats(kRecurrentDepth * kPanel * group);
    const Index begin = piece * group, end = std::min(many, begin + group);
    Floats total[kRecurrentGroup][2]{};
    for (Index from = 0; from < all_rows; from += kRecurrentDepth) {
      const Index deep = std::min(kRecurrentDepth, all_rows - from);
      for (Index i = begin; i < end; ++i) {
        const RecurrentPanel& panel = panels[static_cast<std::size_t>(i)];
        float* const block = blocks + (i - begin) * kRecurrentDepth * kPanel;
        const float* const dz = given.dz + from * columns + panel.column;
        recurrent_pack_block(dz, columns, deep, panel.count, block, total[i - begin]);
      }
      for (Index i = begin; i < end; ++i) {
        const RecurrentPanel& panel = panels[static_cast<std::size_t>(i)];
        const float* const block = blocks + (i - begin) * kRecurrentDepth * kPanel;
        // Columns [first, first + height) of `rows` are the rows of one kernel's gradient.
        const auto add_to = [&](Index first, Index height, float* to) {
          for (Index r = 0; r < height;) {
            const int high = tile_rows(r, height);
            with_tile(high, panel.count, [&](auto tile) {
              const float* starts[decltype(tile)::rows];
              for (int j = 0; j < decltype(tile)::rows; ++j) starts[j] = given.rows + from * depth + first + r + j;
              tile.clear();
              tile.add(starts, depth, deep, block);
              if (from == 0)
                tile.write(to + r * wide, wide, panel.count);
              else
                tile.write_added(to + r * wide, wide, panel.count);
            });
            r += high;
          }
        };
        if (panel.x >= 0) add_to(0, n.features, given.dkernel + panel.x);
        if (panel.h >= 0) add_to(n.features, n.units, given.drecurrent + panel.h);
      }
    }
    for (Index i = begin; i < end; ++i)
      for (int v = 0; v < 2; ++v) {
        const RecurrentPanel& panel = panels[static_cast<std::size_t>(i)];
        const Index left = panel.count - v * kWidth;
        if (panel.x >= 0) store(given.dbias + panel.x + v * kWidth, left, total[i - begin][v]);
        if (two_biases && panel.h >= 0) store(given.dbias + wide + panel.h + v * kWidth, left, total[i - begin][v]);
      }
  });
}

template <class Cell>
void recurrent_backward(const RecurrentSizes& n, const RecurrentWeights& weights, const RecurrentWay& way,
                        const RecurrentBackward& given) {
  recurrent_backward_steps<Cell>(n, weights, way, given);
  if (given.dkernel != nullptr)
    recurrent_backward_weights(n, recurrent_panels<Cell>(n), Cell::kSlots * n.units, Cell::kGates * n.units,
                               weights.two_biases, given);
}

}  // namespace ranvier
