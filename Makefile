# tarazu: builds libtarazu, the tarazu command and every plugin under plugins/<role>/.
#   make            everything                          make test      every test, what they need included
#   make demo       a company's key customers           make deps      brings what building needs (as root; else says how)
#   make lint       format, static checks, layers       make bench     measures, as ratios
#   make coverage   lines of core/ that tests reach     make install   PREFIX=/usr/local DESTDIR=
#   make reference  the page on plugin.h
# SAN=address,undefined or SAN=thread builds and tests with sanitizers, CC=clang with clang, V=1 shows every command;
# each keeps a build folder of its own. ONLY='core/run tests/cli' tests only what has one of the words in its path.
# A new plugins/<role>/x.c (or a folder plugins/<role>/x/ of several files) is picked up by itself; what it needs beyond
# the C library it says in plugins/<role>/x.mk as LIBS_<role>_x and CFLAGS_<role>_x.

VERSION := 0.1.0

ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
PREFIX ?= /usr/local
libdir ?= $(PREFIX)/lib
SAN ?=
comma := ,
BUILD ?= build$(addprefix -,$(filter-out gcc cc,$(notdir $(firstword $(CC)))))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
DUCKDB_DIR ?= deps/duckdb
COVERAGE_LEAST ?= 90

# As many jobs as processors, unless the caller has said how many.
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
OPT ?= -O2
BASE_CFLAGS = -std=c17 $(OPT) -g $(WARN) -ffp-contract=off -fvisibility=hidden -fPIC -Iinclude \
  $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all) $(CFLAGS)
HOST_CFLAGS = $(BASE_CFLAGS) -D_GNU_SOURCE -Icore -DTARAZU_VERSION='"$(VERSION)"' -pthread
CORE_CFLAGS = $(HOST_CFLAGS) $(COVER)
TEST_CFLAGS = $(HOST_CFLAGS) -Itests -DBUILD_DIR='"$(abspath $(BUILD))"' -DSOURCE_DIR='"$(CURDIR)"'
LINK = $(if $(SAN),-fsanitize=$(SAN)) $(if $(COVER),--coverage) $(LDFLAGS)
CORE_LIBS := -lyaml -lmd -lsqlite3 -ldl -lm -pthread
# Header dependencies beside each object: foo.o -> foo.d
NOTE = -MMD -MP -MF $(@:.o=.d)

quiet := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V),,@$(if $(quiet),,printf '  %-5s %s\n' $(1) $(2);))

# ---- what there is -----------------------------------------------------------------------------------------------

LIB_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out core/cli/% core/worker/%,$(wildcard core/*/*.c)))
CLI_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard core/cli/*.c))
WORKER_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard core/worker/*.c))
# What `tarazu plugin new` begins a plugin with, held in the program.
NEW_FILES := $(wildcard core/cli/new/*/* core/cli/new/*/test/*)
NEW_OBJ := $(BUILD)/obj/core/cli/new_files.o

PLUGIN_FILES := $(wildcard plugins/*/*.c)
PLUGIN_FOLDERS := $(sort $(patsubst %/,%,$(dir $(wildcard plugins/*/*/*.c))))
PLUGINS := $(PLUGIN_FILES:%.c=$(BUILD)/%.so) $(PLUGIN_FOLDERS:%=$(BUILD)/%.so)
PLUGIN_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(PLUGIN_FILES) $(wildcard plugins/*/*/*.c))

TEST_SRC := $(wildcard tests/*/test_*.c tests/*/*/test_*.c)
TESTS := $(TEST_SRC:%.c=$(BUILD)/%)
TEST_OBJ := $(TEST_SRC:%.c=$(BUILD)/obj/%.o)
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/support/*.c))
SHELL_TESTS := $(wildcard tests/*/test_*.sh)
# Plugins of the tests: tests/plugins_<kind>/*.c, one shared object each.
TEST_PLUGINS := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/plugins_*/*.c)) \
  $(if $(wildcard tests/plugins_bad),$(BUILD)/tests/plugins_bad/not_elf.so $(BUILD)/tests/plugins_bad/empty.so)
# Plugins built with the frozen copies of the ABI's header that stand beside them.
ABI_PLUGINS := $(patsubst %.c,$(BUILD)/%.so,$(filter-out tests/abi/test_%,$(wildcard tests/abi*/*.c)))
BENCH_SRC := $(wildcard tests/bench/*.c)
BENCHES := $(BENCH_SRC:%.c=$(BUILD)/%)

.PHONY: all
all: $(BUILD)/libtarazu.a $(BUILD)/libtarazu.so $(BUILD)/tarazu $(BUILD)/tarazu-worker $(PLUGINS) $(BUILD)/libduckdb.so

-include $(wildcard plugins/*/*.mk)

