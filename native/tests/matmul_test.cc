#include "../src/matmul.h"

#include "check.h"

namespace ranvier::test {
namespace {

constexpr double kTolerance = 1e-5;
const Index kSizes[] = {0, 1, 2, 3, kWidth - 1, kWidth, kWidth + 1, kPanel - 1, kPanel, kPanel + 1, 2 * kPanel + 3};
const Index kHeights[] = {0, 1, 2, kRows - 1, kRows, kRows + 1, 4 * kRows + 1, 8 * kRows, 13 * kRows + 5};

// left [rows, depth] @ right [depth, columns], added to `before`.
std::vector<float> product(Index rows, Index columns, Index depth, const std::vector<float>& left,
                           const std::vector<float>& right, const std::vector<float>& before) {
  std::vector<float> made = before;
  for (Index i = 0; i < rows; ++i)
    for (Index n = 0; n < columns; ++n) {
      double total = 0;
      for (Index k = 0; k < depth; ++k)
        total += static_cast<double>(left[static_cast<std::size_t>(i * depth + k)]) *
                 static_cast<double>(right[static_cast<std::size_t>(k * columns + n)]);
      made[static_cast<std::size_t>(i * columns + n)] += static_cast<float>(total);
    }
  return made;
}

std::vector<float> transposed(const std::vector<float>& matrix, Index rows, Index columns) {
  std::vector<float> made(matrix.size());
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j)
      made[static_cast<std::size_t>(j * rows + i)] = matrix[static_cast<std::size_t>(i * columns + j)];
  return made;
}

TEST(panels_hold_the_columns_and_zeros) {
  for (const Edge edge : kEdges)
    for (const Index columns : kSizes)
      for (const Index depth : {Index{0}, Index{1}, Index{5}, Index{16}, Index{33}}) {
        const std::vector<float> values = numbers(depth * columns, 7);
        Guarded straight(values, edge), turned(transposed(values, depth, columns), edge);
        Guarded packed(packed_size(depth, columns), edge, kNan), packed_turned(packed_size(depth, columns), edge, kNan);
        pack(straight, columns, depth, columns, packed);
        pack_transposed(turned, depth, depth, columns, packed_turned);
        for (Index n = 0; n < panels(columns) * kPanel; ++n)
          for (Index k = 0; k < depth; ++k) {
            const Index place = (n / kPanel * depth + k) * kPanel + n % kPanel;
            const float expected = n < columns ? values[static_cast<std::size_t>(k * columns + n)] : 0.0f;
            CHECK(packed[place] == expected && packed_turned[place] == expected);
          }
        CHECK(packed.intact() && packed_turned.intact());
      }
}

TEST(panels_of_wider_rows_leave_the_rest_alone) {
  constexpr Index depth = 3, columns = kPanel + 1, stride = columns + 5;
  const std::vector<float> values = numbers(depth * stride, 8);
  // The last row ends with its last column: what would follow is not there.
  Guarded matrix(std::vector<float>(values.begin(), values.end() - 5), Edge::behind);
  Guarded packed(packed_size(depth, columns), Edge::behind);
  pack(matrix, stride, depth, columns, packed);
  for (Index k = 0; k < depth; ++k)
    CHECK(packed[(depth + k) * kPanel] == values[static_cast<std::size_t>(k * stride + kPanel)]);
}

template <bool Added>
void check_product(Index rows, Index columns, Index depth, Edge edge) {
  const std::vector<float> left = numbers(rows * depth, 1), right = numbers(depth * columns, 2);
  const std::vector<float> before = numbers(rows * columns, 3);
  const std::vector<float> zeros(before.size());
  const std::vector<float> expected = product(rows, columns, depth, left, right, Added ? before : zeros);
  Guarded packed(packed_size(depth, columns), edge), unpacked(right, edge);
  pack(unpacked, columns, depth, columns, packed);
  Guarded straight(left, edge), turned(transposed(left, rows, depth), edge), out(before, edge), out_turned(before, edge);
  multiply<Added>(rows, columns, depth, straight, depth, 1, packed, out, columns);
  multiply<Added>(rows, columns, depth, turned, 1, rows, packed, out_turned, columns);
  CHECK(close(out.values(), expected, kTolerance) && close(out_turned.values(), expected, kTolerance));
  CHECK(out.intact() && out_turned.intact());
}

TEST(products_are_those_of_double_loops) {
  for (const Edge edge : kEdges)
    for (const Index rows : kHeights)
      for (const Index columns : kSizes)
        for (const Index depth : {Index{0}, Index{1}, Index{7}, Index{64}}) {
          check_product<false>(rows, columns, depth, edge);
          check_product<true>(rows, columns, depth, edge);
        }
}

TEST(no_numbers_reach_their_row_and_column_only) {
  constexpr Index rows = kRows + 1, columns = kPanel + 1, depth = 3;
  std::vector<float> left(rows * depth, 1.0f), right(depth * columns, 1.0f);
  left[2 * depth] = kNan;
  right[columns - 1] = kInfinity;
  std::vector<float> packed(static_cast<std::size_t>(packed_size(depth, columns))), out(rows * columns);
  pack(right.data(), columns, depth, columns, packed.data());
  multiply(rows, columns, depth, left.data(), depth, 1, packed.data(), out.data(), columns);
  for (Index i = 0; i < rows; ++i)
    for (Index n = 0; n < columns; ++n) {
      const float found = out[static_cast<std::size_t>(i * columns + n)];
      CHECK(i == 2 ? std::isnan(found) : found == (n == columns - 1 ? kInfinity : 3.0f));
    }
}

TEST(tiles_start_with_a_bias_and_apply_functions) {
  for (const Edge edge : kEdges)
    for (Index columns = 1; columns <= kPanel; ++columns)
      for (int rows = 1; rows <= kRows; ++rows) {
        Guarded bias(columns, edge, 2.0f), left(rows, edge, 3.0f), packed(kPanel, edge, 1.0f);
        Guarded out(rows * columns, edge);
        with_tile(rows, columns, [&](auto tile) {
          const float* starts[decltype(tile)::rows];
          for (int r = 0; r < decltype(tile)::rows; ++r) starts[r] = left + r;
          tile.start(bias, columns);
          tile.add(starts, 1, 1, packed);
          tile.apply([](Floats x) { return x * x; });
          tile.write(out, columns, columns);
          tile.write_added(out, columns, columns);
        });
        for (const float value : out.values()) CHECK(value == 50.0f);
        CHECK(out.intact());
      }
}

TEST(tiles_cover_each_place_once) {
  for (const Index rows : kHeights)
    for (const Index columns : kSizes)
      for (const Index block : {Index{1}, Index{kRows}, Index{8 * kRows}}) {
        std::vector<int> seen(static_cast<std::size_t>(rows * columns));
        const auto fill = [&](auto tile, Index row, Index column) {
          CHECK(decltype(tile)::rows <= kRows && column % kPanel == 0);
          for (Index i = row; i < row + decltype(tile)::rows; ++i)
            for (Index n = column; n < std::min<Index>(columns, column + decltype(tile)::vectors * kWidth); ++n)
              ++seen[static_cast<std::size_t>(i * columns + n)];
        };
        tiled(rows, columns, fill, block);
        for (const int times : seen) CHECK(times == 1);
      }
}

}  // namespace
}  // namespace ranvier::test
