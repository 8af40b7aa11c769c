/* Finding, probing, remembering and loading plugins, with good ones and all kinds of bad ones. */
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "catalog/catalog.h"
#include "support/near.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAD  BUILD_DIR "/tests/plugins_bad"
#define GOOD BUILD_DIR "/tests/abi/scorer_1_0.so"

static char home[64];    /* a folder of its own for each test */
static char plugins[96]; /* the plugin path in it */
static char cache[96];
static arena *memory;

static const char *at(const char *folder, const char *name)
{
  return arena_format(memory, "%s/%s", folder, name);
}

static int set_up(void **state)
{
  (void)state;
  memory = arena_new();
  strcpy(home, "/tmp/tarazu-catalog-XXXXXX");
  assert_non_null(mkdtemp(home));
  snprintf(plugins, sizeof plugins, "%s/plugins", home);
  snprintf(cache, sizeof cache, "%s/cache/verdicts", home);
  assert_int_equal(mkdir(plugins, 0755), 0);
  return 0;
}

/* The first look at a file is the worker's. */
static int set_up_held(void **state)
{
  setenv("TARAZU_WORKER", BUILD_DIR "/tarazu-worker", 1);
  return set_up(state);
}

static int remove_tree(const char *path)
{
  return system(arena_format(memory, "chmod -R u+rwx '%s'; rm -rf '%s'", path, path));
}

static int tear_down(void **state)
{
  (void)state;
  unsetenv("TARAZU_WORKER");
  assert_int_equal(remove_tree(home), 0);
  arena_free(memory);
  return 0;
}

static void read_bytes(const char *path, char **bytes, size_t *count)
{
  assert_int_equal(file_read(path, (size_t)1 << 30, memory, bytes, count), 0);
}

/* A copy of a plugin under another name; its first `most` bytes. */
static const char *plant_part(const char *from, const char *name, size_t most)
{
  char *bytes;
  size_t count;
  const char *to = at(plugins, name);
  read_bytes(from, &bytes, &count);
  assert_int_equal(file_write(to, bytes, count < most ? count : most), 0);
  assert_int_equal(chmod(to, 0755), 0);
  return to;
}

static const char *plant(const char *from, const char *name)
{
  return plant_part(from, name, SIZE_MAX);
}

static const plugin_file *file_called(const catalog *c, const char *name)
{
  for (uint32_t i = 0; i < catalog_files(c); i++)
    if (!strcmp(file_name(catalog_file(c, i)->path), name)) return catalog_file(c, i);
  fail_msg("no file %s in the catalog", name);
  return NULL;
}

static const char *fault_of(const char *name)
{
  catalog *c = catalog_open(plugins, NULL);
  const char *fault = arena_copy(memory, file_called(c, name)->fault);
  catalog_free(c);
  return fault;
}

static void assert_begins(const char *string, const char *beginning)
{
  if (!string || strncmp(string, beginning, strlen(beginning)) != 0)
    fail_msg("\"%s\" does not begin with \"%s\"", string ? string : "(null)", beginning);
}

static const char *told(problems *faults)
{
  text out = {0};
  problems_print(faults, &out, 0);
  const char *copy = arena_copy(memory, text_string(&out));
  text_free(&out);
  return copy;
}

/* ---- bad plugins ------------------------------------------------------------------------------------------- */

static void each_bad_plugin_has_its_one_line(void **state)
{
  static const char *const expected[][2] = {
      {"no_symbol.so", "not a tarazu plugin (no symbol tarazu_plugin_v1)"},
      {"wrong_major.so", "built for ABI 2, this host speaks 1"},
      {"newer_minor.so", "needs ABI 1.2, this host speaks 1.1"},
      {"small_descriptor.so", "the descriptor has 32 bytes; version 1's has 40"},
      {"small_strategy.so", "strategy 1 has 176 bytes; version 1's has 216"},
      {"small_stride.so", "scorer 'small_stride': the list of parameters has a stride of 72 bytes; version 1's is 80"},
      {"no_strategies.so", "the descriptor offers no strategy"},
      {"scorer_without_apply.so", "scorer 'scorer_without_apply' without apply"},
      {"combiner_without_apply.so", "combiner 'combiner_without_apply' without apply"},
      {"learn_without_finish.so", "scorer 'learn_without_finish' with learn but without finish"},
      {"source_without_extension.so", "source 'source_without_extension' without extension tarazu.source/1"},
      {"null_id.so", "scorer 1 without id"},
      {"duplicate_param.so", "scorer 'duplicate_param': two parameters are called 'share'"},
      {"default_out_of_range.so", "scorer 'default_out_of_range': the default '10 years' of parameter 'cap' is out of "
                                  "its range, 1 to 365"},
      {"param_without_help.so", "scorer 'param_without_help': parameter 'share' without help of one line"},
      {"unreadable_declaration.so", "crashed while its declarations were read (signal 11)"},
      {"abort_at_load.so", "crashed while loading (signal 6)"},
      {"crash_at_load.so", "crashed while loading (signal 11)"},
      {"exit_at_load.so", "exited while loading"},
      {"hang_at_load.so", "took longer than 2 s to load"},
      {"undefined_symbol.so", "cannot be loaded: undefined symbol: tarazu_version"},
      {"bad_nan.so", NULL},
      {"bad_infinity.so", NULL},
      {"bad_crash.so", NULL},
      {"bad_unwritten.so", NULL},
      {"bad_error.so", NULL},
      {"bad_endless.so", NULL},
      {"usual_too.so", NULL},
      {"bad_source.so", NULL},
  };
  (void)state;
  double begun = clock_seconds();
  catalog *c = catalog_open(BAD, NULL);
  assert_true(clock_seconds() - begun < 10);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const plugin_file *file = file_called(c, expected[i][0]);
    if (expected[i][1]) assert_non_null(file->fault);
    else if (file->fault) fail_msg("%s: %s", expected[i][0], file->fault);
    if (expected[i][1]) assert_string_equal(file->fault, expected[i][1]);
    assert_null(file->plugin);
  }
  catalog_free(c);
}

