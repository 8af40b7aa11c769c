/* What text for people is written to. */
#ifndef TARAZU_BASE_TERMINAL_H
#define TARAZU_BASE_TERMINAL_H

#include <stdint.h>

/* How people are written for. */
typedef struct screen {
  int colour;     /* whether it shows colours */
  uint32_t width; /* in columns; 0: any */
} screen;

uint32_t terminal_width(int descriptor); /* in columns; 0: no terminal, or it does not tell */

#endif
