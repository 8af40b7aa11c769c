/* How far a run is, on one line of the terminal that goes when it is done. */
#include "cli/progress.h"
#include "base/clock.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs that are over sooner show nothing; a line changes no oftener than the eye can follow. In seconds. */
static const double FIRST_AFTER = 0.3, AGAIN_AFTER = 0.1;
enum { BAR = 30 };

struct progress {
  pthread_mutex_t lock;
  double began, next;
  int shown, ended;
};

progress *progress_start(int quiet)
{
  const char *terminal = getenv("TERM");
  if (quiet || !isatty(STDERR_FILENO) || !terminal || strcmp(terminal, "dumb") == 0) return NULL;
  progress *watch = calloc(1, sizeof *watch);
  if (!watch) return NULL;
  pthread_mutex_init(&watch->lock, NULL);
  watch->began = clock_seconds();
  watch->next = watch->began + FIRST_AFTER;
  return watch;
}

/* "reading orders            [#########---------------------]  31 %  4 s", cursor back at the line's start */
static int line_format(char *line, size_t room, const char *stage, double done, double seconds)
{
  char bar[BAR + 1] = "", percent[8] = "";
  if (done >= 0) {
    if (done > 1) done = 1;
    int filled = (int)(done * BAR);
    memset(bar, '-', BAR);
    memset(bar, '#', (size_t)filled);
    snprintf(percent, sizeof percent, "%3d %%", (int)(done * 100));
  }
  return snprintf(line, room, "\r\033[K%-24.24s %s%s%s %s  %.0f s", stage, done >= 0 ? "[" : "", bar,
                  done >= 0 ? "]" : "", percent, seconds);
}

static void line_write(const char *line, int length)
{
  /* A terminal that cannot be written to loses a progress line, nothing else. */
  if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0) return;
}

void progress_tell(void *argument, const char *stage, double done)
{
  progress *watch = argument;
  /* A thread that finds another one drawing goes on with its work. */
  if (!watch || pthread_mutex_trylock(&watch->lock) != 0) return;
  double now = clock_seconds();
  if (!watch->ended && now >= watch->next) {
    char line[160];
    int length = line_format(line, sizeof line, stage ? stage : "", done, now - watch->began);
    line_write(line, length < (int)sizeof line ? length : (int)sizeof line - 1);
    watch->shown = 1;
    watch->next = now + AGAIN_AFTER;
  }
  pthread_mutex_unlock(&watch->lock);
}

void progress_end(progress *watch)
{
  if (!watch) return;
  pthread_mutex_lock(&watch->lock);
  if (watch->shown && !watch->ended) line_write("\r\033[K", 4);
  watch->ended = 1;
  pthread_mutex_unlock(&watch->lock);
}

void progress_free(progress *watch)
{
  if (!watch) return;
  pthread_mutex_destroy(&watch->lock);
  free(watch);
}
