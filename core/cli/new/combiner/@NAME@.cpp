/* @NAME@: the weighted mean of the criteria, drawn toward the customer's weakest one. */
#include <tarazu/plugin.hpp>

namespace {

struct combiner {
  static constexpr auto role = TARAZU_COMBINER;
  static constexpr auto id = "@NAME@", version = "1.0", license = "MIT", normalizer = "minmax";
  static constexpr auto summary = "the weighted mean, drawn toward the weakest criterion";

  enum { WEAKEST };
  static constexpr tarazu::param params[] = {
      tarazu::param("weakest", TARAZU_PROPORTION, "how far the score goes from the mean to the weakest criterion")
          .by_default("25%")
          .between(0, 1)};
  static constexpr tarazu::field fields[] = {{"value", TARAZU_F64, "a criterion"}};
  static constexpr tarazu::input inputs[] = {
      tarazu::input("criteria", TARAZU_ATTRIBUTES, fields, "the criteria to combine").bound_to("criteria").any_number()};
  static constexpr tarazu::output outputs[] = {
      {"score", TARAZU_F64, 1, "between the mean and the weakest criterion"}};

  tarazu::context context;
  double weakest;

  void create(tarazu::context given, tarazu::args args) { context = given, weakest = args[WEAKEST].real; }

  /* More is better after a normalizer; without one a cost comes as it is, and counts against her. */
  double sign(uint32_t criterion) const { return context.column(criterion).better < 0 ? -1 : 1; }

  /* There are no nulls: a criterion that these customers lack is a column that is not bound, of weight 0. */
  void apply(tarazu::batch batch, tarazu::results results) const
  {
    auto score = results.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      double mean = 0, least = 0;
      int some = 0;
      for (uint32_t c = 0; c < batch.columns(); c++) {
        auto criterion = batch.column<double>(c);
        if (!criterion.bound() || !(batch.weight(c) > 0)) continue;
        double x = sign(c) * criterion[i];
        mean += batch.weight(c) * x;
        if (!some++ || x < least) least = x;
      }
      if (some) score[i] = (1 - weakest) * mean + weakest * least;
      else score.set_null(i);
    }
  }
};

} // namespace

TARAZU_PLUGIN("@NAME@", combiner);