static void what_is_no_whole_shared_object_is_told(void **state)
{
  (void)state;
  assert_int_equal(file_write(at(plugins, "not_elf.so"), "hello\n", 6), 0);
  assert_int_equal(file_write(at(plugins, "empty.so"), "", 0), 0);
  plant_part(GOOD, "truncated.so", 1000);
  assert_int_equal(mkfifo(at(plugins, "pipe.so"), 0600), 0);
  assert_int_equal(symlink("nowhere", at(plugins, "dangling.so")), 0);
  catalog *c = catalog_open(plugins, NULL);
  assert_int_equal(catalog_files(c), 5);
  assert_begins(file_called(c, "not_elf.so")->fault, "cannot be loaded: ");
  assert_begins(file_called(c, "empty.so")->fault, "cannot be loaded: ");
  assert_non_null(file_called(c, "truncated.so")->fault); /* the linker refuses or crashes: its own child's matter */
  assert_string_equal(file_called(c, "pipe.so")->fault, "is no regular file");
  assert_string_equal(file_called(c, "dangling.so")->fault, "cannot be read: No such file or directory");
  catalog_free(c);
}

/* The name of the C library in a copy of a plugin is made one that exists nowhere. */
static const char *plant_with_missing_library(void)
{
  char *bytes;
  size_t count, replaced = 0;
  const char *to = at(plugins, "needs_library.so"), *library = "libc.so.6";
  read_bytes(GOOD, &bytes, &count);
  for (size_t i = 0; i + strlen(library) < count; i++)
    if (!memcmp(bytes + i, library, strlen(library) + 1)) bytes[i + 3] = '0', replaced++;
  assert_true(replaced > 0);
  assert_int_equal(file_write(to, bytes, count), 0);
  return to;
}

static void a_missing_library_is_named_and_looked_for_again(void **state)
{
  char *bytes;
  size_t count;
  (void)state;
  plant_with_missing_library();
  catalog *c = catalog_open(plugins, cache);
  assert_begins(file_called(c, "needs_library.so")->fault, "cannot be loaded: lib0.so.6: ");
  catalog_free(c);
  read_bytes(cache, &bytes, &count);
  assert_null(strstr(bytes, "needs_library"));
}

/* ---- folders and trust ------------------------------------------------------------------------------------- */

static void plugins_lie_in_the_folder_or_one_below(void **state)
{
  (void)state;
  mkdir(at(plugins, "scorer"), 0755);
  mkdir(at(plugins, "scorer/deeper"), 0755);
  mkdir(at(plugins, ".hidden"), 0755);
  plant(GOOD, "scorer/b.so");
  plant(BAD "/bad_error.so", "a.so");
  plant(GOOD, "scorer/deeper/c.so");
  plant(GOOD, ".hidden/d.so");
  plant(GOOD, "notes.txt");
  const char *path = arena_format(memory, "::%s/:%s", plugins, plugins);
  catalog *c = catalog_open(path, NULL);
  assert_int_equal(catalog_files(c), 2);
  assert_string_equal(catalog_file(c, 0)->path, at(plugins, "a.so"));
  assert_string_equal(catalog_file(c, 1)->path, at(plugins, "scorer/b.so"));
  assert_null(catalog_file(c, 0)->fault);
  assert_null(catalog_file(c, 1)->fault);
  catalog_free(c);
}

static void a_link_and_its_target_are_one_plugin(void **state)
{
  (void)state;
  plant(GOOD, "plugin.so");
  assert_int_equal(symlink("plugin.so", at(plugins, "same.so")), 0);
  catalog *c = catalog_open(plugins, NULL);
  assert_int_equal(catalog_files(c), 1);
  assert_null(catalog_file(c, 0)->fault);
  catalog_free(c);
}

static void a_missing_folder_is_told(void **state)
{
  (void)state;
  catalog *c = catalog_open(at(home, "nowhere"), NULL);
  assert_int_equal(catalog_files(c), 1);
  assert_string_equal(catalog_file(c, 0)->path, at(home, "nowhere"));
  assert_string_equal(catalog_file(c, 0)->fault, "cannot be read: No such file or directory");
  catalog_free(c);
}

static void an_empty_path_holds_nothing(void **state)
{
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  (void)state;
  catalog *c = catalog_open("", NULL);
  assert_int_equal(catalog_files(c), 0);
  assert_int_equal(catalog_strategies(c, &strategies, &files), 0);
  catalog_free(c);
  catalog_free(NULL);
}