# ---- what building needs -----------------------------------------------------------------------------------------

# The stamp says that all was found once; a library of DuckDB's that has gone calls for another look.
READY := $(BUILD)/ready
INSTALLING := $(filter deps demo test bench coverage,$(MAKECMDGOALS))

$(READY): .ci/deps.sh .ci/duckdb.sh $(if $(wildcard $(DUCKDB_DIR)/libduckdb.so),,again)
	@mkdir -p $(@D)
	@CC='$(CC)' .ci/deps.sh $(if $(INSTALLING),install,check) $(DUCKDB_DIR)
	@touch $@

.PHONY: deps again
deps:
	@CC='$(CC)' .ci/deps.sh install $(DUCKDB_DIR)
again:

# Other flags or another compiler than last time: everything is built again.
FLAGS := $(CC) $(TEST_CFLAGS) $(COVER) $(LINK) $(DUCKDB_DIR)
ifeq ($(filter clean uninstall deps,$(MAKECMDGOALS)),)
ifneq ($(strip $(file <$(BUILD)/flags)),$(strip $(FLAGS)))
$(shell mkdir -p $(BUILD))
$(file >$(BUILD)/flags,$(FLAGS))
endif
endif
$(BUILD)/flags: ;

# ---- library and command -----------------------------------------------------------------------------------------

$(LIB_OBJ) $(CLI_OBJ) $(WORKER_OBJ): $(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(READY)
	@mkdir -p $(@D)
	$(call say,cc,$<) $(CC) $(CORE_CFLAGS) $(NOTE) -c $< -o $@

$(NEW_OBJ:.o=.c): .ci/embed.sh $(NEW_FILES)
	@mkdir -p $(@D)
	$(call say,embed,core/cli/new) .ci/embed.sh core/cli/new >$@
$(NEW_OBJ): $(NEW_OBJ:.o=.c) $(BUILD)/flags | $(READY)
	$(call say,cc,$<) $(CC) $(CORE_CFLAGS) $(NOTE) -c $< -o $@

$(BUILD)/libtarazu.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,ar,$@) $(AR) rcs $@ $^

$(BUILD)/libtarazu.so: $(LIB_OBJ)
	$(call say,link,$@) $(CC) -shared -Wl,-soname,libtarazu.so.0 $^ -o $@ $(LINK) $(CORE_LIBS)
	@ln -sf libtarazu.so $@.0

$(BUILD)/cli.a: $(filter-out %/main.o,$(CLI_OBJ)) $(NEW_OBJ)
	@rm -f $@
	$(call say,ar,$@) $(AR) rcs $@ $^

$(BUILD)/tarazu: $(CLI_OBJ) $(NEW_OBJ) $(BUILD)/libtarazu.a
	$(call say,link,$@) $(CC) $^ -o $@ $(LINK) $(CORE_LIBS)

# Of the library it takes what reads declarations; the filter of system calls is needed here alone.
$(BUILD)/tarazu-worker: $(WORKER_OBJ) $(BUILD)/libtarazu.a
	$(call say,link,$@) $(CC) $^ -o $@ $(LINK) -lseccomp $(filter-out -lsqlite3,$(CORE_LIBS))

$(BUILD)/libduckdb.so: | $(READY)
	@ln -sf $(abspath $(DUCKDB_DIR))/libduckdb.so $@

# ---- plugins -----------------------------------------------------------------------------------------------------

# plugins/<role>/<name>[/file].c -> <role>_<name>
plugin_key = $(word 2,$(subst /, ,$(1)))_$(basename $(word 3,$(subst /, ,$(1))))

