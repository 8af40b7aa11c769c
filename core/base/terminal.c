/* What text for people is written to. */
#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

uint32_t terminal_width(int descriptor)
{
  struct winsize size;
  return isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
