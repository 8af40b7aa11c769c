/* @NAME@: what one order of a customer is worth on average; not known of who ordered too seldom. */
#include <tarazu/plugin.hpp>

namespace {

struct scorer {
  static constexpr auto role = TARAZU_SCORER;
  static constexpr auto id = "@NAME@", version = "1.0", license = "MIT";
  static constexpr auto summary = "what one order is worth on average";

  enum { WINDOW, LEAST_ORDERS };
  static constexpr tarazu::param params[] = {
      tarazu::param("window", TARAZU_DURATION, "how far back orders count").by_default("52 weeks").between(1, 36525),
      tarazu::param("least_orders", TARAZU_INTEGER, "of fewer nothing is concluded").by_default("2").between(1, 1e6)};

  enum { ORDERS, MEAN }; /* columns of a batch, one value a customer: tarazu makes them of her rows */
  static constexpr tarazu::field amount{"amount", TARAZU_F64, "what an order is worth"};
  static constexpr tarazu::field fields[] = {amount.as(TARAZU_COUNT).within("window"),
                                             amount.as(TARAZU_MEAN).within("window")};
  static constexpr tarazu::input inputs[] = {{"orders", TARAZU_EVENTS, fields, "what customers ordered"}};
  static constexpr tarazu::output outputs[] = {{"worth", TARAZU_F64, 1, "the mean of the orders' amounts"}};

  int64_t least_orders;

  void create(tarazu::context, tarazu::args args) { least_orders = args[LEAST_ORDERS].integer; }

  void apply(tarazu::batch batch, tarazu::results results) const
  {
    auto orders = batch.column<int64_t>(ORDERS);
    auto mean = batch.column<double>(MEAN);
    auto worth = results.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      if (mean.known(i) && orders[i] >= least_orders) worth[i] = mean[i];
      else worth.set_null(i);
    }
  }
};

} // namespace

TARAZU_PLUGIN("@NAME@", scorer);