static void what_others_can_write_to_is_passed_over(void **state)
{
  (void)state;
  assert_int_equal(chmod(plant(GOOD, "open.so"), 0777), 0);
  assert_string_equal(fault_of("open.so"), "others can write to it (mode 0777)");
  assert_int_equal(chmod(at(plugins, "open.so"), 0775), 0);
  assert_string_equal(fault_of("open.so"), "others can write to it (mode 0775)");
  assert_int_equal(chmod(at(plugins, "open.so"), 0755), 0);
  assert_null(fault_of("open.so"));
}

static void a_folder_that_others_can_write_to_is_passed_over_whole(void **state)
{
  (void)state;
  plant(GOOD, "good.so");
  assert_int_equal(chmod(plugins, 01777), 0);
  catalog *c = catalog_open(plugins, NULL);
  assert_int_equal(catalog_files(c), 1);
  assert_string_equal(catalog_file(c, 0)->path, plugins);
  assert_string_equal(catalog_file(c, 0)->fault, "others can write to it (mode 1777)");
  catalog_free(c);
}

static void a_link_is_judged_by_what_it_leads_to(void **state)
{
  (void)state;
  plant(GOOD, "good.so");
  mkdir(at(home, "open"), 0755);
  assert_int_equal(rename(at(plugins, "good.so"), at(home, "open/good.so")), 0);
  assert_int_equal(symlink(at(home, "open/good.so"), at(plugins, "link.so")), 0);
  assert_null(fault_of("link.so"));
  assert_int_equal(chmod(at(home, "open"), 0777), 0);
  assert_string_equal(fault_of("link.so"),
                      arena_format(memory, "its folder %s: others can write to it (mode 0777)", at(home, "open")));
  assert_int_equal(chmod(at(home, "open"), 0755), 0);
  assert_int_equal(chmod(at(home, "open/good.so"), 0666), 0);
  assert_string_equal(fault_of("link.so"), "others can write to it (mode 0666)");
}

static void a_strangers_file_is_passed_over(void **state)
{
  (void)state;
  if (geteuid() != 0) {
    print_message("only root can give a file away: skipped\n");
    skip();
  }
  assert_int_equal(chown(plant(GOOD, "given.so"), 12345, 0), 0);
  assert_string_equal(fault_of("given.so"), "belongs to user 12345, who is neither root nor you");
}

/* Who can rename in a folder above puts another folder in the plugins' place, though not a stranger's in a sticky one.
 */
static void a_folder_above_that_others_can_write_to_is_told(void **state)
{
  (void)state;
  plant(GOOD, "good.so");
  assert_int_equal(chmod(home, 0777), 0);
  catalog *c = catalog_open(plugins, NULL);
  assert_int_equal(catalog_files(c), 1);
  assert_string_equal(catalog_file(c, 0)->fault,
                      arena_format(memory, "lies in %s: others can write to it (mode 0777)", home));
  catalog_free(c);
  assert_int_equal(chmod(home, 01777), 0);
  assert_null(fault_of("good.so"));
  assert_int_equal(chmod(home, 0755), 0);
}

/* The user's own group is nobody else; another is. */
static void a_folder_above_may_be_open_to_ones_own_group(void **state)
{
  (void)state;
  if (geteuid() != 0) {
    print_message("only root knows of a group that it is not in: skipped\n");
    skip();
  }
  plant(GOOD, "good.so");
  assert_int_equal(chmod(home, 0775), 0);
  assert_null(fault_of("good.so"));
  assert_int_equal(chown(home, 0, 12345), 0);
  catalog *c = catalog_open(plugins, NULL);
  assert_string_equal(catalog_file(c, 0)->fault,
                      arena_format(memory, "lies in %s: others can write to it (mode 0775)", home));
  catalog_free(c);
}

/* A link to the plugins' folder could be turned elsewhere; and what it leads to may lie badly. */
static void a_link_to_the_folder_is_judged_by_both_ways(void **state)
{
  (void)state;
  plant(GOOD, "good.so");
  assert_int_equal(mkdir(at(home, "open"), 0755), 0);
  assert_int_equal(symlink(plugins, at(home, "open/link")), 0);
  const char *link = at(home, "open/link");
  catalog *c = catalog_open(link, NULL);
  assert_null(file_called(c, "good.so")->fault);
  catalog_free(c);
  assert_int_equal(chmod(at(home, "open"), 0777), 0);
  c = catalog_open(link, NULL);
  assert_string_equal(catalog_file(c, 0)->fault,
                      arena_format(memory, "lies in %s: others can write to it (mode 0777)", at(home, "open")));
  catalog_free(c);
  assert_int_equal(chmod(at(home, "open"), 0755), 0);
}

static void a_strangers_folder_above_is_told(void **state)
{
  (void)state;
  if (geteuid() != 0) {
    print_message("only root can give a folder away: skipped\n");
    skip();
  }
  plant(GOOD, "good.so");
  assert_int_equal(chown(home, 12345, 0), 0);
  catalog *c = catalog_open(plugins, NULL);
  assert_string_equal(catalog_file(c, 0)->fault,
                      arena_format(memory, "lies in %s: belongs to user 12345, who is neither root nor you", home));
  catalog_free(c);
  assert_int_equal(chown(home, 0, 0), 0);
}

/* ---- pins and locks ---------------------------------------------------------------------------------------- */

static const char ZEROS[] = "0000000000000000000000000000000000000000000000000000000000000000";

