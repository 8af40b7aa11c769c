# tarazu: builds libtarazu, the tarazu command and every plugin under plugins/<role>/.
#   make            everything            make test    every test
#   make demo       a company's key customers on the screen
# A new plugins/<role>/x.c (or a folder plugins/<role>/x/ of several files) is picked up by itself; what it needs beyond
# the C library it says in plugins/<role>/x.mk as LIBS_<role>_x and CFLAGS_<role>_x.

CC ?= gcc
PREFIX ?= /usr/local
SAN ?=
BUILD ?= build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
DUCKDB_DIR ?= deps/duckdb
comma := ,

VERSION := 0.1.0
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
OPT ?= -O2
BASE_CFLAGS = -std=c17 $(OPT) -g $(WARN) -ffp-contract=off -fvisibility=hidden -fPIC -MMD -MP -Iinclude \
  $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) $(CFLAGS)
CORE_CFLAGS = $(BASE_CFLAGS) -D_GNU_SOURCE -Icore -DTARAZU_VERSION='"$(VERSION)"' -pthread
LINK = $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
CORE_LIBS = -lyaml -lmd -ldl -lm -pthread

LIB_SRC := $(filter-out core/cli/%,$(wildcard core/*/*.c))
CLI_SRC := $(wildcard core/cli/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/obj/%.o)

PLUGIN_FILES := $(wildcard plugins/*/*.c)
PLUGIN_DIRS := $(patsubst %/,%,$(sort $(dir $(wildcard plugins/*/*/*.c))))
PLUGINS := $(PLUGIN_FILES:%.c=$(BUILD)/%.so) $(PLUGIN_DIRS:%=$(BUILD)/%.so)
-include $(wildcard plugins/*/*.mk)

TEST_SRC := $(wildcard tests/core/*/test_*.c tests/plugins/*/test_*.c)
TESTS := $(TEST_SRC:%.c=$(BUILD)/%)
TEST_SUPPORT := $(wildcard tests/support/*.c)

.PHONY: all
all: $(BUILD)/libtarazu.a $(BUILD)/libtarazu.so $(BUILD)/tarazu $(PLUGINS)

$(BUILD)/obj/core/%.o: core/%.c
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) -c $< -o $@

$(BUILD)/libtarazu.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/libtarazu.so: $(LIB_OBJ)
	$(CC) -shared -Wl,-soname,libtarazu.so.0 $^ -o $@ $(LINK) $(CORE_LIBS)

$(BUILD)/tarazu: $(CLI_OBJ) $(BUILD)/libtarazu.a
	$(CC) $^ -o $@ $(LINK) $(CORE_LIBS)

# plugins/<role>/<name>.c -> <name>; its flags and libraries by role and name
plugin_key = $(subst /,_,$(patsubst plugins/%,%,$(1)))
.SECONDEXPANSION:
$(BUILD)/plugins/%.so: plugins/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS_$(call plugin_key,plugins/$*)) -shared $< -o $@ $(LINK) $(LIBS_$(call plugin_key,plugins/$*)) -lm
$(BUILD)/plugins/%.so: $$(wildcard plugins/%/*.c)
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS_$(call plugin_key,plugins/$*)) -shared $(wildcard plugins/$*/*.c) -o $@ $(LINK) $(LIBS_$(call plugin_key,plugins/$*)) -lm

$(BUILD)/tests/%: tests/%.c $(TEST_SUPPORT) $(BUILD)/libtarazu.a
	@mkdir -p $(@D)
	$(CC) $(CORE_CFLAGS) -Itests -DBUILD_DIR='"$(abspath $(BUILD))"' -DSOURCE_DIR='"$(CURDIR)"' $< $(TEST_SUPPORT) $(BUILD)/libtarazu.a -o $@ $(LINK) -lcmocka $(CORE_LIBS)

.PHONY: unit
unit: all $(TESTS)
	@set -e; for t in $(TESTS); do $$t; done

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)
