/* A scorer by plugin.hpp: each customer's value as a share of the largest one, learned. It keeps a model, refuses,
 * reports facts and explains, each by its wrapper. */
#include <cstdio>
#include <string>
#include <tarazu/plugin.hpp>

namespace {

struct share {
  static constexpr auto role = TARAZU_SCORER;
  static constexpr auto id = "share_cpp", version = "1.0", license = "MIT";
  static constexpr auto summary = "the value as a share of the largest one";

  enum { FROM };
  static constexpr tarazu::param params[] = {
      tarazu::param("from", TARAZU_PROPORTION, "shares below it count as it").by_default("0%").between(0, 1)};
  static constexpr tarazu::field fields[] = {{"value", TARAZU_F64, "what is compared"}};
  static constexpr tarazu::input inputs[] = {{"value", TARAZU_ATTRIBUTES, fields, "one value a customer"}};
  static constexpr tarazu::output outputs[] = {{"share", TARAZU_F64, 1, "from 0 to 1, of the largest value"}};

  struct state {
    int64_t seen;
    double largest;
  } learned;
  double from;
  std::string refused; /* makes the destructor count */
  tarazu_fact fact;

  void create(tarazu::context context, tarazu::args args)
  {
    from = args[FROM].real;
    refused = std::string("only values of 0 and above have shares, as of ") + std::to_string(context.as_of());
    fact = {.name = "largest", .text = nullptr, .value = 0, .error = -1, .level = 0, .reserved = 0};
  }

  tarazu_status learn(state &into, tarazu::batch batch, tarazu_error *error) const
  {
    auto x = batch.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      if (!x.known(i)) continue;
      if (x[i] < 0) {
        error->row = batch.number(i);
        return tarazu_fail(error, TARAZU_BAD_DATA, "%g is negative; expected 0 or more", x[i]);
      }
      into.seen++;
      if (x[i] > into.largest) into.largest = x[i];
    }
    return TARAZU_OK;
  }

  void merge(state &into, const state &more) const
  {
    into.seen += more.seen;
    if (more.largest > into.largest) into.largest = more.largest;
  }

  void finish(const state &all, bool &)
  {
    learned = all;
    fact.value = all.largest;
  }

  tarazu_status load(std::span<const std::byte> bytes, tarazu_error *error)
  {
    if (bytes.size() != sizeof learned)
      return tarazu_fail(error, TARAZU_BAD_DATA, "%zu bytes, expected %zu", bytes.size(), sizeof learned);
    std::memcpy(&learned, bytes.data(), bytes.size());
    if (!(learned.largest >= 0)) return tarazu_fail(error, TARAZU_BAD_DATA, "a model whose largest value is below 0");
    fact.value = learned.largest;
    return TARAZU_OK;
  }

  double share_of(double x) const
  {
    double part = !(learned.largest > 0) ? 0 : x >= learned.largest ? 1 : x / learned.largest;
    return part < from ? from : part;
  }

  /* What-ifs may ask for values that were never learned. */
  tarazu_status apply(tarazu::batch batch, tarazu::results results, tarazu_error *error) const
  {
    auto x = batch.column<double>(0);
    auto out = results.column<double>(0);
    for (int64_t i = 0; i < batch.rows(); i++) {
      if (!x.known(i)) out.set_null(i);
      else if (x[i] < 0) return tarazu_fail(error, TARAZU_BAD_DATA, "%s", refused.c_str());
      else out[i] = share_of(x[i]);
    }
    return TARAZU_OK;
  }

  std::span<const tarazu_fact> facts() const
  {
    return {&fact, 1};
  }

  void reasons(tarazu::batch row, tarazu::writer writer) const
  {
    auto x = row.column<double>(0);
    char line[80];
    if (!x.known(0)) return;
    std::snprintf(line, sizeof line, "has %g, the largest is %g\n", x[0], learned.largest);
    writer.write(line);
  }
};

} // namespace

TARAZU_PLUGIN("share_cpp", share);