static const char *hash_of(const char *path)
{
  char *digits = arena_alloc(memory, 65);
  assert_int_equal(hash_file(path, digits), 0);
  return digits;
}

static void a_pinned_file_is_loaded_where_it_is_that_file(void **state)
{
  (void)state;
  const char *path = plant(GOOD, "frozen.so");
  plugin_pin right = {.sha256 = hash_of(path)}, wrong = {.sha256 = ZEROS, .place = {.file = "p.yaml", .line = 3}};
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, &wrong, NULL, faults));
  assert_null(catalog_file(c, 0)->plugin); /* none of its code ran here */
  assert_null(catalog_file(c, 0)->fault);  /* other uses may not pin it */
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  assert_non_null(strstr(told(faults), arena_format(memory,
                                                    "scorer 'frozen_spend' is another file than the pinned one: %s "
                                                    "has the SHA-256 %s, expected %s\n",
                                                    path, right.sha256, ZEROS)));
  assert_begins(told(faults), "p.yaml:3");
  assert_int_equal(problems_errors(faults), 1);
  assert_non_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, &right, NULL, faults));
  wrong.place.line = 4;
  assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, &wrong, NULL, faults));
  assert_int_equal(problems_errors(faults), 2);
  catalog_free(c);
  problems_free(faults);
}

static void a_source_by_location_can_be_pinned(void **state)
{
  (void)state;
  plugin_pin wrong = {.sha256 = ZEROS};
  problems *faults = problems_new();
  catalog *c = catalog_open(BUILD_DIR "/tests/plugins_good", NULL);
  assert_null(catalog_accepting(c, TARAZU_SINK, "out/scores.csv", &wrong, NULL, faults));
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  catalog_free(c);
  problems_free(faults);
}

/* Between the first look and the loading: by another file in its place, with the old size and times, or in place. */
static void a_file_that_changes_before_it_is_loaded_is_not(void **state)
{
  (void)state;
  static const char expected[] = "has changed since it was looked at; run again once it stays as it is";
  const char *path = plant(GOOD, "frozen.so");
  struct stat before;
  for (int in_place = 0; in_place < 2; in_place++) {
    problems *faults = problems_new();
    catalog *c = catalog_open(plugins, NULL);
    assert_int_equal(stat(path, &before), 0);
    if (!in_place) plant(GOOD, "frozen.so");
    const struct timespec times[2] = {before.st_atim, before.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, NULL, NULL, faults));
    assert_string_equal(catalog_file(c, 0)->fault, expected);
    catalog_free(c);
    problems_free(faults);
  }
}

/* While it is loaded: what was hashed need not be what runs. */
static void a_file_that_changes_while_it_is_loaded_is_not_used(void **state)
{
  (void)state;
  plant(BUILD_DIR "/tests/plugins_touchy/touches_itself.so", "touchy.so");
  for (int touched = 0; touched < 2; touched++) {
    problems *faults = problems_new();
    catalog *c = catalog_open(plugins, NULL);
    assert_null(catalog_file(c, 0)->fault);
    if (touched) setenv("TARAZU_TEST_TOUCH", "yes", 1);
    assert_int_equal(catalog_strategy(c, TARAZU_SCORER, "touchy", NOWHERE, NULL, NULL, faults) == NULL, touched);
    unsetenv("TARAZU_TEST_TOUCH");
    if (touched) assert_begins(catalog_file(c, 0)->fault, "has changed since it was looked at");
    assert_int_equal(catalog_file(c, 0)->plugin == NULL, touched);
    catalog_free(c);
    problems_free(faults);
  }
}

/* What a lock does not hold, or holds otherwise, is not even probed: crash_at_load would be told to have crashed. */
static void a_locked_catalog_runs_no_code_of_others(void **state)
{
  (void)state;
  const char *good = plant(GOOD, "good.so"), *bad = plant(BAD "/crash_at_load.so", "bad.so");
  plant(BAD "/crash_at_load.so", "other.so");
  lock only = lock_new("acme.yaml", memory);
  problems *faults = problems_new();
  lock_add(&only, good, hash_of(good), "1.0", "scorer/frozen_spend", "1.0", memory);
  lock_add(&only, bad, ZEROS, "1.0", "scorer/bad", "1.0", memory);
  lock_add(&only, "/nowhere/gone.so", ZEROS, "1.0", "scorer/gone", "1.0", memory);
  catalog *c = catalog_open_locked(plugins, NULL, &only);
  assert_null(file_called(c, "good.so")->fault);
  assert_string_equal(file_called(c, "other.so")->fault, "is not in acme.lock");
  assert_begins(file_called(c, "bad.so")->fault, "is another file than the locked one: its SHA-256 is ");
  assert_int_equal(catalog_check_lock(c, faults), 0);
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  assert_int_equal(problems_errors(faults), 2);
  assert_non_null(strstr(told(faults), "/nowhere/gone.so is not on the plugin path"));
  assert_non_null(strstr(told(faults), arena_format(memory, "expected %s", ZEROS)));
  assert_non_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, NULL, NULL, faults));
  assert_null(catalog_strategy(c, TARAZU_SCORER, "other", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), "scorer 'other' is not in acme.lock\n"));
  catalog_free(c);
  problems_free(faults);
}

