/* A scorer that throws where its parameter says: nothing that is thrown may cross the border. */
#include <new>
#include <stdexcept>
#include <tarazu/plugin.hpp>

namespace {

struct throwing {
  static constexpr auto role = TARAZU_SCORER;
  static constexpr auto id = "throwing", version = "1.0", license = "MIT", summary = "throws";

  static constexpr const char *places[] = {"create", "learn", "apply", "apply_memory", nullptr};
  static constexpr tarazu::param params[] = {tarazu::param("in", TARAZU_CHOICE, "the function").one_of(places)};
  static constexpr tarazu::field fields[] = {{"value", TARAZU_F64, "any number"}};
  static constexpr tarazu::input inputs[] = {{"value", TARAZU_ATTRIBUTES, fields, "any number"}};
  static constexpr tarazu::output outputs[] = {{"score", TARAZU_F64, 1, "never given"}};

  struct {
    int64_t nothing;
  } learned;
  using state = decltype(learned);
  int64_t in;

  void create(tarazu::context, tarazu::args args)
  {
    in = args[0].integer;
    if (in == 0) throw std::runtime_error("thrown by create");
  }
  void learn(state &, tarazu::batch) const
  {
    if (in == 1) throw 42;
  }
  void merge(state &, const state &) const
  {
  }
  void apply(tarazu::batch, tarazu::results) const
  {
    if (in == 3) throw std::bad_alloc();
    throw std::runtime_error("thrown by apply");
  }
};

} // namespace

TARAZU_PLUGIN("throwing", throwing);
