/* Opens a socket while it is loaded: nobody who looks at a plugin for the first time means that. */
#include "eager.h"
#include <netinet/in.h>
#include <sys/socket.h>

__attribute__((constructor)) static void reach(void)
{
  socket(AF_INET, SOCK_STREAM, 0);
}

EAGER("opens_socket");
