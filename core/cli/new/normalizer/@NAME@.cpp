/* @NAME@: each value as a share of the largest one, signs aside; negative for a criterion of which less is better. */
#include <tarazu/plugin.hpp>

namespace {

struct normalizer {
  static constexpr auto role = TARAZU_NORMALIZER;
  static constexpr auto id = "@NAME@", version = "1.0", license = "MIT";
  static constexpr auto summary = "each value as a share of the largest one";
  static constexpr tarazu::field fields[] = {{"value", TARAZU_F64, "what is made comparable"}};
  static constexpr tarazu::input inputs[] = {{"value", TARAZU_ATTRIBUTES, fields, "one criterion"}};
  static constexpr tarazu::output outputs[] = {{"share", TARAZU_F64, 1, "from -1 to 1, of the largest value"}};

  /* In flat bytes: tarazu zeroes, copies and keeps it. */
  struct {
    double largest;
  } learned;
  using state = decltype(learned);
  bool cost;

  void create(tarazu::context context, tarazu::args) { cost = context.column(0).better < 0; }

  /* Several shares of the customers are learned side by side, each into a state of its own, ... */
  void learn(state &into, tarazu::batch batch) const
  {
    auto x = batch.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      if (!x.known(i)) continue;
      double size = x[i] < 0 ? -x[i] : x[i];
      if (size > into.largest) into.largest = size;
    }
  }

  /* ... then put together. */
  void merge(state &into, const state &more) const
  {
    if (more.largest > into.largest) into = more;
  }

  /* A what-if may ask for a value beyond the largest that was learned: it is held there. */
  double share_of(double x) const
  {
    double largest = learned.largest;
    if (!(largest > 0)) return 0;
    double share = x >= largest ? 1 : x <= -largest ? -1 : x / largest;
    return cost ? 0 - share : share;
  }

  void apply(tarazu::batch batch, tarazu::results results) const
  {
    auto x = batch.column<double>(0);
    auto share = results.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      if (x.known(i)) share[i] = share_of(x[i]);
      else share.set_null(i);
    }
  }
};

} // namespace

TARAZU_PLUGIN("@NAME@", normalizer);
