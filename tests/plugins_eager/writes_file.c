/* Makes the file first_look in the working folder while it is loaded. */
#include "eager.h"
#include <fcntl.h>

__attribute__((constructor)) static void reach(void)
{
  (void)open("first_look", O_WRONLY | O_CREAT, 0600);
}

EAGER("writes_file");
