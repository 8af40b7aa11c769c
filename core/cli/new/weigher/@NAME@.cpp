/* @NAME@: a criterion weighs what the profile says, times the share of the customers of whom it is known. */
#include <tarazu/plugin.hpp>
#include <vector>

namespace {

struct weigher {
  static constexpr auto role = TARAZU_WEIGHER;
  static constexpr auto id = "@NAME@", version = "1.0", license = "MIT";
  static constexpr auto summary = "criteria that are known of more customers weigh more";
  static constexpr tarazu::field fields[] = {{"value", TARAZU_F64, "a criterion"}};
  static constexpr tarazu::input inputs[] = {
      tarazu::input("criteria", TARAZU_ATTRIBUTES, fields, "the criteria to weigh").bound_to("criteria").any_number()};

  std::vector<double> weight; /* of each criterion */

  void create(tarazu::context context, tarazu::args)
  {
    for (uint32_t c = 0; c < context.columns(); c++) weight.push_back(context.column(c).weight);
  }

  /* Whole columns, one a criterion. The share is Laplace's (1814), which is never 0: (known + 1) / (customers + 2). */
  void fit(tarazu::spaces spaces)
  {
    auto customers = spaces.customers();
    for (uint32_t c = 0; c < customers.columns(); c++) {
      auto criterion = customers.column<double>(c);
      int64_t known = 0;
      for (int64_t i = 0; i < customers.rows(); i++) known += criterion.known(i);
      weight[c] *= static_cast<double>(known + 1) / static_cast<double>(customers.rows() + 2);
    }
  }

  /* They need not add up to 1. */
  void weights(std::span<double> out) const
  {
    for (std::size_t c = 0; c < out.size(); c++) out[c] = weight[c];
  }
};

} // namespace

TARAZU_PLUGIN("@NAME@", weigher);
