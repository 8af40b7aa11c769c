/* The tarazu command: finds out which command is meant, and helps where none is. */
#include "cli/command.h"
#include "cli/crash.h"
#include "run/session.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tarazu/tarazu.h>
#include <unistd.h>

static const command *const commands[] = {&command_run,     &command_preview,    &command_check,      &command_explain,
                                          &command_compare, &command_robustness, &command_experiment, &command_runs,
                                          &command_history, &command_plugin,     &command_schema,     &command_demo};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const char introduction[] =
    "tarazu weighs what customers pay against the value that no invoice shows (word of mouth, satisfaction, trust)\n"
    "and names a company's key customers, with reasons.\n"
    "\n"
    "usage: tarazu COMMAND [OPTIONS]\n"
    "       tarazu help COMMAND\n"
    "       tarazu --version\n";
static const char examples[] =
    "examples\n"
    "  tarazu demo company                    a believable company's data, and a profile for it\n"
    "  tarazu check company/profile.yaml      is the profile right? Without reading the data\n"
    "  tarazu run company/profile.yaml        its key customers on the screen, every score in a file\n"
    "  tarazu explain company/profile.yaml 1042\n"
    "                                         why customer 1042 stands where she stands\n"
    "  tarazu preview company/profile.yaml    what a run would change in the list that was published last\n"
    "  tarazu compare june.yaml july.yaml     who entered and left, and what for\n"
    "  tarazu robustness profile.yaml         how much of the list hangs on one weight, customer or method\n"
    "  tarazu experiment run experiment.yaml  which of many variants names the right customers\n"
    "  tarazu run profile.yaml --set key_customers.limit=20 --set combine.plugin=weighted_sum\n"
    "                                         the same with other settings\n"
    "  tarazu history 1042                    one customer through the recorded runs, and what moved her\n"
    "  tarazu plugin list                     the strategies that a profile can name\n"
    "\n"
    "exit statuses\n"
    "  0  good\n"
    "  1  a fault of tarazu's own, or no memory\n"
    "  2  the command line cannot be understood\n"
    "  3  what the profile says cannot be done\n"
    "  4  the data break what the profile or a method assumes\n"
    "  5  a plugin cannot be loaded, or broke its contract\n"
    "  6  results cannot be written\n"
    " 10  a preview's run would change the list\n"
    "130  cancelled (Ctrl-C)\n";

catalog *command_catalog(const invocation *asked)
{
  const char *path = asked->plugins ? asked->plugins : plugin_path_default(asked->arena);
  return catalog_open(path, plugin_cache_default(asked->arena));
}

int output_write(const text *out)
{
  if (fwrite(text_string(out), 1, out->length, stdout) == out->length && fflush(stdout) == 0) return EXIT_GOOD;
  /* A reader who has seen enough (| head) needs no message. */
  if (errno != EPIPE) fprintf(stderr, "tarazu: standard output: %s\n", strerror(errno));
  return EXIT_OUTPUT;
}

int output_colour(int descriptor)
{
  const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
  return isatty(descriptor) && !(refused && *refused) && terminal && strcmp(terminal, "dumb") != 0;
}

screen output_screen(void)
{
  return (screen){output_colour(STDOUT_FILENO), terminal_width(STDOUT_FILENO)};
}

