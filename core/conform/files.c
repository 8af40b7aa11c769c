#include "conform/conform.h"
void conform_files(conform_report *report, const tarazu_strategy *s, arena *memory)
{
  (void)report, (void)s, (void)memory;
}