$(PLUGIN_OBJ): $(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(READY)
	@mkdir -p $(@D)
	$(call say,cc,$<) $(CC) $(BASE_CFLAGS) $(CFLAGS_$(call plugin_key,$<)) $(NOTE) -c $< -o $@

# Whatever the umask: a plugin that others can write to is not loaded.
theirs_not = @chmod go-w $@ $(@D) $(dir $(@D))

$(PLUGINS):
	@mkdir -p $(@D)
	$(call say,link,$@) $(CC) -shared $(filter %.o,$^) -o $@ $(LINK) \
	  $(LIBS_$(call plugin_key,$(patsubst $(BUILD)/%,%,$@))) -lm
	$(theirs_not)

# of one file, of a folder; an x.mk counts as part of either
$(foreach file,$(PLUGIN_FILES),$(eval $(BUILD)/$(file:.c=.so): $(BUILD)/obj/$(file:.c=.o)))
$(foreach folder,$(PLUGIN_FOLDERS),$(eval $(BUILD)/$(folder).so: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(folder)/*.c))))
$(foreach note,$(wildcard plugins/*/*.mk),$(eval \
  $(filter $(BUILD)/obj/$(note:.mk=.o) $(BUILD)/obj/$(note:.mk=)/%,$(PLUGIN_OBJ)) $(BUILD)/$(note:.mk=.so): $(note)))

# ---- tests -------------------------------------------------------------------------------------------------------

# tests/plugins/<role>/test_<name>.c gets the flags and libraries of the plugin that it tests.
test_key = $(if $(findstring /plugins/,$(1)),$(subst /test_,_,$(patsubst %.c,%,$(patsubst tests/plugins/%,%,$(1)))))

$(TEST_OBJ) $(SUPPORT_OBJ) $(BENCH_SRC:%.c=$(BUILD)/obj/%.o): $(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(READY)
	@mkdir -p $(@D)
	$(call say,cc,$<) $(CC) $(TEST_CFLAGS) $(CFLAGS_$(call test_key,$<)) $(NOTE) -c $< -o $@

# igraph is what PageRank is tested and measured beside: these two programs alone are linked with it.
$(BUILD)/tests/plugins/scorer/test_influence $(BUILD)/tests/bench/influence: private override LDFLAGS += -ligraph

# Of these a program takes what it calls.
$(BUILD)/support.a: $(SUPPORT_OBJ)
	@rm -f $@
	$(call say,ar,$@) $(AR) rcs $@ $^

$(TESTS): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/support.a $(BUILD)/cli.a $(BUILD)/libtarazu.a
	@mkdir -p $(@D)
	$(call say,link,$@) $(CC) $^ -o $@ $(LINK) $(LIBS_$(call test_key,$*.c)) -lcmocka $(CORE_LIBS)

$(filter-out %/not_elf.so %/empty.so,$(TEST_PLUGINS)): $(BUILD)/%.so: %.c $(BUILD)/flags include/tarazu/plugin.h $(wildcard tests/plugins_*/*.h) | $(READY)
	@mkdir -p $(@D)
	$(call say,cc,$<) $(CC) $(BASE_CFLAGS) -shared $< -o $@ $(LINK) -lm
	$(theirs_not)

$(BUILD)/tests/plugins_bad/not_elf.so:
	@mkdir -p $(@D)
	@echo 'this is no shared object' >$@
$(BUILD)/tests/plugins_bad/empty.so:
	@mkdir -p $(@D)
	@: >$@

# With the header beside them alone: what is frozen must do.
$(ABI_PLUGINS): $(BUILD)/%.so: %.c $(wildcard tests/abi*/*.h) $(BUILD)/flags | $(READY)
	@mkdir -p $(@D)
	$(call say,cc,$<) $(CC) $(subst -Iinclude,-I$(<D),$(BASE_CFLAGS)) -shared $< -o $@ $(LINK) -lm
	$(theirs_not)

# ONLY='core/run tests/cli': those whose path has one of the words in it; EXCEPT: those whose path has none.
having = $(foreach word,$(1),$(foreach path,$(2),$(if $(findstring $(word),$(path)),$(path))))
wanted = $(filter-out $(call having,$(EXCEPT),$(1)),$(if $(ONLY),$(call having,$(ONLY),$(1)),$(1)))
WANTED_TESTS := $(sort $(call wanted,$(TESTS)))
WANTED_SHELL_TESTS := $(sort $(call wanted,$(SHELL_TESTS)))

.PHONY: test
test: all $(WANTED_TESTS) $(TEST_PLUGINS) $(ABI_PLUGINS)
	@BUILD_DIR='$(abspath $(BUILD))' SAN='$(SAN)' CC='$(CC)' .ci/test.sh $(WANTED_SHELL_TESTS) $(WANTED_TESTS)

# ---- checks and measures -----------------------------------------------------------------------------------------

.PHONY: lint
lint: | $(READY)
	@DUCKDB_DIR='$(DUCKDB_DIR)' .ci/lint.sh

# Of core/ alone; plugins and tests are as fast as ever. The counters of gcov's are atomic, since pools count too.
.PHONY: coverage
coverage:
	@find build-coverage -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory BUILD=build-coverage COVER='-O0 --coverage -fprofile-update=atomic' test
	@.ci/coverage.sh build-coverage core $(COVERAGE_LEAST)

$(BENCHES): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/support.a $(BUILD)/libtarazu.a
	@mkdir -p $(@D)
	$(call say,link,$@) $(CC) $^ -o $@ $(LINK) -lcmocka $(CORE_LIBS)

# With the plugin's own flags, so that what boundary.c links in is the code that it loads; and DuckDB's header.
$(BENCH_SRC:%.c=$(BUILD)/obj/%.o): override CFLAGS += $(CFLAGS_combiner_weighted_sum) $(CFLAGS_source_duckdb)

.PHONY: bench
bench: all $(BENCHES)
	@if [ -f tests/bench/run.sh ]; then BUILD_DIR='$(abspath $(BUILD))' sh tests/bench/run.sh; fi

# config/demo.yaml reads build/demo.
.PHONY: demo
demo: all
	@$(BUILD)/tarazu demo --quiet build/demo
	@$(BUILD)/tarazu run config/demo.yaml

# The page on the plugin ABI is the header's comments; a test says where it is not.
.PHONY: reference
reference:
	@.ci/reference.sh include/tarazu/plugin.h >docs/plugins/reference.md

# ---- install -----------------------------------------------------------------------------------------------------

# The command looks for its plugins in ../lib/tarazu/plugins, seen from its own folder, whatever libdir is.
plugindir := $(PREFIX)/lib/tarazu/plugins

.PHONY: install
install: all
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(libdir)/pkgconfig' '$(DESTDIR)$(PREFIX)/include/tarazu' \
	  '$(DESTDIR)$(PREFIX)/share/doc/tarazu' '$(DESTDIR)$(PREFIX)/share/tarazu'
	install -m 755 $(BUILD)/tarazu '$(DESTDIR)$(PREFIX)/bin/'
	install -m 644 $(BUILD)/libtarazu.a '$(DESTDIR)$(libdir)/'
	install -m 644 $(BUILD)/libtarazu.so '$(DESTDIR)$(libdir)/libtarazu.so.0'
	ln -sf libtarazu.so.0 '$(DESTDIR)$(libdir)/libtarazu.so'
	install -m 644 $(wildcard include/tarazu/*.h include/tarazu/*.hpp) '$(DESTDIR)$(PREFIX)/include/tarazu/'
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(libdir)' 'includedir=$${prefix}/include' \
	  'plugindir=$${prefix}/lib/tarazu/plugins' '' 'Name: tarazu' \
	  "Description: weighs customers and names a company's key customers" 'Version: $(VERSION)' \
	  'Cflags: -I$${includedir} -ffp-contract=off' 'Libs: -L$${libdir} -ltarazu' 'Libs.private: $(CORE_LIBS)' \
	  >'$(DESTDIR)$(libdir)/pkgconfig/tarazu.pc'
	chmod 644 '$(DESTDIR)$(libdir)/pkgconfig/tarazu.pc'
	for plugin in $(PLUGINS:$(BUILD)/plugins/%=%); do \
	  install -D -m 644 $(BUILD)/plugins/$$plugin '$(DESTDIR)$(plugindir)'/$$plugin || exit 1; done
	install -m 755 $(BUILD)/tarazu-worker '$(DESTDIR)$(PREFIX)/lib/tarazu/'
	install -m 644 $(DUCKDB_DIR)/libduckdb.so '$(DESTDIR)$(PREFIX)/lib/tarazu/libduckdb.so'
	install -m 644 tests/valgrind.supp '$(DESTDIR)$(PREFIX)/share/tarazu/'
	for file in $(wildcard config/*.yaml config/examples/*.yaml); do \
	  install -D -m 644 $$file '$(DESTDIR)$(PREFIX)/share/tarazu'/$$file || exit 1; done
	for file in $(wildcard README.md CHANGELOG.md LICENSE docs/*.md docs/*.svg docs/methods/*.md docs/plugins/*.md docs/experiments/*.md); do \
	  install -D -m 644 $$file '$(DESTDIR)$(PREFIX)/share/doc/tarazu'/$$file || exit 1; done

.PHONY: uninstall
uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/tarazu' '$(DESTDIR)$(libdir)/libtarazu.a' '$(DESTDIR)$(libdir)/libtarazu.so' \
	  '$(DESTDIR)$(libdir)/libtarazu.so.0' '$(DESTDIR)$(libdir)/pkgconfig/tarazu.pc'
	rm -rf '$(DESTDIR)$(PREFIX)/include/tarazu' '$(DESTDIR)$(PREFIX)/lib/tarazu' '$(DESTDIR)$(PREFIX)/share/tarazu' \
	  '$(DESTDIR)$(PREFIX)/share/doc/tarazu'

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(CLI_OBJ) $(WORKER_OBJ) $(NEW_OBJ) $(PLUGIN_OBJ) $(TEST_OBJ) $(SUPPORT_OBJ) $(BENCH_SRC:%.c=$(BUILD)/obj/%.o))
