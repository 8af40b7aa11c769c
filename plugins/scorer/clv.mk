# Sums over rows; the results are the same to the bit.
CFLAGS_scorer_clv := -O3 -fno-math-errno

# Tests of the mathematics, and the benchmark, link the plugin's files as they are.
$(BUILD)/tests/plugins/scorer/test_clv_models $(BUILD)/tests/plugins/scorer/test_clv_fit \
  $(BUILD)/tests/plugins/scorer/test_clv_figures $(BUILD)/tests/bench/clv: \
  $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard plugins/scorer/clv/*.c))