/* Behind the worker's filter, which a build with the thread sanitizer has not. */
static void what_loading_must_not_do_is_told(void **state)
{
  static const char *const expected[][2] = {
      {"opens_socket.so", "tried to open a network socket while loading, which no plugin may"},
      {"writes_file.so", NULL}}; /* it is told that its file cannot be made, and goes on */
  (void)state;
#ifdef __SANITIZE_THREAD__
  (void)expected;
#else
  catalog *c = catalog_open(BUILD_DIR "/tests/plugins_eager", NULL);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const plugin_file *file = file_called(c, expected[i][0]);
    if (!expected[i][1]) assert_null(file->fault);
    else assert_string_equal(file->fault, expected[i][1]);
  }
  assert_int_equal(access("first_look", F_OK), -1);
  catalog_free(c);
#endif
}

/* ---- the cache --------------------------------------------------------------------------------------------- */

static void verdicts_are_remembered(void **state)
{
  char *bytes;
  size_t count;
  (void)state;
  plant(GOOD, "good.so");
  plant(BAD "/hang_at_load.so", "hang.so");
  plant(BAD "/crash_at_load.so", "crash.so");
  catalog_free(catalog_open(plugins, cache));
  read_bytes(cache, &bytes, &count);
  assert_non_null(strstr(bytes, "strategy 1 0 frozen_spend\nstrategy 4 0 frozen_sum\n"));
  double begun = clock_seconds();
  catalog *c = catalog_open(plugins, cache);
  assert_true(clock_seconds() - begun < 1); /* probing the hanging one takes two seconds */
  assert_string_equal(file_called(c, "hang.so")->fault, "took longer than 2 s to load");
  assert_string_equal(file_called(c, "crash.so")->fault, "crashed while loading (signal 11)");
  assert_null(file_called(c, "good.so")->fault);
  assert_non_null(catalog_strategy(c, TARAZU_COMBINER, "frozen_sum", NOWHERE, NULL, NULL, NULL));
  catalog_free(c);
}

static void a_changed_file_is_probed_again(void **state)
{
  (void)state;
  plant(BAD "/no_symbol.so", "plugin.so");
  catalog *c = catalog_open(plugins, cache);
  assert_non_null(catalog_file(c, 0)->fault);
  catalog_free(c);
  plant(GOOD, "plugin.so");
  c = catalog_open(plugins, cache);
  assert_null(catalog_file(c, 0)->fault);
  catalog_free(c);
}

/* Same size and same modification time: the change of the inode still shows. */
static void a_forged_time_of_change_does_not_help(void **state)
{
  struct stat before;
  (void)state;
  const char *path = plant(GOOD, "plugin.so");
  catalog_free(catalog_open(plugins, cache));
  assert_int_equal(stat(path, &before), 0);
  char *bytes;
  size_t count;
  read_bytes(path, &bytes, &count);
  memset(bytes, 'x', count);
  usleep(20000); /* the clock that stamps files ticks every few milliseconds */
  assert_int_equal(file_write(path, bytes, count), 0);
  assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[]){before.st_atim, before.st_mtim}, 0), 0);
  catalog *c = catalog_open(plugins, cache);
  assert_begins(catalog_file(c, 0)->fault, "cannot be loaded: ");
  catalog_free(c);
}

static void verdicts_of_other_folders_are_kept(void **state)
{
  char *bytes;
  size_t count;
  (void)state;
  mkdir(at(home, "others"), 0755);
  plant(GOOD, "one.so");
  plant(GOOD, "two.so");
  assert_int_equal(rename(at(plugins, "two.so"), at(home, "others/two.so")), 0);
  catalog_free(catalog_open(plugins, cache));
  catalog_free(catalog_open(at(home, "others"), cache));
  read_bytes(cache, &bytes, &count);
  assert_non_null(strstr(bytes, "plugins/one.so "));
  assert_non_null(strstr(bytes, "others/two.so "));
  assert_int_equal(unlink(at(plugins, "one.so")), 0);
  plant(GOOD, "three.so");
  catalog_free(catalog_open(plugins, cache));
  read_bytes(cache, &bytes, &count);
  assert_null(strstr(bytes, "plugins/one.so "));
  assert_non_null(strstr(bytes, "others/two.so "));
  assert_non_null(strstr(bytes, "plugins/three.so "));
}

static ino_t cache_identity(void)
{
  struct stat about;
  assert_int_equal(stat(cache, &about), 0);
  return about.st_ino;
}

static void paths_of_any_bytes_are_remembered(void **state)
{
  char *bytes;
  size_t count;
  (void)state;
  plant(GOOD, "a b%20\n\xc3\xa9.so");
  catalog_free(catalog_open(plugins, cache));
  read_bytes(cache, &bytes, &count);
  assert_non_null(strstr(bytes, "a%20b%2520%0a\xc3\xa9.so "));
  ino_t before = cache_identity();
  catalog *c = catalog_open(plugins, cache);
  assert_null(catalog_file(c, 0)->fault);
  catalog_free(c);
  assert_int_equal(cache_identity(), before); /* probing would have replaced the file */
}

