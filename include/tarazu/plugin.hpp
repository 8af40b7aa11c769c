/* tarazu/plugin.hpp: a strategy as a C++ class, in place of plugin.h's tables of functions. Header only, C++20, with no
 * run-time part: a plugin of it is the same C ABI, and builds with -fno-exceptions -fno-rtti as well.
 *
 * A strategy is a struct whose static members declare it and whose other members do the work; what it does not have is
 * left out of the descriptor. Its life, and who calls what in which thread, is told in plugin.h.
 *
 *   struct delight {
 *     static constexpr auto role = TARAZU_SCORER;
 *     static constexpr auto id = "delight", version = "1.0", license = "MIT", summary = "customers who are delighted";
 *     static constexpr tarazu::field fields[] = {{"satisfaction", TARAZU_F64, "from 0 to 10"}};
 *     static constexpr tarazu::input inputs[] = {{"customers", TARAZU_ATTRIBUTES, fields, "who was asked"}};
 *     static constexpr tarazu::output outputs[] = {{"delight", TARAZU_F64, 1, "1: delighted"}};
 *     void apply(tarazu::batch batch, tarazu::results results) const
 *     {
 *       auto asked = batch.column<double>(0);
 *       auto out = results.column<double>(0);
 *       for (int64_t i = 0; i < batch.rows(); i++)
 *         if (asked.known(i)) out[i] = asked[i] >= 9;
 *         else out.set_null(i);
 *     }
 *   };
 *   TARAZU_PLUGIN("delight", delight);
 *
 * Static members: role, id, version, license, summary; params, inputs, outputs, normalizer, flags where there are any.
 * Members, each of which returns tarazu_status or nothing, and may take a last argument `tarazu_error *`:
 *
 *   create(tarazu::context, tarazu::args)              what the profile says
 *   apply(tarazu::batch, tarazu::results) const
 *   fit(tarazu::spaces)                                whole columns, or:
 *   learn(STATE &, tarazu::batch) const                a block of rows into a state: flat bytes, zero at first
 *   merge(STATE &, const STATE &) const
 *   finish(const STATE &, bool &again)
 *   weights(std::span<double>) const                   weighers
 *   labels(uint32_t output) const                      std::span<const char *const>; segmenters
 *   facts() const                                      std::span<const tarazu_fact>
 *   save(tarazu::writer) const, load(std::span<const std::byte>)
 *   reasons(tarazu::batch, tarazu::writer) const
 *   contributions(tarazu::batch, tarazu::results, double &baseline) const
 *
 * STATE is `typename Self::state`, or the type of a data member `learned`. Of a strategy that has that member, finish
 * (which keeps the state there), save and load are written here unless it has its own. The class has a default
 * constructor that does not throw and works on any bytes; its destructor runs in destroy. What is thrown elsewhere ends
 * in the function's error and never crosses the border. */
#ifndef TARAZU_PLUGIN_HPP
#define TARAZU_PLUGIN_HPP

#if !defined(__cpp_concepts) || __cplusplus < 202002L
#error "tarazu/plugin.hpp needs C++20: compile with -std=c++20"
#else

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <tarazu/plugin.h>
#include <type_traits>
#if defined(__cpp_exceptions)
#include <exception>
#endif

