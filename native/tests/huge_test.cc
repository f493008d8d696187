// More than 2^31 numbers: in arrays whose pages are few pages again and again, so that they need no memory.
//
// What is read repeats, so what is written repeats too, if places are counted in 64 bits: 32 would count out of the
// array. The pages around each array may not be touched. Places are counted alike for all instruction sets, so that one
// set will do: each array takes two million page faults.
#include <sys/mman.h>
#include <unistd.h>

#include "../src/attention.h"
#include "../src/conv.h"
#include "../src/cross_entropy.h"
#include "../src/dense.h"
#include "../src/layer_norm.h"
#include "../src/lstm.h"
#include "../src/pool.h"
#include "check.h"

#if defined(__linux__) && !RV_SANITIZED && !defined(__AVX2__)

namespace ranvier::test {
namespace {

constexpr Index kMany = (Index{1} << 31) + (Index{1} << 24);
constexpr Index kPeriod = Index{1} << 20;  // numbers that repeat
constexpr std::size_t kBytes = static_cast<std::size_t>(kPeriod) * sizeof(float);

// kMany numbers, of which kPeriod are in memory.
class Repeated {
 public:
  explicit Repeated(unsigned seed = 0) {
    const int file = memfd_create("ranvier", 0);
    const std::size_t guard = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    size_ = kMany / kPeriod * kBytes + 2 * guard;
    memory_ = static_cast<char*>(mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    bool good = file >= 0 && memory_ != MAP_FAILED && ftruncate(file, static_cast<off_t>(kBytes)) == 0;
    for (std::size_t at = guard; good && at < size_ - guard; at += kBytes)
      good = mmap(memory_ + at, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED;
    if (file >= 0) ::close(file);
    if (!good) throw std::runtime_error("no memory for a huge array");
    data = reinterpret_cast<float*>(memory_ + guard);
    const std::vector<float> values = numbers(kPeriod, seed);
    std::memcpy(data, values.data(), kBytes);
  }
  ~Repeated() { munmap(memory_, size_); }
  Repeated(const Repeated&) = delete;
  Repeated& operator=(const Repeated&) = delete;

  float* data;

 private:
  std::size_t size_;
  char* memory_;
};

// Whether the first `count` numbers are those of a small array.
bool begins(const float* found, const std::vector<float>& expected) {
  return close(std::vector<float>(found, found + expected.size()), expected, 1e-5);
}

std::vector<float> room(Index count) { return std::vector<float>(static_cast<std::size_t>(count)); }

TEST(huge_rows_are_normalized) {
  constexpr Index width = 64, rows = kMany / width, few = kPeriod / width;
  const std::vector<float> gamma = numbers(width, 1), beta = numbers(width, 2);
  Repeated x(3), dy(4), y, dx;
  std::vector<float> mean = room(rows), factor = room(rows), small = room(kPeriod);
  std::vector<float> dgamma = room(width), dbeta = room(width);
  layer_norm_forward(few, width, x.data, gamma.data(), beta.data(), 1e-3f, small.data(), mean.data(), factor.data());
  layer_norm_forward(rows, width, x.data, gamma.data(), beta.data(), 1e-3f, y.data, mean.data(), factor.data());
  CHECK(begins(y.data, small) && mean.front() == mean[static_cast<std::size_t>(rows - few)]);
  const auto back = [&](Index count, float* to) {
    layer_norm_backward(count, width, x.data, gamma.data(), mean.data(), factor.data(), dy.data, to, dgamma.data(),
                        dbeta.data());
  };
  back(few, small.data());
  back(rows, dx.data);
  CHECK(begins(dx.data, small));
}

// Pictures of 16 x 16 places and 4 channels; windows far apart look at few of them.
constexpr Index kSide = 16, kChannels = 4, kPicture = kSide * kSide * kChannels, kPictures = kMany / kPicture;
constexpr Index kFew = kPeriod / kPicture;

TEST(huge_pictures_are_convolved) {
  constexpr Sliding far{2, 7, 1, 0, 3};
  const Index outputs = far.places * far.places * kChannels;
  const Convolution many{kPictures, kSide, kSide, kChannels, kChannels, 1, far, far, false};
  Convolution few = many;
  few.pictures = kFew;
  const std::vector<float> w = numbers(many.depth() * kChannels, 1);
  Repeated x(2), dx;
  std::vector<float> y = room(kPictures * outputs), small = room(kFew * outputs), dw = room(many.depth() * kChannels);
  std::vector<float> small_dx = room(kPeriod);
  convolution_forward(few, x.data, w.data(), nullptr, small.data());
  convolution_forward(many, x.data, w.data(), nullptr, y.data());
  CHECK(begins(y.data(), small) && begins(y.data() + (kPictures - kFew) * outputs, small));
  convolution_backward(few, x.data, w.data(), nullptr, y.data(), small_dx.data(), dw.data(), nullptr);
  convolution_backward(many, x.data, w.data(), nullptr, y.data(), dx.data, dw.data(), nullptr);
  CHECK(begins(dx.data, small_dx));
}

TEST(huge_pictures_are_pooled) {
  constexpr Sliding far{2, 7, 1, 0, 3};
  const Index outputs = far.places * far.places * kChannels;
  const Pooling many{kPictures, kSide, kSide, kChannels, far, far}, few{kFew, kSide, kSide, kChannels, far, far};
  Repeated x(1), dx;
  std::vector<float> y = room(kPictures * outputs), small = room(kFew * outputs), small_dx = room(kPeriod);
  std::vector<Byte> winners(y.size());
  max_pool_forward(few, x.data, small.data(), nullptr);
  max_pool_forward(many, x.data, y.data(), winners.data());
  CHECK(begins(y.data(), small) && begins(y.data() + (kPictures - kFew) * outputs, small));
  max_pool_backward(few, winners.data(), y.data(), small_dx.data());
  max_pool_backward(many, winners.data(), y.data(), dx.data);
  CHECK(begins(dx.data, small_dx));
}

TEST(huge_rows_are_multiplied) {
  constexpr Index width = 256, rows = kMany / width, few = kPeriod / width;
  const std::vector<float> kernel = numbers(width, 1);
  Repeated x(2), dx;
  std::vector<float> y = room(rows), small = room(few), small_dx = room(kPeriod), dkernel = room(width);
  dense_forward(few, width, 1, Activation::kNone, x.data, kernel.data(), nullptr, small.data(), nullptr);
  dense_forward(rows, width, 1, Activation::kNone, x.data, kernel.data(), nullptr, y.data(), nullptr);
  CHECK(begins(y.data(), small) && begins(y.data() + rows - few, small));
  const auto back = [&](Index count, float* to) {
    dense_backward(count, width, 1, Activation::kNone, x.data, kernel.data(), nullptr, y.data(), to, dkernel.data(),
                   nullptr);
  };
  back(few, small_dx.data());
  back(rows, dx.data);
  CHECK(begins(dx.data, small_dx));
}

TEST(huge_logits_have_losses) {
  constexpr Index classes = 256, rows = kMany / classes, few = kPeriod / classes;
  const std::vector<std::int32_t> labels(static_cast<std::size_t>(rows), 7);
  Repeated logits(1), shares, d_logits;
  std::vector<float> losses = room(rows), small = room(few), small_shares = room(kPeriod), small_d = room(kPeriod);
  cross_entropy_forward(few, classes, logits.data, labels.data(), small.data(), small_shares.data());
  cross_entropy_forward(rows, classes, logits.data, labels.data(), losses.data(), nullptr);
  CHECK(begins(losses.data(), small) && begins(losses.data() + rows - few, small));
  std::memcpy(shares.data, small_shares.data(), kBytes);
  cross_entropy_backward(few, classes, labels.data(), small_shares.data(), losses.data(), small_d.data());
  cross_entropy_backward(rows, classes, labels.data(), shares.data, losses.data(), d_logits.data);
  CHECK(begins(d_logits.data, small_d));
}

TEST(huge_keys_are_attended) {
  constexpr Index keys = 64, size = 32, batch = kMany / (keys * size), few = kPeriod / (keys * size);
  const std::vector<float> value = numbers(batch * keys, 2);
  const std::vector<float> query(static_cast<std::size_t>(batch * size), 0.5f);
  Repeated key(1);
  std::vector<float> out = room(batch), log_sum = room(batch), small = room(few), small_sum = room(few);
  Attention a{few, 1, keys, 1, 1, size, 1, nullptr, 0, 0, 0, 0, false, 0.5f};
  attention_forward(a, query.data(), key.data, value.data(), small.data(), small_sum.data());
  a.batch = batch;
  attention_forward(a, query.data(), key.data, value.data(), out.data(), log_sum.data());
  CHECK(begins(out.data(), small) && begins(log_sum.data() + batch - few, small_sum));
}

TEST(huge_sequences_are_followed) {
  constexpr Index steps = 8, features = 64, batch = kMany / (steps * features), few = kPeriod / (steps * features);
  const std::vector<float> kernel = numbers(features * 4, 2), recurrent = numbers(4, 3), bias = numbers(4, 4);
  const std::vector<float> zeros(static_cast<std::size_t>(batch));
  Repeated x(1);
  std::vector<float> h = room(batch), c = room(batch), small = room(few), small_c = room(few);
  const auto last = [&](Index rows, std::vector<float>& to, std::vector<float>& carried) {
    recurrent_forward<LstmCell>({rows, steps, features, 1}, {kernel.data(), recurrent.data(), bias.data(), false},
                                {false, false, nullptr},
                                {x.data, zeros.data(), zeros.data(), nullptr, to.data(), carried.data(), nullptr,
                                 nullptr, nullptr});
  };
  last(few, small, small_c);
  last(batch, h, c);
  CHECK(begins(h.data(), small) && begins(h.data() + batch - few, small));
}

}  // namespace
}  // namespace ranvier::test

#endif
