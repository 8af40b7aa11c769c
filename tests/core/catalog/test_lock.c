/* Lock files: written the same way each time, read back, with everything that is wrong told at its place. */
#include "base/file.h"
#include "catalog/lock.h"
#include "support/near.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ONES   "1111111111111111111111111111111111111111111111111111111111111111"
#define LETTER "abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"

static arena *memory;
static problems *faults;
static char home[64], profile[96];

static int set_up(void **state)
{
  (void)state;
  memory = arena_new();
  faults = problems_new();
  strcpy(home, "/tmp/tarazu-lock-XXXXXX");
  assert_non_null(mkdtemp(home));
  snprintf(profile, sizeof profile, "%s/acme.yaml", home);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  unlink(lock_path(profile, memory));
  assert_int_equal(rmdir(home), 0);
  problems_free(faults);
  arena_free(memory);
  return 0;
}

static int read_text(const char *bytes, lock *out)
{
  problems_free(faults);
  faults = problems_new();
  assert_int_equal(file_write(lock_path(profile, memory), bytes, strlen(bytes)), 0);
  return lock_read(profile, memory, faults, out);
}

static const char *told(void)
{
  text out = {0};
  problems_print(faults, &out, 0);
  const char *kept = arena_copy(memory, text_string(&out));
  text_free(&out);
  return kept;
}

static void assert_told(const char *piece)
{
  if (!strstr(told(), piece)) fail_msg("\"%s\" is not told; this is: %s", piece, told());
}

static const char *written(const lock *l)
{
  text out = {0};
  lock_write(l, memory, &out);
  const char *kept = arena_copy(memory, text_string(&out));
  text_free(&out);
  return kept;
}

static const char *differences(const lock *before, const lock *now, uint32_t count)
{
  text out = {0};
  assert_int_equal(lock_differences(before, now, &out), count);
  const char *kept = arena_copy(memory, text_string(&out));
  text_free(&out);
  return kept;
}

static void a_lock_lies_beside_its_profile(void **state)
{
  (void)state;
  assert_string_equal(lock_path("a/acme.yaml", memory), "a/acme.lock");
  assert_string_equal(lock_path("acme.v2.yml", memory), "acme.v2.lock");
  assert_string_equal(lock_path("acme", memory), "acme.lock");
  assert_string_equal(lock_path("a/.yaml", memory), "a/.yaml.lock");
}

static void the_command_that_writes_it_can_be_typed(void **state)
{
  (void)state;
  assert_string_equal(lock_new("a/acme.yaml", memory).command, "tarazu plugin lock a/acme.yaml");
  assert_string_equal(lock_new("my company.yaml", memory).command, "tarazu plugin lock 'my company.yaml'");
}

static void a_hash_is_64_hexadecimal_digits(void **state)
{
  (void)state;
  assert_string_equal(sha256_read(ONES, memory), ONES);
  assert_string_equal(sha256_read("ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD", memory), LETTER);
  assert_null(sha256_read("", memory));
  assert_null(sha256_read(ONES "1", memory));
  assert_null(sha256_read(ONES + 1, memory));
  assert_null(sha256_read("g111111111111111111111111111111111111111111111111111111111111111", memory));
  assert_null(sha256_read(" 111111111111111111111111111111111111111111111111111111111111111", memory));
}

/* Whatever the order in which a plan names them. */
static void the_same_plugins_give_the_same_bytes(void **state)
{
  (void)state;
  lock one = lock_new(profile, memory), other = one;
  const char *near = arena_format(memory, "%s/plugins/a.so", home), *far = "/opt/b \"c\".so";
  lock_add(&one, near, ONES, "1.0", "scorer/a", "1.0", memory);
  lock_add(&one, far, LETTER, "1.1", "sink/b", "2", memory);
  lock_add(&one, far, LETTER, "1.1", "scorer/b", "3", memory);
  lock_add(&one, near, ONES, "1.0", "scorer/a", "1.0", memory);
  lock_add(&other, far, LETTER, "1.1", "scorer/b", "3", memory);
  lock_add(&other, near, ONES, "1.0", "scorer/a", "1.0", memory);
  lock_add(&other, far, LETTER, "1.1", "sink/b", "2", memory);
  assert_string_equal(written(&one), written(&other));
  assert_non_null(strstr(written(&one), "tarazu_lock: 1\n"
                                        "plugins:\n"
                                        "  - path: \"/opt/b \\\"c\\\".so\"\n"
                                        "    sha256: " LETTER "\n"
                                        "    abi: \"1.1\"\n"
                                        "    strategies: {\"scorer/b\": \"3\", \"sink/b\": \"2\"}\n"
                                        "  - path: \"plugins/a.so\"\n"));
}

