/* @NAME@: who stands high and who low between the smallest and the largest value of all customers. */
#include <tarazu/plugin.hpp>

namespace {

struct segmenter {
  static constexpr auto role = TARAZU_SEGMENTER;
  static constexpr auto id = "@NAME@", version = "1.0", license = "MIT";
  static constexpr auto summary = "high and low, cut between the smallest and the largest value";

  enum { CUT };
  static constexpr tarazu::param params[] = {
      tarazu::param("cut", TARAZU_PROPORTION, "how far up the range, from smallest to largest, 'high' begins")
          .by_default("50%")
          .between(0, 1)};
  static constexpr tarazu::field fields[] = {{"value", TARAZU_F64, "what is compared"}};
  static constexpr tarazu::input inputs[] = {
      tarazu::input("value", TARAZU_ATTRIBUTES, fields, "the score where nothing is said").bound_to("score")};
  static constexpr tarazu::output outputs[] = {{"segment", TARAZU_TEXT, 0, "high or low"}};

  enum { LOW, HIGH }; /* codes of the output */
  static constexpr const char *names[] = {"low", "high"};

  /* In flat bytes: tarazu zeroes, copies and keeps it. */
  struct state {
    int64_t seen;
    double least, most;
  } learned;
  double cut;

  void create(tarazu::context, tarazu::args args) { cut = args[CUT].real; }

  /* Several shares of the customers are learned side by side, each into a state of its own, ... */
  void learn(state &into, tarazu::batch batch) const
  {
    auto x = batch.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++)
      if (x.known(i)) merge(into, {1, x[i], x[i]});
  }

  /* ... then put together. */
  void merge(state &into, const state &more) const
  {
    if (!more.seen) return;
    if (!into.seen || more.least < into.least) into.least = more.least;
    if (!into.seen || more.most > into.most) into.most = more.most;
    into.seen += more.seen;
  }

  void apply(tarazu::batch batch, tarazu::results results) const
  {
    double from = (1 - cut) * learned.least + cut * learned.most; /* no difference that could overflow */
    if (from > learned.most) from = learned.most;
    auto x = batch.column<double>(0);
    auto segment = results.column<int32_t>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      if (x.known(i)) segment[i] = x[i] >= from ? HIGH : LOW;
      else segment.set_null(i);
    }
  }

  std::span<const char *const> labels(uint32_t) const { return names; }
};

} // namespace

TARAZU_PLUGIN("@NAME@", segmenter);
