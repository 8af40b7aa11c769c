/* Tests run in child processes with limits of time and memory; what became of one is told through shared memory, so
 * that it is known also of a child that crashed, left or had to be stopped. */
#ifndef TARAZU_CONFORM_CHILD_H
#define TARAZU_CONFORM_CHILD_H

#include <stddef.h>
#include <stdint.h>

enum { CHILD_WORDS = 1200, CHILD_DATA = 8 << 20 };

/* Shared between the checker and the child that runs. */
typedef struct child_note {
  int ended;           /* 0: it did not come to its end; 1: it passed; 2: it failed */
  const char *calling; /* the plugin's function under way; NULL: none */
  int64_t item;        /* which of its data the test is at */
  int64_t tries;
  char why[CHILD_WORDS];
  size_t used; /* of data */
  unsigned char data[CHILD_DATA];
} child_note;

child_note *child_note_new(void);
void child_note_free(child_note *note);

/* Runs body in a child and waits for its end: 1 where it passed, 0 with note->why. Nothing in note->data is touched. */
int child_run(child_note *note, void (*body)(void *argument), void *argument);

/* ---- in a child ---- */

/* Ends the child: the test has failed. */
_Noreturn __attribute__((format(printf, 1, 2))) void child_fault(const char *format, ...);
/* Around each call of a plugin's function; rows: of its data, which buy it more time. */
void child_enter(const char *function, int64_t rows);
void child_leave(void);
child_note *child_own_note(void);

#endif