static void runs_side_by_side_share_a_cache(void **state)
{
  pid_t runs[4];
  int status;
  (void)state;
  plant(GOOD, "good.so");
  plant(BAD "/crash_at_load.so", "crash.so");
  for (int i = 0; i < 4; i++) {
    runs[i] = fork();
    if (runs[i]) continue;
    int wrong = 0;
    for (int round = 0; round < 5; round++) {
      unlink(cache);
      catalog *c = catalog_open(plugins, cache);
      wrong |= catalog_files(c) != 2 || catalog_file(c, 0)->fault == NULL || catalog_file(c, 1)->fault != NULL;
      catalog_free(c);
    }
    _exit(wrong);
  }
  for (int i = 0; i < 4; i++) {
    assert_int_equal(waitpid(runs[i], &status, 0), runs[i]);
    assert_int_equal(status, 0);
  }
  catalog_free(catalog_open(plugins, cache));
  ino_t before = cache_identity();
  catalog_free(catalog_open(plugins, cache));
  assert_int_equal(cache_identity(), before);
}

/* Whatever has become of the cache, cut short or with a byte changed, the catalog comes out the same. */
static void a_torn_cache_is_not_believed(void **state)
{
  char *bytes;
  size_t count;
  (void)state;
  plant(BAD "/no_symbol.so", "plugin.so");
  catalog_free(catalog_open(plugins, cache));
  read_bytes(cache, &bytes, &count);
  for (size_t i = 0; i < count; i += 7) {
    char *changed = arena_copy_n(memory, bytes, count);
    changed[i] = (char)(changed[i] ^ 1);
    assert_int_equal(file_write(cache, changed, count), 0);
    catalog *c = catalog_open(plugins, cache);
    assert_string_equal(catalog_file(c, 0)->fault, "not a tarazu plugin (no symbol tarazu_plugin_v1)");
    catalog_free(c);
    assert_int_equal(file_write(cache, bytes, i), 0);
    c = catalog_open(plugins, cache);
    assert_string_equal(catalog_file(c, 0)->fault, "not a tarazu plugin (no symbol tarazu_plugin_v1)");
    catalog_free(c);
  }
  char *repaired;
  read_bytes(cache, &repaired, &count);
  assert_string_equal(repaired, bytes);
}

static void a_cache_open_to_others_is_not_believed(void **state)
{
  (void)state;
  plant(BAD "/hang_at_load.so", "hang.so");
  catalog_free(catalog_open(plugins, cache));
  assert_int_equal(chmod(cache, 0666), 0);
  double begun = clock_seconds();
  catalog_free(catalog_open(plugins, cache));
  assert_true(clock_seconds() - begun > 1.5); /* it was probed again */
}

static void a_cache_that_cannot_be_written_is_no_error(void **state)
{
  (void)state;
  plant(GOOD, "good.so");
  catalog *c = catalog_open(plugins, at(plugins, "good.so/verdicts"));
  assert_null(catalog_file(c, 0)->fault);
  catalog_free(c);
}

/* ---- strategies -------------------------------------------------------------------------------------------- */

static void a_strategy_is_loaded_by_role_and_id(void **state)
{
  const plugin_file *file;
  (void)state;
  plant(GOOD, "frozen.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_file(c, 0)->plugin);
  const tarazu_strategy *s = catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, NULL, &file, faults);
  assert_non_null(s);
  assert_string_equal(s->id, "frozen_spend");
  assert_ptr_equal(file, catalog_file(c, 0));
  assert_non_null(file->plugin);
  FILE *sum = popen(arena_format(memory, "sha256sum '%s'", file->path), "r");
  char digits[65] = "";
  assert_int_equal(fscanf(sum, "%64s", digits), 1);
  pclose(sum);
  assert_string_equal(file->sha256, digits);
  assert_int_equal(problems_errors(faults), 0);
  catalog_free(c);
  problems_free(faults);
}

static void an_unknown_id_names_what_there_is(void **state)
{
  (void)state;
  plant(GOOD, "frozen.so");
  plant(BAD "/bad_nan.so", "bad_nan.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spent", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), "unknown scorer 'frozen_spent'; expected one of bad_nan, frozen_spend\n"));
  assert_non_null(strstr(told(faults), "did you mean 'frozen_spend'?"));
  assert_int_equal(problems_status(faults), EXIT_PROFILE);
  assert_null(catalog_strategy(c, TARAZU_SINK, "csv", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), "unknown sink 'csv': the plugin path holds no sink\n"));
  assert_int_equal(problems_errors(faults), 2);
  catalog_free(c);
  problems_free(faults);
}

static void a_strategy_of_another_role_is_told_as_such(void **state)
{
  (void)state;
  plant(GOOD, "frozen.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_sum", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), "'frozen_sum' is a combiner, not a scorer\n"));
  assert_int_equal(problems_errors(faults), 1);
  catalog_free(c);
  problems_free(faults);
}

static void a_faulty_file_of_that_name_gives_its_reason(void **state)
{
  (void)state;
  mkdir(at(plugins, "scorer"), 0755);
  const char *path = plant(BAD "/wrong_major.so", "scorer/rfm.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_strategy(c, TARAZU_SCORER, "rfm", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), arena_format(memory,
                                                    "scorer 'rfm' cannot be used: %s: built for ABI 2, this host "
                                                    "speaks 1\n",
                                                    path)));
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  assert_null(catalog_strategy(c, TARAZU_SINK, "rfm", NOWHERE, NULL, NULL, faults)); /* that folder is for scorers */
  assert_non_null(strstr(told(faults), "unknown sink 'rfm'"));
  catalog_free(c);
  problems_free(faults);
}

