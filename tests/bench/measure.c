/* Runs a command and prints what it took: wall seconds, its peak of resident memory in MiB, and processor seconds. The
 * command's own output goes nowhere, its messages where they always go.
 *   measure COMMAND [ARGUMENT…]    status: the command's; 127: it could not be started */
#include "base/clock.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_STARTED = 127 };

static double seconds_of(struct timeval time)
{
  return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static void become(char **command)
{
  int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO);
  execvp(command[0], command);
  perror(command[0]);
  _exit(NOT_STARTED);
}

int main(int count, char **words)
{
  if (count < 2) {
    fprintf(stderr, "measure: measure COMMAND [ARGUMENT…]\n");
    return NOT_STARTED;
  }
  double begin = clock_seconds();
  pid_t child = fork();
  if (child == 0) become(words + 1);
  int status = 0;
  struct rusage used;
  if (child < 0 || wait4(child, &status, 0, &used) != child) return NOT_STARTED;
  printf("%.6f %.1f %.6f\n", clock_seconds() - begin, (double)used.ru_maxrss / 1024,
         seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