int usage_fault(const invocation *asked, const char *format, ...)
{
  const command *about = asked->command;
  text out = {0};
  char message[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  text_addf(&out, "tarazu%s%s: %s\n", about ? " " : "", about ? about->name : "", message);
  if (about) {
    text_addf(&out, "usage: tarazu %s%s%s [OPTIONS]\n'tarazu help %s' tells more\n", about->name,
              *about->operands ? " " : "", about->operands, about->name);
  } else {
    text_add(&out, "'tarazu help' tells more\n");
  }
  fputs(text_string(&out), stderr);
  text_free(&out);
  return EXIT_USAGE;
}

static int help_all(void)
{
  text out = {0};
  text_addf(&out, "%s\ncommands\n", introduction);
  for (size_t i = 0; i < COMMANDS; i++) {
    char left[64];
    snprintf(left, sizeof left, "%s %s", commands[i]->name, commands[i]->operands);
    text_addf(&out, "  %-26s %s\n", left, commands[i]->summary);
  }
  text_addf(&out, "\n%s", examples);
  int status = output_write(&out);
  text_free(&out);
  return status;
}

static int help_command(const command *about)
{
  text out = {0};
  text_addf(&out, "usage: tarazu %s%s%s [OPTIONS]\n\n%s\n\noptions\n", about->name, *about->operands ? " " : "",
            about->operands, about->details);
  options_describe(about->options, &out);
  int status = output_write(&out);
  text_free(&out);
  return status;
}

static const command *command_find(const char *name)
{
  for (size_t i = 0; i < COMMANDS; i++) {
    if (strcmp(commands[i]->name, name) == 0) return commands[i];
  }
  return NULL;
}

static int unknown_command(const invocation *asked, const char *name)
{
  const char *names[COMMANDS + 1] = {"help"};
  for (size_t i = 0; i < COMMANDS; i++) names[i + 1] = commands[i]->name;
  const char *nearest = text_nearest(name, names, COMMANDS + 1);
  if (nearest) return usage_fault(asked, "unknown command '%s'; did you mean '%s'?", name, nearest);
  return usage_fault(asked,
                     "unknown command '%s'; expected one of run, preview, check, explain, compare, robustness, "
                     "experiment, runs, "
                     "history, plugin, schema, demo, help",
                     name);
}

/* The word of a command's operands with that number: "CUSTOMER" of "PROFILE CUSTOMER". */
static const char *operand_name(const invocation *asked, uint32_t number)
{
  const char *names = asked->command->operands;
  for (; number; number--) names += strcspn(names, " ") + 1;
  return arena_copy_n(asked->arena, names, strcspn(names, " "));
}

static int obey(invocation *asked, int count, char **words)
{
  text fault = {0};
  int good = options_parse(asked->command->options, count, words, asked, &asked->operands, asked->arena, &fault);
  int status = EXIT_GOOD;
  uint32_t operands = asked->operands.count, least = asked->command->least_operands;
  if (asked->help) status = help_command(asked->command);
  else if (!good) status = usage_fault(asked, "%s", text_string(&fault));
  else if (operands < least) status = usage_fault(asked, "%s is missing", operand_name(asked, operands));
  else if (operands > asked->command->most_operands)
    status = usage_fault(asked, "unexpected '%s'", asked->operands.items[asked->command->most_operands]);
  else status = asked->command->act(asked);
  text_free(&fault);
  return status;
}

static int dispatch(invocation *asked, int count, char **words)
{
  const char *first = count > 1 ? words[1] : NULL;
  if (!first) {
    fputs(introduction, stderr);
    fputs("\n'tarazu help' lists the commands, with examples\n", stderr);
    return EXIT_USAGE;
  }
  if (strcmp(first, "--version") == 0) {
    text out = {0};
    text_addf(&out, "tarazu %s\n", tarazu_version());
    int status = output_write(&out);
    text_free(&out);
    return status;
  }
  int help = strcmp(first, "help") == 0;
  if (help && count > 2) {
    const command *about = command_find(words[2]);
    return about ? help_command(about) : unknown_command(asked, words[2]);
  }
  if (help || strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) return help_all();
  if (first[0] == '-') return usage_fault(asked, "option '%s' before a command; options follow it", first);
  asked->command = command_find(first);
  if (!asked->command) return unknown_command(asked, first);
  return obey(asked, count - 2, words + 2);
}

int main(int count, char **words)
{
  crash_watch();
  signal(SIGPIPE, SIG_IGN); /* a reader who goes away is an error of writing, not a death with half an output */
  invocation asked = {.arena = arena_new(), .sample = -1, .runs = -1};
  int status = dispatch(&asked, count, words);
  arena_free(asked.arena);
  return status;
}