static void two_files_with_one_id_are_an_error_that_names_both(void **state)
{
  (void)state;
  plant(GOOD, "one.so");
  plant(GOOD, "two.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), at(plugins, "one.so")));
  assert_non_null(strstr(told(faults), at(plugins, "two.so")));
  assert_int_equal(problems_errors(faults), 1);
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  catalog_free(c);
  problems_free(faults);
}

static void the_usual_one_is_the_only_one_that_says_so(void **state)
{
  const plugin_file *file;
  (void)state;
  plant(BAD "/usual_too.so", "one.so");
  plant(GOOD, "others.so");
  for (int remembered = 0; remembered < 2; remembered++) {
    problems *faults = problems_new();
    catalog *c = catalog_open(plugins, cache);
    const tarazu_strategy *combiner = catalog_usual(c, TARAZU_COMBINER, NOWHERE, &file, faults);
    assert_non_null(combiner);
    assert_string_equal(combiner->id, "first_alone");
    assert_string_equal(file_name(file->path), "one.so");
    assert_int_equal(strlen(file->sha256), 64);
    assert_string_equal(catalog_usual(c, TARAZU_WEIGHER, NOWHERE, NULL, faults)->id, "all_alike");
    assert_int_equal(problems_errors(faults), 0);
    catalog_free(c);
    problems_free(faults);
  }
}

static void several_usual_ones_are_none(void **state)
{
  const plugin_file *file;
  (void)state;
  plant(BAD "/usual_too.so", "one.so");
  plant(BAD "/usual_too.so", "two.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_usual(c, TARAZU_WEIGHER, NOWHERE, &file, faults));
  assert_null(file);
  assert_non_null(strstr(told(faults), arena_format(memory,
                                                    "the profile names no weigher, and several say that they are the "
                                                    "usual one: 'all_alike' (%s), 'all_alike' (%s)",
                                                    at(plugins, "one.so"), at(plugins, "two.so"))));
  assert_int_equal(problems_errors(faults), 1);
  assert_int_equal(problems_status(faults), EXIT_PROFILE);
  catalog_free(c);
  problems_free(faults);
}

static void without_a_usual_one_the_candidates_are_told(void **state)
{
  (void)state;
  plant(GOOD, "others.so"); /* the combiner frozen_sum, which does not say so */
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_usual(c, TARAZU_COMBINER, NOWHERE, NULL, faults));
  assert_non_null(strstr(told(faults), "the profile names no combiner, and none that is installed says that it is the "
                                       "usual one; expected frozen_sum"));
  assert_null(catalog_usual(c, TARAZU_WEIGHER, NOWHERE, NULL, faults));
  assert_non_null(strstr(told(faults), "the profile names no weigher, and the plugin path holds none"));
  assert_int_equal(problems_errors(faults), 2);
  assert_int_equal(problems_status(faults), EXIT_PROFILE);
  catalog_free(c);
  problems_free(faults);
}

static void a_usual_one_that_has_gone_gives_its_reason(void **state)
{
  (void)state;
  const char *path = plant(BAD "/usual_too.so", "one.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_int_equal(unlink(path), 0);
  assert_null(catalog_usual(c, TARAZU_COMBINER, NOWHERE, NULL, faults));
  assert_non_null(strstr(told(faults), "combiner 'first_alone', the usual one, cannot be used: "));
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  catalog_free(c);
  problems_free(faults);
}

/* A remembered verdict says good, but the file has gone: told when it is asked for. */
static void a_file_that_fails_after_a_good_verdict_gives_its_reason(void **state)
{
  (void)state;
  const char *path = plant(GOOD, "frozen.so");
  problems *faults = problems_new();
  catalog *c = catalog_open(plugins, NULL);
  assert_null(catalog_file(c, 0)->fault);
  assert_int_equal(unlink(path), 0);
  assert_null(catalog_strategy(c, TARAZU_SCORER, "frozen_spend", NOWHERE, NULL, NULL, faults));
  assert_non_null(strstr(told(faults), "scorer 'frozen_spend' cannot be used: "));
  assert_int_equal(problems_status(faults), EXIT_PLUGIN);
  assert_string_equal(catalog_file(c, 0)->fault, "cannot be read: No such file or directory");
  catalog_free(c);
  problems_free(faults);
}

static void all_strategies_come_by_role_then_id(void **state)
{
  const tarazu_strategy *const *strategies;
  const plugin_file *const *files;
  (void)state;
  plant(GOOD, "a.so");
  plant(BAD "/bad_nan.so", "b.so");
  plant(BAD "/no_symbol.so", "c.so");
  plant(BAD "/bad_error.so", "d.so");
  catalog *c = catalog_open(plugins, NULL);
  assert_int_equal(catalog_strategies(c, &strategies, &files), 4);
  const char *expected[] = {"bad_error", "bad_nan", "frozen_spend", "frozen_sum"};
  for (int i = 0; i < 4; i++) assert_string_equal(strategies[i]->id, expected[i]);
  assert_string_equal(file_name(files[0]->path), "d.so");
  assert_string_equal(file_name(files[3]->path), "a.so");
  catalog_free(c);
}

static void roles_have_names(void **state)
{
  (void)state;
  assert_string_equal(role_name(TARAZU_SCORER), "scorer");
  assert_string_equal(role_name(TARAZU_SINK), "sink");
  assert_string_equal(role_name(0), "?");
  assert_string_equal(role_name(99), "?");
  for (uint32_t role = TARAZU_SCORER; role <= TARAZU_SINK; role++)
    assert_int_equal(role_by_name(role_name(role)), role);
  assert_int_equal(role_by_name("?"), 0);
  assert_int_equal(role_by_name("scorers"), 0);
}

/* slow takes "*.csv", quick "*.csv" and "-", special "*special.csv". */
static void the_longest_pattern_takes_a_location(void **state)
{
  const plugin_file *file;
  (void)state;
  catalog *c = catalog_open(BUILD_DIR "/tests/plugins_good", NULL);
  const tarazu_strategy *s = catalog_accepting(c, TARAZU_SINK, "out/special.csv", NULL, &file, NULL);
  assert_non_null(s);
  assert_string_equal(s->id, "special");
  assert_non_null(file);
  assert_int_equal(strlen(file->sha256), 64);
  assert_string_equal(catalog_accepting(c, TARAZU_SINK, "out/Scores.CSV", NULL, NULL, NULL)->id, "quick");
  assert_string_equal(catalog_accepting(c, TARAZU_SINK, "-", NULL, NULL, NULL)->id, "quick");
  assert_null(catalog_accepting(c, TARAZU_SINK, "out/scores.xml", NULL, &file, NULL));
  assert_null(file);
  assert_null(catalog_accepting(c, TARAZU_SOURCE, "out/scores.csv", NULL, &file, NULL));
  catalog_free(c);
}

/* ---- probing and the process around it --------------------------------------------------------------------- */

static void probing_leaves_no_child_and_no_file_open(void **state)
{
  (void)state;
  for (int i = 0; i < 12; i++)
    plant(i % 2 ? BAD "/crash_at_load.so" : GOOD, arena_format(memory, i % 2 ? "%d_bad.so" : "%d_good.so", i));
  int before = open("/dev/null", O_RDONLY);
  close(before);
  catalog *c = catalog_open(plugins, NULL);
  int after = open("/dev/null", O_RDONLY);
  close(after);
  assert_int_equal(after, before);
  errno = 0;
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
  assert_int_equal(errno, ECHILD);
  for (uint32_t i = 0; i < catalog_files(c); i++) /* each child's verdict went to its own file */
    assert_int_equal(!catalog_file(c, i)->fault, strstr(catalog_file(c, i)->path, "good") != NULL);
  catalog_free(c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define HELD(name) cmocka_unit_test_setup_teardown(name, set_up_held, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(each_bad_plugin_has_its_one_line),
      TEST(what_is_no_whole_shared_object_is_told),
      TEST(a_missing_library_is_named_and_looked_for_again),
      HELD(each_bad_plugin_has_its_one_line),
      HELD(what_is_no_whole_shared_object_is_told),
      HELD(a_missing_library_is_named_and_looked_for_again),
      HELD(verdicts_are_remembered),
      HELD(what_loading_must_not_do_is_told),
      TEST(plugins_lie_in_the_folder_or_one_below),
      TEST(a_link_and_its_target_are_one_plugin),
      TEST(a_missing_folder_is_told),
      TEST(an_empty_path_holds_nothing),
      TEST(what_others_can_write_to_is_passed_over),
      TEST(a_folder_that_others_can_write_to_is_passed_over_whole),
      TEST(a_link_is_judged_by_what_it_leads_to),
      TEST(a_strangers_file_is_passed_over),
      TEST(a_folder_above_that_others_can_write_to_is_told),
      TEST(a_folder_above_may_be_open_to_ones_own_group),
      TEST(a_link_to_the_folder_is_judged_by_both_ways),
      TEST(a_strangers_folder_above_is_told),
      TEST(a_pinned_file_is_loaded_where_it_is_that_file),
      TEST(a_source_by_location_can_be_pinned),
      TEST(a_file_that_changes_before_it_is_loaded_is_not),
      TEST(a_file_that_changes_while_it_is_loaded_is_not_used),
      TEST(a_locked_catalog_runs_no_code_of_others),
      TEST(verdicts_are_remembered),
      TEST(a_changed_file_is_probed_again),
      TEST(a_forged_time_of_change_does_not_help),
      TEST(verdicts_of_other_folders_are_kept),
      TEST(paths_of_any_bytes_are_remembered),
      TEST(runs_side_by_side_share_a_cache),
      TEST(a_torn_cache_is_not_believed),
      TEST(a_cache_open_to_others_is_not_believed),
      TEST(a_cache_that_cannot_be_written_is_no_error),
      TEST(a_strategy_is_loaded_by_role_and_id),
      TEST(an_unknown_id_names_what_there_is),
      TEST(a_strategy_of_another_role_is_told_as_such),
      TEST(a_faulty_file_of_that_name_gives_its_reason),
      TEST(two_files_with_one_id_are_an_error_that_names_both),
      TEST(the_usual_one_is_the_only_one_that_says_so),
      TEST(several_usual_ones_are_none),
      TEST(without_a_usual_one_the_candidates_are_told),
      TEST(a_usual_one_that_has_gone_gives_its_reason),
      TEST(a_file_that_fails_after_a_good_verdict_gives_its_reason),
      TEST(all_strategies_come_by_role_then_id),
      TEST(roles_have_names),
      TEST(the_longest_pattern_takes_a_location),
      TEST(probing_leaves_no_child_and_no_file_open),
  };
  return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