static void what_was_written_is_read_back(void **state)
{
  (void)state;
  lock l = lock_new(profile, memory), back;
  const char *near = arena_format(memory, "%s/plugins/a.so", home), *odd = "/opt/b \"c\"\n\té.so";
  lock_add(&l, near, ONES, "1.0", "scorer/a", "1.0", memory);
  lock_add(&l, odd, LETTER, "1.1", "sink/b", "2 \"x\"", memory);
  assert_int_equal(read_text(written(&l), &back), 1);
  assert_int_equal(back.count, 2);
  assert_string_equal(lock_by_path(&back, near)->sha256, ONES);
  assert_string_equal(lock_by_path(&back, odd)->strategies[0].version, "2 \"x\"");
  assert_string_equal(lock_by_path(&back, odd)->strategies[0].name, "sink/b");
  assert_null(lock_by_path(&back, "/opt/c.so"));
  assert_string_equal(differences(&l, &back, 0), "");
  assert_string_equal(written(&back), written(&l));
}

static void what_differs_is_told(void **state)
{
  (void)state;
  lock before = {.file = "acme.lock", .profile = "acme.yaml"}, now = before;
  lock_add(&before, "/p/a.so", ONES, "1.0", "scorer/a", "1.0", memory);
  lock_add(&before, "/p/b.so", ONES, "1.0", "scorer/b", "1.0", memory);
  lock_add(&before, "/p/c.so", ONES, "1.0", "scorer/c", "1.0", memory);
  lock_add(&now, "/p/a.so", LETTER, "1.0", "scorer/a", "1.1", memory);
  lock_add(&now, "/p/c.so", LETTER, "1.0", "scorer/c", "1.0", memory);
  lock_add(&now, "/p/d.so", ONES, "1.0", "scorer/d", "1.0", memory);
  assert_string_equal(differences(&before, &now, 4),
                      "changed /p/a.so: scorer/a 1.0 → scorer/a 1.1, SHA-256 111111111111… → abcdefabcdef…\n"
                      "changed /p/c.so: SHA-256 111111111111… → abcdefabcdef…\n"
                      "added /p/d.so (scorer/d 1.0)\n"
                      "removed /p/b.so\n");
  assert_string_equal(differences(NULL, &before, 3), "added /p/a.so (scorer/a 1.0)\n"
                                                     "added /p/b.so (scorer/b 1.0)\n"
                                                     "added /p/c.so (scorer/c 1.0)\n");
}

static void a_lock_that_is_not_there_is_told_with_what_to_do(void **state)
{
  (void)state;
  lock l;
  assert_int_equal(lock_read(profile, memory, faults, &l), 0);
  assert_int_equal(problems_status(faults), EXIT_PROFILE);
  assert_told("acme.lock: error: there is no such file, which --locked asks for\n");
  assert_told(arena_format(memory, "`tarazu plugin lock %s` writes it\n", profile));
}

static void each_fault_of_a_lock_is_told_at_its_place(void **state)
{
  (void)state;
  lock l;
  assert_int_equal(read_text("tarazu_lock: 2\n"
                             "plugin: []\n"
                             "plugins:\n"
                             "  - path: a.so\n"
                             "    sha256: 12\n"
                             "    abi: \"1.0\"\n"
                             "    strategies: {}\n"
                             "  - {sha256: " ONES ", abi: \"1.0\", strategies: [a]}\n"
                             "  - b.so\n"
                             "  - {path: c.so, sha256: " ONES ", abi: \"1.0\", strategies: {}}\n"
                             "  - {path: c.so, sha256: " ONES ", abi: \"1.0\", strategies: {}}\n",
                             &l),
                   0);
  assert_told("acme.lock:1:14: error: tarazu_lock: found format 2, expected 1\n");
  assert_told("acme.lock:2:1: error: the lock: unknown key 'plugin'");
  assert_told("acme.lock:5:13: error: plugins[0]: sha256: found the number 12, expected 64 hexadecimal digits\n");
  assert_told("acme.lock:8:5: error: plugins[1]: 'path' is missing\n");
  assert_told(": error: plugins[1]: strategies: found a list, expected a map of ROLE/ID to versions\n");
  assert_told(
      "acme.lock:9:5: error: plugins[2]: found text 'b.so', expected a map of path, sha256, abi and strategies\n");
  assert_told("acme.lock:11:12: error: plugins[4]: its path is given twice\n");
  assert_told("writes the file anew\n");
}

static void what_is_no_lock_is_told(void **state)
{
  (void)state;
  lock l;
  assert_int_equal(read_text("company: Acme\n", &l), 0);
  assert_told("acme.lock: error: 'tarazu_lock: 1' is missing\n");
  assert_int_equal(read_text("", &l), 0);
  assert_int_equal(read_text("- a\n", &l), 0);
  assert_int_equal(read_text("tarazu_lock: 1\n", &l), 0);
  assert_told("acme.lock: error: 'plugins' is missing\n");
  assert_int_equal(read_text("tarazu_lock: [\n", &l), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_lock_lies_beside_its_profile),
      TEST(the_command_that_writes_it_can_be_typed),
      TEST(a_hash_is_64_hexadecimal_digits),
      TEST(the_same_plugins_give_the_same_bytes),
      TEST(what_was_written_is_read_back),
      TEST(what_differs_is_told),
      TEST(a_lock_that_is_not_there_is_told_with_what_to_do),
      TEST(each_fault_of_a_lock_is_told_at_its_place),
      TEST(what_is_no_lock_is_told),
  };
  return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