namespace tarazu {

/* ---- declarations: each is the struct of plugin.h, and can be refined by calls that return a changed copy ------- */

namespace detail {
template <class Item, class Member, class Value> constexpr Item with(Item item, Member member, Value value)
{
  item.*member = value;
  return item;
}
} // namespace detail

template <class Item, std::size_t N> constexpr tarazu_list list_of(const Item (&items)[N])
{
  return {items, static_cast<uint32_t>(N), static_cast<uint32_t>(sizeof(Item))};
}

struct param : tarazu_param {
  constexpr param(const char *param_name, tarazu_kind param_kind, const char *param_help) : tarazu_param{}
  {
    name = param_name, kind = static_cast<uint32_t>(param_kind), help = param_help;
  }
  /* The default, as a profile would write it; a parameter without one, and not or_absent, must be given. */
  constexpr param by_default(const char *written) const
  {
    return detail::with(*this, &tarazu_param::initial, written);
  }
  constexpr param in(const char *its_unit) const
  {
    return detail::with(*this, &tarazu_param::unit, its_unit);
  }
  constexpr param or_absent() const
  {
    return detail::with(*this, &tarazu_param::optional, 1u);
  }
  constexpr param between(double at_least, double at_most) const
  {
    return detail::with(detail::with(*this, &tarazu_param::least, at_least), &tarazu_param::most, at_most);
  }
  constexpr param one_of(const char *const *names) const
  {
    return detail::with(*this, &tarazu_param::choices, names);
  }
  template <std::size_t N> constexpr param of(const param (&record)[N]) const
  {
    return detail::with(*this, &tarazu_param::fields, list_of(record));
  }
};

struct field : tarazu_field {
  constexpr field(const char *field_name, tarazu_type field_type, const char *field_help) : tarazu_field{}
  {
    name = field_name, type = static_cast<uint32_t>(field_type), help = field_help;
  }
  /* One value a customer, out of her events. */
  constexpr field as(tarazu_aggregate kind) const
  {
    return detail::with(*this, &tarazu_field::aggregate, static_cast<uint32_t>(kind));
  }
  constexpr field of(tarazu_span events) const
  {
    return detail::with(*this, &tarazu_field::span, static_cast<uint32_t>(events));
  }
  constexpr field within(const char *duration) const
  {
    return detail::with(*this, &tarazu_field::window, duration);
  }
  constexpr field by(const char *duration) const
  {
    return detail::with(*this, &tarazu_field::period, duration);
  }
  constexpr field only(const char *condition) const
  {
    return detail::with(*this, &tarazu_field::when, condition);
  }
  constexpr field or_absent() const
  {
    return detail::with(*this, &tarazu_field::optional, 1u);
  }
};

struct input : tarazu_input {
  template <std::size_t N>
  constexpr input(const char *input_name, tarazu_shape input_shape, const field (&columns)[N], const char *input_help)
      : tarazu_input{}
  {
    name = input_name, shape = static_cast<uint32_t>(input_shape), fields = list_of(columns), help = input_help;
  }
  constexpr input bound_to(const char *what) const
  {
    return detail::with(*this, &tarazu_input::bind, what);
  }
  constexpr input any_number() const
  {
    return detail::with(*this, &tarazu_input::many, 1u);
  }
  constexpr input or_absent() const
  {
    return detail::with(*this, &tarazu_input::optional, 1u);
  }
};

struct output : tarazu_output {
  constexpr output(const char *output_name, tarazu_type output_type, int32_t is_better, const char *output_help)
      : tarazu_output{}
  {
    name = output_name, type = static_cast<uint32_t>(output_type), better = is_better, help = output_help;
  }
  constexpr output in(const char *its_unit) const
  {
    return detail::with(*this, &tarazu_output::unit, its_unit);
  }
  /* An end of the prediction interval of another output. */
  constexpr output end(tarazu_meaning which, uint32_t whose) const
  {
    return detail::with(detail::with(*this, &tarazu_output::meaning, static_cast<uint32_t>(which)), &tarazu_output::of,
                        whose);
  }
};

/* ---- what a strategy is given: views, to be passed by value and not kept beyond the call ------------------------ */

/* A column of type Value; of events, `events(row)` are one customer's. */
template <class Value> struct column {
  const tarazu_column *raw;

  bool bound() const
  {
    return raw;
  }
  bool known(int64_t row) const
  {
    return tarazu_is_valid(raw, row);
  }
  Value operator[](int64_t row) const
  {
    return values()[row];
  }
  const Value *values() const
  {
    return static_cast<const Value *>(raw->values);
  }
  std::span<const Value> events(int64_t row) const
  {
    return {values() + raw->offsets[row], static_cast<std::size_t>(raw->offsets[row + 1] - raw->offsets[row])};
  }
  /* Of TEXT, whose Value is int32_t. */
  std::string_view text(int64_t row) const
  {
    const int64_t *offsets = raw->dictionary->offsets + values()[row];
    return {raw->dictionary->bytes + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
  }
};

struct batch {
  const tarazu_batch *raw;

  int64_t rows() const
  {
    return raw->rows;
  }
  uint32_t columns() const
  {
    return raw->column_count;
  }
  uint32_t space() const
  {
    return raw->space;
  }
  double weight(uint32_t index) const
  {
    return raw->weights[index];
  }
  template <class Value> tarazu::column<Value> column(uint32_t index) const
  {
    return {raw->columns[index]};
  }
  /* -1: not a row of the run */
  int64_t number(int64_t row) const
  {
    return raw->row_numbers ? raw->row_numbers[row] : raw->first_row < 0 ? -1 : raw->first_row + row;
  }
};

template <class Value> struct result {
  tarazu_result *raw;

  bool wanted() const
  {
    return raw;
  }
  Value &operator[](int64_t row) const
  {
    return static_cast<Value *>(raw->values)[row];
  }
  void set_null(int64_t row) const
  {
    tarazu_set_null(raw, row);
  }
};

struct results {
  tarazu_result *const *raw;

  template <class Value> result<Value> column(uint32_t index) const
  {
    return {raw[index]};
  }
};

struct spaces {
  std::span<const tarazu_batch *const> raw;

  batch customers() const
  {
    return {raw[0]};
  }
  batch operator[](std::size_t index) const
  {
    return {raw[index]};
  }
};

struct context {
  const tarazu_context *raw;

  uint32_t columns() const
  {
    return raw->columns.count;
  }
  const tarazu_bound &column(uint32_t index) const
  {
    return *tarazu_bound_at(raw, index);
  }
  int64_t as_of() const
  {
    return raw->as_of;
  }
  const tarazu_host &host() const
  {
    return *raw->host;
  }
};

struct args {
  const tarazu_args *raw;

  const tarazu_value &operator[](uint32_t index) const
  {
    return *tarazu_arg(raw, index);
  }
};

struct writer {
  const tarazu_writer *raw;

  /* false: stop */
  bool write(const void *bytes, std::size_t count) const
  {
    return raw->write(raw, bytes, count);
  }
  bool write(std::string_view text) const
  {
    return write(text.data(), text.size());
  }
};

/* ---- how a class becomes a descriptor ------------------------------------------------------------------------- */

namespace detail {

template <class Self> struct state_of {
  using type = void;
};
template <class Self>
requires requires
{
  typename Self::state;
}
struct state_of<Self> {
  using type = typename Self::state;
};
template <class Self>
requires(
    !requires { typename Self::state; } && requires { &Self::learned; }) struct state_of<Self> {
  using type = decltype(Self::learned);
};

/* Nothing that is thrown leaves a plugin. */
template <class Call> tarazu_status guarded(tarazu_error *error, Call call) noexcept
{
#if defined(__cpp_exceptions)
  try {
    return call();
  } catch (const std::bad_alloc &) {
    return tarazu_fail(error, TARAZU_NO_MEMORY, "no memory");
  } catch (const std::exception &thrown) {
    return tarazu_fail(error, TARAZU_INTERNAL, "%s", thrown.what());
  } catch (...) {
    return tarazu_fail(error, TARAZU_INTERNAL, "something was thrown");
  }
#else
  (void)error;
  return call();
#endif
}

/* A member's result, of nothing or of a status. */
template <class Call> tarazu_status settled(Call call)
{
  if constexpr (std::is_void_v<decltype(call())>) return call(), TARAZU_OK;
  else return call();
}

/* The member, with or without a last argument for the error. */
template <class Self, class Member, class... Arguments>
tarazu_status called(tarazu_error *error, Self &self, Member member, Arguments &&...arguments) noexcept
{
  return guarded(error, [&]() -> tarazu_status {
    if constexpr (requires { (self.*member)(arguments..., error); })
      return settled([&] { return (self.*member)(arguments..., error); });
    else return settled([&] { return (self.*member)(arguments...); });
  });
}

template <class Self> const Self &of(const void *self)
{
  return *static_cast<const Self *>(self);
}
template <class Self> Self &of(void *self)
{
  return *static_cast<Self *>(self);
}

template <class Self>
tarazu_status create(void *self, const tarazu_context *given, const tarazu_args *values, tarazu_error *error)
{
  Self *made = ::new (self) Self();
  if constexpr (requires { &Self::create; }) return called(error, *made, &Self::create, context{given}, args{values});
  else return (void)made, (void)given, (void)values, (void)error, TARAZU_OK;
}

template <class Self> void destroy(void *self)
{
  of<Self>(self).~Self();
}

template <class Self> size_t state_size(const void *)
{
  return sizeof(typename state_of<Self>::type);
}

template <class Self> tarazu_status learn(const void *self, void *state, const tarazu_batch *rows, tarazu_error *error)
{
  using State = typename state_of<Self>::type;
  return called(error, of<Self>(self), &Self::learn, *static_cast<State *>(state), batch{rows});
}

template <class Self> tarazu_status merge(const void *self, void *into, const void *from, tarazu_error *error)
{
  using State = typename state_of<Self>::type;
  return called(error, of<Self>(self), &Self::merge, *static_cast<State *>(into), *static_cast<const State *>(from));
}

template <class Self> tarazu_status finish(void *self, const void *state, int32_t *again, tarazu_error *error)
{
  const auto &learned = *static_cast<const typename state_of<Self>::type *>(state);
  bool more = false;
  *again = 0;
  if constexpr (requires { &Self::finish; }) {
    tarazu_status status = called(error, of<Self>(self), &Self::finish, learned, more);
    *again = more;
    return status;
  } else {
    of<Self>(self).learned = learned;
    return (void)error, TARAZU_OK;
  }
}

template <class Self>
tarazu_status fit(void *self, const tarazu_batch *const *given, uint32_t count, tarazu_error *error)
{
  return called(error, of<Self>(self), &Self::fit, spaces{{given, count}});
}

template <class Self> tarazu_status save(const void *self, const tarazu_writer *to, tarazu_error *error)
{
  if constexpr (requires { &Self::save; }) return called(error, of<Self>(self), &Self::save, writer{to});
  else if (writer{to}.write(&of<Self>(self).learned, sizeof of<Self>(self).learned)) return TARAZU_OK;
  else return tarazu_fail(error, TARAZU_INTERNAL, "the model could not be written");
}

template <class Self> tarazu_status load(void *self, const void *bytes, size_t count, tarazu_error *error)
{
  if constexpr (requires { &Self::load; }) {
    std::span<const std::byte> model{static_cast<const std::byte *>(bytes), count};
    return called(error, of<Self>(self), &Self::load, model);
  } else {
    auto &learned = of<Self>(self).learned;
    if (count != sizeof learned)
      return tarazu_fail(error, TARAZU_BAD_DATA, "a model of %zu bytes, expected %zu", count, sizeof learned);
    std::memcpy(static_cast<void *>(&learned), bytes, count);
    return TARAZU_OK;
  }
}

template <class Self>
tarazu_status apply(const void *self, const tarazu_batch *rows, tarazu_result *const *out, tarazu_error *error)
{
  return called(error, of<Self>(self), &Self::apply, batch{rows}, results{out});
}

template <class Self> tarazu_status weights(const void *self, double *out, uint32_t count, tarazu_error *error)
{
  return called(error, of<Self>(self), &Self::weights, std::span<double>{out, count});
}

template <class Self> const char *const *labels(const void *self, uint32_t number, uint32_t *count)
{
  std::span<const char *const> names = of<Self>(self).labels(number);
  *count = static_cast<uint32_t>(names.size());
  return names.data();
}

template <class Self> tarazu_list facts(const void *self)
{
  std::span<const tarazu_fact> found = of<Self>(self).facts();
  return {found.data(), static_cast<uint32_t>(found.size()), static_cast<uint32_t>(sizeof(tarazu_fact))};
}

template <class Self>
tarazu_status contributions(const void *self, const tarazu_batch *rows, tarazu_result *const *out, double *baseline,
                            tarazu_error *error)
{
  return called(error, of<Self>(self), &Self::contributions, batch{rows}, results{out}, *baseline);
}

template <class Self>
tarazu_status reasons(const void *self, const tarazu_batch *row, const tarazu_writer *to, tarazu_error *error)
{
  return called(error, of<Self>(self), &Self::reasons, batch{row}, writer{to});
}

template <class Self> constexpr tarazu_explain described_explain()
{
  tarazu_explain explain{};
  explain.size = sizeof explain;
  if constexpr (requires { &Self::contributions; }) explain.contributions = contributions<Self>;
  if constexpr (requires { &Self::reasons; }) explain.reasons = reasons<Self>;
  return explain;
}
template <class Self> inline constexpr tarazu_explain explain = described_explain<Self>();

template <class Self> const void *extension(const char *id)
{
  if constexpr (requires { Self::extension(id); }) {
    if (const void *own = Self::extension(id)) return own;
  }
  constexpr bool explains = explain<Self>.contributions || explain<Self>.reasons;
  return explains && std::string_view(id) == "tarazu.explain/1" ? &explain<Self> : nullptr;
}

template <class Self> constexpr void add_learning(tarazu_strategy &s)
{
  constexpr bool keeps = requires
  {
    &Self::learned;
  };
  constexpr bool learns = requires
  {
    &Self::learn;
  };
  constexpr bool fits = requires
  {
    &Self::fit;
  };
  static_assert(!(learns && fits), "a strategy has learn (with merge), or fit, or neither");
  if constexpr (learns) {
    using State = typename state_of<Self>::type;
    static_assert(!std::is_void_v<State>, "learn needs a type `state`, or a data member `learned`");
    static_assert(std::is_trivially_copyable_v<State>, "a state is flat bytes: the host copies and ships it");
    s.state_size = state_size<Self>;
    s.learn = learn<Self>;
    s.merge = merge<Self>;
    s.finish = finish<Self>;
  }
  if constexpr (fits) s.fit = fit<Self>;
  if constexpr (keeps) static_assert(std::is_trivially_copyable_v<decltype(Self::learned)>, "`learned` is flat bytes");
  if constexpr (keeps || requires { &Self::save; }) s.save = save<Self>;
  if constexpr (keeps || requires { &Self::load; }) s.load = load<Self>;
}

template <class Self> constexpr tarazu_strategy described()
{
  static_assert(std::is_nothrow_default_constructible_v<Self>, "a strategy is made without arguments, in create");
  static_assert(alignof(Self) <= alignof(std::max_align_t), "the host's bytes are aligned as malloc's");
  tarazu_strategy s{};
  s.size = sizeof s;
  s.role = static_cast<uint32_t>(Self::role);
  s.id = Self::id, s.version = Self::version, s.license = Self::license, s.summary = Self::summary;
  if constexpr (requires { Self::normalizer; }) s.normalizer = Self::normalizer;
  if constexpr (requires { Self::params; }) s.params = list_of(Self::params);
  if constexpr (requires { Self::inputs; }) s.inputs = list_of(Self::inputs);
  if constexpr (requires { Self::outputs; }) s.outputs = list_of(Self::outputs);
  if constexpr (requires { Self::flags; }) s.flags = Self::flags;
  s.self_size = static_cast<uint32_t>(sizeof(Self));
  s.create = create<Self>;
  if constexpr (!std::is_trivially_destructible_v<Self>) s.destroy = destroy<Self>;
  add_learning<Self>(s);
  if constexpr (requires { &Self::apply; }) s.apply = apply<Self>;
  if constexpr (requires { &Self::weights; }) s.weights = weights<Self>;
  if constexpr (requires { &Self::labels; }) s.labels = labels<Self>;
  if constexpr (requires { &Self::facts; }) s.facts = facts<Self>;
  if constexpr (explain<Self>.contributions || explain<Self>.reasons || requires { &Self::extension; })
    s.extension = extension<Self>;
  return s;
}

} // namespace detail

template <class Self> inline constexpr tarazu_strategy strategy = detail::described<Self>();
template <class... Selves> inline constexpr const tarazu_strategy *strategies[] = {&strategy<Selves>..., nullptr};

} // namespace tarazu

/* TARAZU_PLUGIN("name", one, another): the plugin's one symbol, ready before any code runs. */
#define TARAZU_PLUGIN(plugin_name, ...)                                            \
  constinit const tarazu_plugin tarazu_plugin_v1 = {.size = sizeof(tarazu_plugin), \
                                                    .abi_minor = TARAZU_ABI_MINOR, \
                                                    .name = plugin_name,           \
                                                    .author = nullptr,             \
                                                    .homepage = nullptr,           \
                                                    .strategies = tarazu::strategies<__VA_ARGS__>}

#endif
#endif
