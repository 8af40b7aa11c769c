/* What went wrong and where: collected, so that a user is told everything at once, then printed with the source line
 * and a caret. */
#ifndef TARAZU_BASE_PROBLEM_H
#define TARAZU_BASE_PROBLEM_H

#include "base/text.h"
#include <stdarg.h>

/* Exit statuses of the command, worst first; documented in docs/commands.md. */
typedef enum exit_status {
  EXIT_GOOD = 0,
  EXIT_INTERNAL = 1, /* a fault of tarazu's own, or no memory */
  EXIT_USAGE = 2,    /* the command line */
  EXIT_PROFILE = 3,  /* the profile: what it says cannot be done */
  EXIT_DATA = 4,     /* the data break what the profile or a method assumes */
  EXIT_PLUGIN = 5,   /* a plugin cannot be loaded, or broke its contract */
  EXIT_OUTPUT = 6,   /* the results cannot be written */
  EXIT_CANCELLED = 130
} exit_status;

/* A place in a file that the user wrote. file NULL: none. line and column count from 1, columns in bytes; line 0: the
 * file as a whole. length: bytes that the caret underlines, at least 1. What a problem needs of it is copied. */
typedef struct place {
  const char *file;
  const char *line_text; /* the line itself, up to its end or a zero byte; NULL: unknown */
  int line, column, length;
} place;

typedef struct problems problems;

problems *problems_new(void);
void problems_free(problems *problems); /* NULL is fine */

/* [any thread] Adds an error. The text says what was found, then what was expected. */
__attribute__((format(printf, 4, 5))) void problem_add(problems *problems, exit_status status, place where,
                                                       const char *format, ...);
/* A line below the calling thread's newest error or warning: "did you mean 'weight'?", "first given at b.yaml:3:5". */
__attribute__((format(printf, 2, 3))) void problem_hint(problems *problems, const char *format, ...);
/* Told, but nothing is stopped by it; goes into the manifest too. */
__attribute__((format(printf, 3, 4))) void problem_warn(problems *problems, place where, const char *format, ...);
/* " (did you mean 'x'?)" as a hint where a candidate is near. */
void problem_nearest(problems *problems, const char *word, const char *const *candidates, size_t count);

/* Adds the errors of another list. Those that are not in `usual` (NULL: empty) get the hint, once. */
void problems_take(problems *problems, const struct problems *from, const struct problems *usual, const char *hint);

size_t problems_errors(const problems *problems);
size_t problems_warnings(const problems *problems);
const char *problems_warning(const problems *problems, size_t index); /* one line, with its place */
/* The first error's status, EXIT_GOOD where there is none. */
exit_status problems_status(const problems *problems);

/* Appends all of them, in order of file, line, column, then as they came; equal ones once:
 *   profile.yaml:12:5: error: unknown key 'wieght'; expected one of plugin, dimension, weight, …
 *      12 |     wieght: 3
 *         |     ^~~~~~
 *     did you mean 'weight'?
 * colour: ANSI colours for a terminal. */
void problems_print(const problems *problems, text *out, int colour);
void problems_print_json(const problems *problems, text *out); /* a JSON array */

#define NOWHERE ((place){0})

#endif
